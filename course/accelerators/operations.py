"""Operations by their shapes: how much they compute, and how much goes to and from memory.

A multiplication and an addition are two floating-point operations. Each array moves once, as on a chip
whose fast memory holds what is in use; `tiling` shows what happens when it does not. What is not *fused*
is done in steps, each of which writes its result to memory for the next one to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from course.accelerators.precisions import bytes_of

_INDEX = 8  # bytes of a token's number, an int64


@dataclass(frozen=True)
class Operation:
    """``flops`` to compute, and the bytes of each array that moves, by its name."""

    name: str
    flops: float
    traffic: Mapping[str, float]
    precision: str = "fp32"

    @property
    def bytes(self) -> float:
        """All bytes, to and from memory."""
        return sum(self.traffic.values())

    @property
    def intensity(self) -> float:
        """Operations for each byte that moves."""
        return self.flops / self.bytes

    def resident(self, *names: str) -> Operation:
        """The same where the arrays of these names stay on the chip.

        Raises ValueError for a name that moves nothing, or if nothing would be left to move.
        """
        for name in names:
            if name not in self.traffic:
                raise ValueError(
                    f"{self.name} moves no {name!r}; it moves {', '.join(self.traffic)}"
                )
        left = {name: size for name, size in self.traffic.items() if name not in names}
        if not left:
            raise ValueError(f"{self.name}: at least one array must come from memory")
        return replace(self, traffic=left)

    def __add__(self, other: Operation) -> Operation:
        """One after the other; raises ValueError for two precisions, which have two peaks."""
        if self.precision != other.precision:
            raise ValueError(
                f"cannot add {other.precision} to {self.precision}: their peaks differ"
            )
        traffic = dict(self.traffic)
        for name, size in other.traffic.items():
            traffic[name] = traffic.get(name, 0) + size
        return replace(self, name=f"{self.name}, {other.name}", flops=self.flops + other.flops, traffic=traffic)  # fmt: skip


def matmul(m: int, k: int, n: int, precision: str = "fp32") -> Operation:
    """(m, k) @ (k, n); raises ValueError for a size below 1 or an unknown precision, as all here."""
    return batched_matmul(1, m, k, n, precision)


def batched_matmul(
    batch: int, m: int, k: int, n: int, precision: str = "fp32", *, shared: bool = False
) -> Operation:
    """(batch, m, k) @ (batch, k, n); with ``shared``, the same (k, n) for the whole batch."""
    check_sizes(batch=batch, m=m, k=k, n=n)
    size = bytes_of(precision)
    right = k * n * (1 if shared else batch)
    traffic = {"A": size * batch * m * k, "B": size * right, "result": size * batch * m * n}
    return Operation("matrix product", 2 * batch * m * k * n, traffic, precision)


def elementwise(
    count: int,
    precision: str = "fp32",
    *,
    inputs: int = 1,
    operations: int = 1,
    fused: bool = True,
) -> Operation:
    """``operations`` on each of ``count`` positions of ``inputs`` arrays, giving one array.

    inputs - 1 of the operations join two arrays, the others change one. Raises ValueError where
    there are too few operations to join the inputs.
    """
    check_sizes(count=count, inputs=inputs, operations=operations)
    if operations < inputs - 1:
        raise ValueError(
            f"{inputs} arrays need at least {inputs - 1} operations to become one, not {operations}"
        )
    one = bytes_of(precision) * count
    flops = operations * count
    if fused:
        return Operation("elementwise", flops, {"inputs": inputs * one, "result": one}, precision)
    # Each operation but the last writes an array that a later one reads.
    between = 2 * (operations - 1) * one
    traffic = {"inputs": inputs * one, "result": one, "between": between}
    return Operation("elementwise", flops, traffic, precision)


def reduction(rows: int, columns: int, precision: str = "fp32") -> Operation:
    """The sum of each row."""
    check_sizes(rows=rows, columns=columns)
    size = bytes_of(precision)
    traffic = {"input": size * rows * columns, "result": size * rows}
    return Operation("reduction", rows * (columns - 1), traffic, precision)


def convolution(
    batch: int,
    channels: int,
    filters: int,
    height: int,
    width: int,
    kernel: int,
    precision: str = "fp32",
    *,
    stride: int = 1,
    padding: int = 0,
    fused: bool = True,
) -> Operation:
    """(batch, channels, height, width) with ``filters`` square kernels; padding counts as numbers.

    Not fused: the patches under the kernel are first written out as a matrix (im2col). Raises
    ValueError too where the kernel is larger than the padded image.
    """
    check_sizes(batch=batch, channels=channels, filters=filters, height=height, width=width)
    check_sizes(kernel=kernel, stride=stride)
    if padding != int(padding) or padding < 0:
        raise ValueError(f"padding must be a whole number of 0 or more, not {padding}")
    if kernel > min(height, width) + 2 * padding:
        raise ValueError(
            f"a kernel of {kernel} does not fit an image of {height} by {width} with padding {padding}; "
            f"the largest that does is {min(height, width) + 2 * padding}"
        )
    down, across = ((side + 2 * padding - kernel) // stride + 1 for side in (height, width))
    places, depth = batch * down * across, channels * kernel * kernel
    size = bytes_of(precision)
    traffic = {
        "input": size * batch * channels * height * width,
        "weights": size * filters * depth,
        "result": size * filters * places,
    }
    if not fused:
        traffic["patches"] = 2 * size * places * depth
    return Operation("convolution", 2 * filters * places * depth, traffic, precision)


def attention(
    batch: int,
    heads: int,
    queries: int,
    keys: int,
    width: int,
    precision: str = "fp32",
    *,
    fused: bool = True,
    causal: bool = False,
) -> Operation:
    """softmax(Q Kᵀ / √width) V for each head; ``width`` is one head's.

    Six operations a score beside both products: scale, maximum, subtract, exponential, sum, divide.
    Not fused: the scores and the weights are written and read again. ``causal``: a query sees no later
    key (the last query sees all); fused code leaves those pairs out, other code computes and drops
    them. Raises ValueError too for a causal attention with more queries than keys.
    """
    check_sizes(batch=batch, heads=heads, queries=queries, keys=keys, width=width)
    if causal and queries > keys:
        raise ValueError(
            f"causal attention needs a key for each query: {queries} queries have {keys} keys"
        )
    every = queries * keys
    pairs = every - queries * (queries - 1) // 2 if causal and fused else every
    size, many = bytes_of(precision), batch * heads
    one = size * many * width
    traffic = {
        "queries": one * queries,
        "keys": one * keys,
        "values": one * keys,
        "result": one * queries,
    }
    if not fused:
        traffic["scores"] = traffic["weights"] = 2 * size * many * every
    return Operation("attention", many * pairs * (4 * width + 6), traffic, precision)


def embedding(tokens: int, width: int, precision: str = "fp32") -> Operation:
    """Look up a row of ``width`` numbers for each token: nothing is computed."""
    check_sizes(tokens=tokens, width=width)
    rows = bytes_of(precision) * tokens * width
    traffic = {"tokens": _INDEX * tokens, "rows": rows, "result": rows}
    return Operation("embedding", 0, traffic, precision)


def normalisation(
    rows: int, width: int, precision: str = "fp32", *, fused: bool = True
) -> Operation:
    """Layer normalisation of each row, with a weight and a bias.

    Seven operations a number (mean; subtract; square, mean; divide; weight; bias) and two a row (a
    small number added to the variance, and its root). Not fused: mean, centred numbers, spread,
    normalised and weighted numbers are each written and read again.
    """
    check_sizes(rows=rows, width=width)
    size = bytes_of(precision)
    every, one = size * rows * width, size * rows
    flops = rows * (7 * width + 2)
    traffic = {"input": every, "weight and bias": 2 * size * width, "result": every}
    if not fused:
        # The input is read twice; mean and spread are written and read; the centred numbers are
        # written once and read twice, the normalised and the weighted once each.
        traffic["between"] = every + 4 * one + 3 * every + 2 * every + 2 * every
    return Operation("normalisation", flops, traffic, precision)


def check_sizes(**sizes: float) -> None:
    """Raise ValueError, with the name and the nearest possible, for a size that is none."""
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int | float) or size != size // 1:
            raise ValueError(f"{name} must be a whole number of 1 or more, not {size!r}")
        if size < 1:
            raise ValueError(f"{name} must be 1 or more, not {size}; the nearest possible is 1")
