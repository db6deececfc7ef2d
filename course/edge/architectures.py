"""The published classifiers, written down so that their parameters and products can be counted.

Each function returns a Counter at the network's end. Sizes of the pictures are those at which the
published work was counted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache, partial

from course.edge.counting import Counter
from course.edge.mobile_architectures import (
    efficientnet,
    efficientnet_v2,
    mobilenet_v1,
    mobilenet_v2,
    mobilenet_v3_large,
    shufflenet_v2,
)

CLASSES = 1000


def resnet(
    blocks: tuple[int, ...], *, bottleneck: bool, groups: int = 1, width: int = 64
) -> Counter:
    """ResNet (He et al. 2016); ``groups`` and ``width`` a group make ResNeXt and Wide ResNet."""
    c = Counter()
    c.conv(64, 7, 2).pool(3, 2, 1)
    grown = 4 if bottleneck else 1
    for stage, count in enumerate(blocks):
        planes = 64 * 2**stage
        inner = planes * width // 64 * groups
        for block in range(count):
            stride = 2 if stage and not block else 1
            if stride > 1 or c.channels != planes * grown:
                with c.branch():
                    c.conv(planes * grown, 1, stride)
            if bottleneck:
                c.conv(inner).conv(inner, 3, stride, groups=groups).conv(planes * 4)
            else:
                c.conv(planes, 3, stride).conv(planes, 3)
    return c.average().linear(CLASSES)


def squeezenet(version: str) -> Counter:
    """SqueezeNet (Iandola et al. 2016): no normalization, biases instead."""
    first = version == "1_0"
    c = Counter()
    c.conv(96 if first else 64, 7 if first else 3, 2, 0, bias=True, norm=False)
    pools = (0, 3, 7) if first else (0, 2, 4)
    sizes = (16, 16, 32, 32, 48, 48, 64, 64)
    for number, squeeze in enumerate(sizes):
        if number in pools:
            c.pool(3, 2, ceil=True)
        c.conv(squeeze, bias=True, norm=False)
        with c.branch():
            c.conv(4 * squeeze, bias=True, norm=False)
        with c.branch():
            c.conv(4 * squeeze, 3, bias=True, norm=False)
        c.at(8 * squeeze)
    return c.conv(CLASSES, bias=True, norm=False).average()


_INCEPTIONS = (  # 1x1 | reduce, 3x3 | reduce, 5x5 (a 3x3 in torchvision) | pooled; None: pool
    (64, 96, 128, 16, 32, 32),
    (128, 128, 192, 32, 96, 64),
    (3, 2, 0),
    (192, 96, 208, 16, 48, 64),
    (160, 112, 224, 24, 64, 64),
    (128, 128, 256, 24, 64, 64),
    (112, 144, 288, 32, 64, 64),
    (256, 160, 320, 32, 128, 128),
    (2, 2, 0),
    (256, 160, 320, 32, 128, 128),
    (384, 192, 384, 48, 128, 128),
)


def googlenet() -> Counter:
    """GoogLeNet (Szegedy et al. 2015) with normalization, without the auxiliary heads."""
    c = Counter()
    c.conv(64, 7, 2).pool(3, 2, ceil=True).conv(64).conv(192, 3).pool(3, 2, ceil=True)
    for sizes in _INCEPTIONS:
        if len(sizes) == 3:
            c.pool(sizes[0], sizes[1], ceil=True)
            continue
        one, reduce3, three, reduce5, five, pooled = sizes
        _branches(
            c, [(one, 1)], [(reduce3, 1), (three, 3)], [(reduce5, 1), (five, 3)], [(pooled, 1)]
        )
    return c.average().linear(CLASSES)


Branch = list[tuple[int, int | tuple[int, int]]]


def _branches(c: Counter, *branches: Branch) -> None:
    """Chains of convolutions (channels, kernel) side by side, then concatenated."""
    total = 0
    for chain in branches:
        with c.branch():
            for out, kernel in chain:
                c.conv(out, kernel)
            total += c.channels
    c.at(total)


def inception_v3() -> Counter:
    """Inception v3 (Szegedy et al. 2016) on pictures of 299 pixels.

    The published number of parameters includes the auxiliary head that training uses; the published
    work does not. Both are counted as published: the head's layers count no products.
    """
    c = Counter(3, 299, 299)
    c.conv(32, 3, 2, 0).conv(32, 3, 1, 0).conv(64, 3).pool(3, 2).conv(80).conv(192, 3, 1, 0).pool(
        3, 2
    )
    for pooled in (32, 64, 64):
        _branches(c, [(64, 1)], [(48, 1), (64, 5)], [(64, 1), (96, 3), (96, 3)], [(pooled, 1)])
    _reduction(c, [(384, 3)], [(64, 1), (96, 3), (96, 3)])
    for n in (128, 160, 160, 192):
        long: Branch = [(n, 1), (n, (7, 1)), (n, (1, 7)), (n, (7, 1)), (192, (1, 7))]
        _branches(c, [(192, 1)], [(n, 1), (n, (1, 7)), (192, (7, 1))], long, [(192, 1)])
    with c.branch():
        start = len(c.layers)
        c.pool(5, 3).conv(128).conv(768, 5, 1, 0).average().linear(CLASSES)
        c.layers[start:] = [replace(layer, macs=0) for layer in c.layers[start:]]
    _reduction(c, [(192, 1), (320, 3)], [(192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3)])
    for _ in range(2):
        with c.branch():
            c.conv(320)
        for chain in ([(384, 1)], [(448, 1), (384, 3)]):
            with c.branch():
                for out, kernel in chain:
                    c.conv(out, kernel)
                for split in ((1, 3), (3, 1)):
                    with c.branch():
                        c.conv(384, split)
        with c.branch():
            c.conv(192)
        c.at(320 + 4 * 384 + 192)
    return c.average().linear(CLASSES)


def _reduction(c: Counter, *branches: Branch) -> None:
    """Chains whose last convolution halves the picture, beside a pooling."""
    total = c.channels
    for chain in branches:
        with c.branch():
            for out, kernel in chain[:-1]:
                c.conv(out, kernel)
            c.conv(chain[-1][0], 3, 2, 0)
            total += c.channels
    c.pool(3, 2).at(total)


_MAKERS: dict[str, Callable[[], Counter]] = {
    "MobileNet_V1": mobilenet_v1,
    "MobileNet_V2": mobilenet_v2,
    "MobileNet_V3_Large": mobilenet_v3_large,
    "ResNet18": partial(resnet, (2, 2, 2, 2), bottleneck=False),
    "ResNet34": partial(resnet, (3, 4, 6, 3), bottleneck=False),
    "ResNet50": partial(resnet, (3, 4, 6, 3), bottleneck=True),
    "ResNet101": partial(resnet, (3, 4, 23, 3), bottleneck=True),
    "ResNet152": partial(resnet, (3, 8, 36, 3), bottleneck=True),
    "ResNeXt50_32X4D": partial(resnet, (3, 4, 6, 3), bottleneck=True, groups=32, width=4),
    "ResNeXt101_32X8D": partial(resnet, (3, 4, 23, 3), bottleneck=True, groups=32, width=8),
    "ResNeXt101_64X4D": partial(resnet, (3, 4, 23, 3), bottleneck=True, groups=64, width=4),
    "Wide_ResNet50_2": partial(resnet, (3, 4, 6, 3), bottleneck=True, width=128),
    "SqueezeNet1_0": partial(squeezenet, "1_0"),
    "SqueezeNet1_1": partial(squeezenet, "1_1"),
    "GoogLeNet": googlenet,
    "Inception_V3": inception_v3,
    **{f"EfficientNet_B{n}": partial(efficientnet, n) for n in range(8)},
    **{f"EfficientNet_V2_{size}": partial(efficientnet_v2, size) for size in "SML"},
    **{f"ShuffleNet_V2_X{x}": partial(shufflenet_v2, x) for x in ("0_5", "1_0", "1_5", "2_0")},
}


@lru_cache
def architecture(name: str) -> Counter:
    """The counted network of that name; raises KeyError with the nearest names for an unknown one."""
    known = {key.lower(): key for key in _MAKERS}
    wanted = str(name).strip().lower()
    if wanted not in known:
        near = [known[n] for n in get_close_matches(wanted, known, 3, 0.4)]
        raise KeyError(
            f"no network {name!r} is described here; the nearest: {', '.join(near) or 'none'}"
        )
    return _MAKERS[known[wanted]]()


def names() -> tuple[str, ...]:
    """Every network that is described here."""
    return tuple(_MAKERS)
