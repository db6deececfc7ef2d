"""Attention: each query takes the mean of the values, weighted by how well their keys match."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ... import random
from ...autograd import Array, record, unbroadcast
from ...chunks import in_pieces
from ...products import dot_rows
from ...reductions import soft_rows
from ...shapes import repeat_interleave

if TYPE_CHECKING:
    from ...tensors import Tensor


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, attn_mask: Tensor | None = None,
    dropout_p: float = 0.0, is_causal: bool = False, *, scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:  # fmt: skip
    """`softmax(query @ key.mT * scale + mask) @ value` as one step; scale is 1 / sqrt(d) if None.

    Shapes: (..., l, d), (..., s, d), (..., s, e) -> (..., l, e). A boolean mask says which places
    take part; a float mask is added. `is_causal` lets place i see places 0 to i alone. With
    `enable_gqa` the keys and values may have fewer heads (dimension -3) than the queries, each
    shared by as many queries.
    """
    if enable_gqa:
        key = repeat_interleave(key, query.size(-3) // key.size(-3), -3)
        value = repeat_interleave(value, query.size(-3) // value.size(-3), -3)
    q, k, v = query._array, key._array, value._array
    if q.shape[-1] != k.shape[-1] or k.shape[-2] != v.shape[-2]:
        raise RuntimeError(
            f"scaled_dot_product_attention: query {q.shape}, key {k.shape} and value {v.shape} do "
            "not fit: query and key need the same last size, key and value the same second to last"
        )
    if is_causal and attn_mask is not None:
        raise RuntimeError("scaled_dot_product_attention: give attn_mask or is_causal, not both")
    factor = q.dtype.type(1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    batch = np.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    places = (*batch, q.shape[-2], k.shape[-2])

    def rows(x: Array) -> Array:
        """With the whole batch's dimensions, of which there is at least one to go along."""
        full = np.broadcast_to(x, (*batch, *x.shape[-2:]))
        return full if batch else full[None]

    bias = _bias(attn_mask, is_causal, places, q)
    kept = np.asarray(1, q.dtype, like=q)
    if dropout_p > 0:
        kept = (random.draw("random", places, np.float32, like=q) >= dropout_p).astype(q.dtype)
        kept *= 1 / (1 - dropout_p)
    bias, kept = (rows(np.broadcast_to(x, places)) for x in (bias, kept))
    queries, keys, values = rows(q), rows(k), rows(v)
    weights = np.empty(bias.shape, q.dtype, like=q)
    out = np.empty((*weights.shape[:-1], v.shape[-1]), q.dtype, like=q)

    def forward(q: Array, k: Array, v: Array, bias: Array, kept: Array,
                w: Array, out: Array) -> None:  # fmt: skip
        np.matmul(q * factor, k.swapaxes(-1, -2), out=w)
        w += bias
        soft_rows(w, w.ndim - 1, out=w)
        if attn_mask is not None:
            w[np.isnan(w)] = 0  # a query that sees nothing gets zeros
        np.matmul(w * kept if dropout_p > 0 else w, v, out=out)

    in_pieces(forward, queries, keys, values, bias, kept, weights, out)
    parents: tuple[Tensor, ...] = (query, key, value)
    additive = None  # a mask of numbers, which may want a gradient
    if attn_mask is not None and attn_mask._array.dtype.kind == "f":
        additive = attn_mask._array
        parents = (*parents, attn_mask)

    def backward(g: Array) -> tuple:
        dq, dk, dv = np.empty_like(queries), np.empty_like(keys), np.empty_like(values)
        dw = np.empty_like(weights)

        def back(g: Array, q: Array, k: Array, v: Array, kept: Array, w: Array,
                 dw: Array, dq: Array, dk: Array, dv: Array) -> None:  # fmt: skip
            np.matmul((w * kept if dropout_p > 0 else w).swapaxes(-1, -2), g, out=dv)
            np.matmul(g, v.swapaxes(-1, -2), out=dw)
            if dropout_p > 0:
                dw *= kept
            dw -= dot_rows(dw, w)
            dw *= w
            np.matmul(dw, k, out=dq)
            np.matmul(dw.swapaxes(-1, -2), q, out=dk)
            dq *= factor
            dk *= factor

        g = g if batch else g[None]
        in_pieces(back, g, queries, keys, values, kept, weights, dw, dq, dk, dv)
        if not batch:
            dq, dk, dv, dw = dq[0], dk[0], dv[0], dw[0]
        sent = (unbroadcast(dq, q.shape), unbroadcast(dk, k.shape), unbroadcast(dv, v.shape))
        return sent if additive is None else (*sent, unbroadcast(dw, additive.shape))

    return record(out if batch else out[0], parents, backward, (query, key, value))


def _bias(mask: Tensor | None, is_causal: bool, places: tuple, q: Array) -> Array:
    """What is added to the scores: -inf where a query may not look."""
    if is_causal:
        return np.triu(np.full_like(q, -np.inf, shape=places[-2:]), 1)
    if mask is None:
        return np.zeros((), q.dtype, like=q)
    if mask._array.dtype.kind == "b":
        return np.where(mask._array, 0, -np.inf).astype(q.dtype)
    return mask._array
