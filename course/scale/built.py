"""A shape built as modules, by either engine, and its parameters counted there.

PyTorch can build on the device "meta": modules with all their shapes and no memory, so that even the
largest models are counted in seconds. Each module is made as an author of a model would make it; the
formulas of `course.scale.parameters` are not used.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from course.scale.parameters import parameters
from course.scale.published import model
from course.scale.shapes import Shape

LITTLE = Shape(
    name="a little one",
    layers=2,
    hidden=64,
    heads=8,
    kv_heads=2,
    head_dim=8,
    ffn=160,
    vocab=256,
)


def layer(nn: Any, shape: Shape) -> Any:
    """One layer's modules from an engine's ``nn``: attention, feed-forward part, norms.

    Raises ValueError for attention with a latent, or layers of different kinds.
    """
    if shape.latent or (shape.experts and shape.experts.dense_layers):
        raise ValueError(
            f"{shape.name} has a latent or layers of two kinds, which are not built here"
        )
    kv = shape.kv_heads * shape.head_dim
    made = [
        nn.Linear(shape.hidden, shape.query_width, bias=shape.qkv_bias),
        nn.Linear(shape.hidden, kv, bias=shape.qkv_bias),
        nn.Linear(shape.hidden, kv, bias=shape.qkv_bias),
        nn.Linear(shape.value_width, shape.hidden, bias=shape.out_bias),
    ]
    made += [_norm(nn, shape, shape.hidden) for _ in range(shape.norms_per_layer)]
    if shape.qk_norm:
        sizes = (shape.head_dim,) * 2 if shape.qk_norm == "head" else (shape.query_width, kv)
        made += [_norm(nn, shape, size) for size in sizes]
    experts = shape.experts
    if experts is None:
        return nn.ModuleList(made + _feed_forward(nn, shape, shape.ffn))
    made.append(nn.Linear(shape.hidden, experts.count, bias=False))
    for _ in range(experts.count):
        made += _feed_forward(nn, shape, experts.width)
    return nn.ModuleList(made)


def whole(nn: Any, shape: Shape) -> Any:
    """All modules of the shape from an engine's ``nn``, the head only where it is not tied."""
    made = [nn.Embedding(shape.vocab, shape.hidden)]
    if shape.learned_positions:
        made.append(nn.Embedding(shape.learned_positions, shape.hidden))
    made += [layer(nn, shape) for _ in range(shape.layers)]
    made += [_norm(nn, shape, shape.hidden) for _ in range(shape.outer_norms)]
    if not shape.tied:
        made.append(nn.Linear(shape.hidden, shape.vocab, bias=shape.head_bias))
    return nn.ModuleList(made)


def _norm(nn: Any, shape: Shape, size: int) -> Any:
    return nn.LayerNorm(size) if shape.norm_vectors == 2 else nn.RMSNorm(size)


def _feed_forward(nn: Any, shape: Shape, width: int) -> list[Any]:
    inward = [nn.Linear(shape.hidden, width, bias=shape.mlp_bias) for _ in range(1 + shape.gated)]
    return [*inward, nn.Linear(width, shape.hidden, bias=shape.mlp_bias)]


@dataclass(frozen=True)
class Counted:
    """Parameters by formula and as built; ``scratch`` is None where it was not built there."""

    rows: tuple[tuple[str, int, int | None, int, float], ...]

    @property
    def difference(self) -> int:
        """The largest difference between a formula and a count."""
        return max(
            abs(formula - count)
            for _, formula, mine, theirs, _ in self.rows
            for count in (mine, theirs)
            if count is not None
        )

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (name, f"{a:,}", "not built" if b is None else f"{b:,}", f"{c:,}", f"{s:.2f} s")
            for name, a, b, c, s in self.rows
        ]

    def __str__(self) -> str:
        lines = [_HEAD, *self._cells()]
        text = [f"{a:22}{b:>18}{c:>18}{d:>20}{e:>12}" for a, b, c, d, e in lines]
        return "\n".join([*text, f"largest difference: {self.difference}"])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in _HEAD)
        rows = "".join(
            f'<tr><th scope="row">{escape(name)}</th>'
            + "".join(f"<td>{c}</td>" for c in cells)
            + "</tr>"
            for name, *cells in self._cells()
        )
        return f"<table><caption>Parameters; largest difference: {self.difference}</caption><tr>{head}</tr>{rows}</table>"


_HEAD = ("", "by formula", "course.scratch", "PyTorch, no memory", "time there")


def counted_in_both(
    names: Sequence[str] = ("GPT-2 small", "Llama-3-8B", "Mixtral-8x7B-v0.1"),
) -> Counted:
    """Build a little model in both engines, published ones in PyTorch without memory, and count.

    Raises KeyError for a name that is no published model.
    """
    import torch

    from course.scratch import nn

    rows = []
    for shape in (LITTLE, *map(model, names)):
        start = time.perf_counter()
        with torch.device("meta"):
            theirs = sum(p.numel() for p in whole(torch.nn, shape).parameters())
        seconds = time.perf_counter() - start
        mine = None
        if shape is LITTLE:
            mine = sum(p.numel() for p in whole(nn, shape).parameters())
        rows.append((shape.name, parameters(shape), mine, theirs, seconds))
    return Counted(tuple(rows))
