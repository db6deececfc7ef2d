"""Parameters and multiply-accumulates of a network, counted layer by layer.

A Counter walks down a network: each call adds a layer and moves to its output's size. What has no
weights and no products (activations, additions) counts nothing, as in the published tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Counted:
    """One layer: its output (channels, height, width), its parameters and products, numbers it reads."""

    layer: str
    shape: tuple[int, int, int]
    parameters: int
    macs: int
    reads: int


@dataclass
class Counter:
    """The place in the network (channels, height, width) and the layers so far."""

    channels: int = 3
    height: int = 224
    width: int = 224
    layers: list[Counted] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        """Trainable numbers: weights, biases, scales and shifts of normalizations."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one input; an operation count (FLOPs) is twice this."""
        return sum(layer.macs for layer in self.layers)

    @property
    def peak_activations(self) -> int:
        """Numbers alive at once, at least: a layer's input and output, where these are largest.

        What else is kept meanwhile, such as the input of a residual block, comes on top.
        """
        return max(x.reads + x.shape[0] * x.shape[1] * x.shape[2] for x in self.layers)

    def conv(
        self,
        out: int,
        kernel: int | tuple[int, int] = 1,
        stride: int = 1,
        padding: int | tuple[int, int] | None = None,
        *,
        groups: int = 1,
        bias: bool = False,
        norm: bool = True,
    ) -> Counter:
        """A convolution, and its batch normalization; by default padded to keep the size.

        Raises ValueError where groups do not divide the channels or nothing of the picture is left.
        """
        kh, kw = kernel if isinstance(kernel, tuple) else (kernel, kernel)
        pad = padding if padding is not None else (kh // 2, kw // 2)
        ph, pw = pad if isinstance(pad, tuple) else (pad, pad)
        if self.channels % groups or out % groups:
            raise ValueError(f"{groups} groups do not divide {self.channels} channels into {out}")
        before, reads = self.channels, self.channels * self.height * self.width
        self.height = (self.height + 2 * ph - kh) // stride + 1
        self.width = (self.width + 2 * pw - kw) // stride + 1
        self._need_room()
        weights = kh * kw * (before // groups) * out
        extra = (out if bias else 0) + (2 * out if norm else 0)
        self.channels = out
        self._add("conv", weights + extra, weights * self.height * self.width, reads)
        return self

    def depthwise(self, kernel: int, stride: int = 1) -> Counter:
        """A convolution of each channel by itself."""
        return self.conv(self.channels, kernel, stride, groups=self.channels)

    def pool(self, kernel: int, stride: int, padding: int = 0, *, ceil: bool = False) -> Counter:
        """Pooling: a smaller picture, no parameters. ``ceil`` rounds the size up."""
        up = stride - 1 if ceil else 0

        def smaller(size: int) -> int:
            out = (size + 2 * padding - kernel + up) // stride + 1
            # A window may not begin in the padding behind the picture.
            return out - (ceil and (out - 1) * stride >= size + padding)

        self.height, self.width = smaller(self.height), smaller(self.width)
        self._need_room()
        return self

    def average(self) -> Counter:
        """Average over the whole picture."""
        self.height = self.width = 1
        return self

    def linear(self, out: int, *, bias: bool = True) -> Counter:
        """A linear layer on all that there is."""
        inputs = self.channels * self.height * self.width
        self.channels, self.height, self.width = out, 1, 1
        self._add("linear", inputs * out + (out if bias else 0), inputs * out, inputs)
        return self

    def squeeze_excite(self, hidden: int) -> Counter:
        """A small network on the channels' means, which scales the channels."""
        with self.branch():
            channels = self.channels
            self.average().conv(hidden, bias=True, norm=False)
            self.conv(channels, bias=True, norm=False)
        return self

    @contextmanager
    def branch(self) -> Iterator[Counter]:
        """Layers beside the main path: afterwards the place is again what it was."""
        place = self.channels, self.height, self.width
        yield self
        self.channels, self.height, self.width = place

    def at(self, channels: int) -> Counter:
        """Go on with this many channels: after a split or a concatenation."""
        self.channels = channels
        return self

    def _need_room(self) -> None:
        if self.height < 1 or self.width < 1:
            raise ValueError("the picture is too small for this network: nothing of it is left")

    def _add(self, layer: str, parameters: int, macs: int, reads: int) -> None:
        shape = (self.channels, self.height, self.width)
        self.layers.append(Counted(layer, shape, parameters, macs, reads))
