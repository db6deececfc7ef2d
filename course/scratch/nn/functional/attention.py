"""Attention: each query takes the mean of the values, weighted by how well their keys match."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ... import random
from ...autograd import Array, record, unbroadcast
from ...reductions import soft_rows
from ...shapes import repeat_interleave

if TYPE_CHECKING:
    from ...tensors import Tensor


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
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
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    scores = (q * np.asarray(factor, q.dtype)) @ k.swapaxes(-1, -2)
    parents: tuple[Tensor, ...] = (query, key, value)
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError(
                "scaled_dot_product_attention: give attn_mask or is_causal, not both"
            )
        scores += np.triu(np.full(scores.shape[-2:], -np.inf, scores.dtype), 1)
    elif attn_mask is not None:
        mask = attn_mask._array
        if mask.dtype.kind == "b":
            scores = np.where(mask, scores, np.asarray(-np.inf, q.dtype))
        else:
            scores = scores + mask
            parents = (*parents, attn_mask)
    weights = soft_rows(scores, scores.ndim - 1)
    if attn_mask is not None:
        weights[np.isnan(weights)] = 0  # a query that sees nothing gets zeros
    dropped, kept = weights, None
    if dropout_p > 0:
        kept = (random.draw("random", weights.shape, np.float32) >= dropout_p).astype(weights.dtype)
        kept *= 1 / (1 - dropout_p)
        dropped = weights * kept

    def backward(g: Array) -> tuple:
        dv = unbroadcast(dropped.swapaxes(-1, -2) @ g, v.shape) if value.requires_grad else None
        d = g @ v.swapaxes(-1, -2)
        if kept is not None:
            d *= kept
        d -= np.vecdot(d, weights)[..., None]
        d *= weights
        dmask = unbroadcast(d, parents[3]._array.shape) if len(parents) == 4 else None
        if dmask is not None:
            dmask = dmask.copy()
        d *= np.asarray(factor, d.dtype)
        dq = unbroadcast(d @ k, q.shape) if query.requires_grad else None
        dk = unbroadcast(d.swapaxes(-1, -2) @ q, k.shape) if key.requires_grad else None
        return (dq, dk, dv, dmask) if len(parents) == 4 else (dq, dk, dv)

    return record(dropped @ v, parents, backward, (query, key, value))
