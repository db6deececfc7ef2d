"""MobileNets, EfficientNets and ShuffleNets, written down to be counted."""

from __future__ import annotations

import math

from course.edge import given
from course.edge.counting import Counter

CLASSES = 1000


def rounded(channels: float, divisor: int = 8) -> int:
    """The nearest multiple of ``divisor``, never more than a tenth smaller (the papers' rule)."""
    found = max(divisor, int(channels + divisor / 2) // divisor * divisor)
    return found + divisor if found < 0.9 * channels else found


def mobilenet_v1(multiplier: float = 1.0, side: int = 224, classes: int = CLASSES) -> Counter:
    """MobileNet (Howard et al. 2017): depthwise, then 1x1. Raises ValueError for no channels."""
    given.number(multiplier, "multiplier", "be above 0, for example 0.5", lambda v: v > 0)
    given.count(side, "side")
    plan = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5)
    c = Counter(3, side, side)
    c.conv(int(32 * multiplier), 3, 2)
    for out, stride in (*plan, (1024, 2), (1024, 1)):
        c.depthwise(3, stride).conv(int(out * multiplier))
    return c.average().linear(classes)


def inverted(
    c: Counter, out: int, kernel: int, stride: int, hidden: int, *, squeeze: int = 0
) -> None:
    """A block that widens, filters each channel by itself, and narrows (Sandler et al. 2018)."""
    if hidden != c.channels:
        c.conv(hidden)
    c.depthwise(kernel, stride)
    if squeeze:
        c.squeeze_excite(squeeze)
    c.conv(out)


def mobilenet_v2() -> Counter:
    """MobileNetV2."""
    c = Counter()
    c.conv(32, 3, 2)
    for expand, out, count, stride in (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    ):
        for block in range(count):
            inverted(c, out, 3, 1 if block else stride, c.channels * expand)
    return c.conv(1280).average().linear(CLASSES)


def mobilenet_v3_large() -> Counter:
    """MobileNetV3 Large (Howard et al. 2019)."""
    c = Counter()
    c.conv(16, 3, 2)
    for kernel, hidden, out, squeeze, stride in (
        (3, 16, 16, False, 1),
        (3, 64, 24, False, 2),
        (3, 72, 24, False, 1),
        (5, 72, 40, True, 2),
        (5, 120, 40, True, 1),
        (5, 120, 40, True, 1),
        (3, 240, 80, False, 2),
        (3, 200, 80, False, 1),
        (3, 184, 80, False, 1),
        (3, 184, 80, False, 1),
        (3, 480, 112, True, 1),
        (3, 672, 112, True, 1),
        (5, 672, 160, True, 2),
        (5, 960, 160, True, 1),
        (5, 960, 160, True, 1),
    ):
        inverted(c, out, kernel, stride, hidden, squeeze=rounded(hidden / 4) if squeeze else 0)
    return c.conv(960).average().linear(1280).linear(CLASSES)


_EFFICIENT = (  # expand, kernel, stride, channels, blocks of B0
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
# Width, depth, and side of the pictures at which torchvision counted the work of B0 to B7.
_COMPOUND = (
    (1.0, 1.0, 224),
    (1.0, 1.1, 240),
    (1.1, 1.2, 288),
    (1.2, 1.4, 300),
    (1.4, 1.8, 380),
    (1.6, 2.2, 456),
    (1.8, 2.6, 528),
    (2.0, 3.1, 600),
)


def efficientnet(size: int) -> Counter:
    """EfficientNet B0 to B7 (Tan and Le 2019): wider, deeper and larger pictures together."""
    width, depth, side = _COMPOUND[size]
    c = Counter(3, side, side)
    c.conv(rounded(32 * width), 3, 2)
    for expand, kernel, stride, out, count in _EFFICIENT:
        for block in range(math.ceil(count * depth)):
            before = c.channels
            hidden = rounded(before * expand)
            step = 1 if block else stride
            inverted(c, rounded(out * width), kernel, step, hidden, squeeze=max(1, before // 4))
    return c.conv(4 * c.channels).average().linear(CLASSES)


_V2 = {  # fused or not, expand, stride, channels, blocks; the first row's input channels are the stem's
    "S": (
        384,
        (True, 1, 1, 24, 2),
        (True, 4, 2, 48, 4),
        (True, 4, 2, 64, 4),
        (False, 4, 2, 128, 6),
        (False, 6, 1, 160, 9),
        (False, 6, 2, 256, 15),
    ),
    "M": (
        480,
        (True, 1, 1, 24, 3),
        (True, 4, 2, 48, 5),
        (True, 4, 2, 80, 5),
        (False, 4, 2, 160, 7),
        (False, 6, 1, 176, 14),
        (False, 6, 2, 304, 18),
        (False, 6, 1, 512, 5),
    ),
    "L": (
        480,
        (True, 1, 1, 32, 4),
        (True, 4, 2, 64, 7),
        (True, 4, 2, 96, 7),
        (False, 4, 2, 192, 10),
        (False, 6, 1, 224, 19),
        (False, 6, 2, 384, 25),
        (False, 6, 1, 640, 7),
    ),
}


def efficientnet_v2(size: str) -> Counter:
    """EfficientNetV2 S, M or L (Tan and Le 2021): ordinary convolutions in the early stages."""
    side, *stages = _V2[size]
    assert isinstance(side, int)
    c = Counter(3, side, side)
    c.conv(stages[0][3], 3, 2)  # type: ignore[index]
    for fused, expand, stride, out, count in stages:  # type: ignore[misc]
        for block in range(count):
            step, before = (1 if block else stride), c.channels
            if not fused:
                inverted(c, out, 3, step, before * expand, squeeze=max(1, before // 4))
            elif expand == 1:
                c.conv(out, 3, step)
            else:
                c.conv(before * expand, 3, step).conv(out)
    return c.conv(1280).average().linear(CLASSES)


_SHUFFLE = {
    "0_5": (48, 96, 192, 1024),
    "1_0": (116, 232, 464, 1024),
    "1_5": (176, 352, 704, 1024),
    "2_0": (244, 488, 976, 2048),
}


def shufflenet_v2(multiplier: str) -> Counter:
    """ShuffleNet V2 (Ma et al. 2018): half of the channels passes by untouched."""
    *stages, last = _SHUFFLE[multiplier]
    c = Counter()
    c.conv(24, 3, 2).pool(3, 2, 1)
    for out, count in zip(stages, (4, 8, 4), strict=True):
        half = out // 2
        with c.branch():
            c.depthwise(3, 2).conv(half)
        c.conv(half).depthwise(3, 2).conv(half).at(out)
        for _ in range(count - 1):
            c.at(half).conv(half).depthwise(3).conv(half).at(out)
    return c.conv(last).average().linear(CLASSES)
