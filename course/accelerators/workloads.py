"""Operations that networks are made of, each as a function of a batch and a width, for any chip's roofline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from course.accelerators import operations as ops
from course.accelerators.operations import Operation
from course.accelerators.roofline import Place, Roof
from course.facts.chips import Chip, chip, chips

HEAD = 128  # width of an attention head
TOKENS = 2048  # of a sequence
SIDE = 28  # of an image


@dataclass(frozen=True)
class Workload:
    """``make(batch, width, precision, fused)`` gives the operation; ``fuses``: whether fused matters.

    counts: what the batch counts. shape: the shapes in words, with {batch}, {width} and {heads}.
    """

    label: str
    counts: str
    shape: str
    make: Callable[[int, int, str, bool], Operation]
    fuses: bool = False

    def shapes(self, batch: int, width: int) -> str:
        """The shapes in words."""
        return self.shape.format(batch=f"{batch:,}", width=f"{width:,}", heads=heads(width))


def heads(width: int) -> int:
    """How many attention heads a width has."""
    return max(1, round(width / HEAD))


WORKLOADS: dict[str, Workload] = {
    "matmul": Workload(
        "Matrix product",
        "rows",
        "({batch}, {width}) @ ({width}, {width})",
        lambda b, w, p, f: ops.matmul(b, w, w, p),
    ),
    "batched": Workload(
        "Batched matrix product",
        "pairs of matrices",
        "{batch} times (128, {width}) @ ({width}, 128)",
        lambda b, w, p, f: ops.batched_matmul(b, HEAD, w, HEAD, p),
    ),
    "elementwise": Workload(
        "Elementwise: max(a x + b + y, 0)",
        "rows",
        "two arrays of ({batch}, {width})",
        lambda b, w, p, f: ops.elementwise(b * w, p, inputs=2, operations=4, fused=f),
        fuses=True,
    ),
    "reduction": Workload(
        "Sum of each row",
        "rows",
        "({batch}, {width})",
        lambda b, w, p, f: ops.reduction(b, w, p),
    ),
    "convolution": Workload(
        "Convolution, 3 by 3",
        "images",
        "{batch} images of 28 by 28, {width} channels in and out",
        lambda b, w, p, f: ops.convolution(b, w, w, SIDE, SIDE, 3, p, padding=1, fused=f),
        fuses=True,
    ),
    "attention": Workload(
        "Attention over 2,048 tokens",
        "sequences",
        "{batch} sequences, {heads} heads of width 128, causal",
        lambda b, w, p, f: ops.attention(
            b, heads(w), TOKENS, TOKENS, HEAD, p, fused=f, causal=True
        ),
        fuses=True,
    ),
    "token": Workload(
        "Attention of one new token",
        "sequences",
        "{batch} sequences, {heads} heads of width 128, each with 1 query and 2,048 keys",
        lambda b, w, p, f: ops.attention(b, heads(w), 1, TOKENS, HEAD, p, fused=f),
        fuses=True,
    ),
    "embedding": Workload(
        "Embedding (a lookup)",
        "tokens",
        "{batch} rows of {width}",
        lambda b, w, p, f: ops.embedding(b, w, p),
    ),
    "normalisation": Workload(
        "Layer normalisation",
        "rows",
        "({batch}, {width})",
        lambda b, w, p, f: ops.normalisation(b, w, p, fused=f),
        fuses=True,
    ),
}


def placeable(name: str) -> Chip:
    """The chip of that name, where it has a roofline.

    Raises ValueError with the nearest names for an unknown chip, and in words where the chip's
    bandwidth or every dense peak is unpublished.
    """
    try:
        found = chip(name)
    except KeyError as unknown:
        raise ValueError(str(unknown.args[0])) from None
    if not found.peaks:
        raise ValueError(f"{found.name} has no published dense peak, so that it has no roofline")
    _ = found.bandwidth
    return found


def named() -> dict[str, str]:
    """Every chip that has a roofline, by kind and then as the table has them."""
    every = sorted((c for c in chips() if c.placeable), key=lambda c: (c.kind, c.year or 0))
    return {c.name: f"{c.kind}: {c.name}" for c in every}


def roofs(found: Chip) -> dict[str, Roof]:
    """The chip's roof in each precision that it has a dense peak for."""
    return {p: Roof(f"{found.name}, {p.upper()}", peak, found.bandwidth) for p, peak in found.peaks.items()}  # fmt: skip


def nearest_precision(found: Chip, wanted: str) -> str:
    """``wanted`` where the chip has a dense peak for it, else the one with the nearest size."""
    if wanted in found.peaks:
        return wanted
    aim = ops.bytes_of(wanted)
    return min(found.peaks, key=lambda p: (abs(ops.bytes_of(p) - aim), p))


def path(
    work: Workload, width: int, precision: str, fused: bool, roof: Roof, batches: Sequence[int]
) -> list[Place]:
    """The operation under a roof for each of ``batches``."""
    return [roof.place(work.make(b, width, precision, fused)) for b in batches]
