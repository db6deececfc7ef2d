"""Attention as a layer, and a layer of the Transformer's encoder built from it (Vaswani et al. 2017)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ... import creation
from ...arithmetic import where
from ...tensors import Tensor
from .. import functional as F
from .. import init
from ..parameter import Parameter
from .layers import Dropout, Linear
from .module import Module
from .normalization import LayerNorm


class MultiheadAttention(Module):
    """Several attentions side by side, each on its share of the features.

    `in_proj_weight` holds the weights of queries, keys and values on top of each other. Left out:
    `add_bias_kv`, `add_zero_attn`, `kdim`, `vdim`.
    """

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, *,
        batch_first: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if embed_dim < 1 or num_heads < 1 or embed_dim % num_heads:
            raise ValueError(
                f"MultiheadAttention: embed_dim {embed_dim} must be a multiple of num_heads "
                f"{num_heads}, and both at least 1"
            )
        self.embed_dim, self.num_heads, self.head_dim = embed_dim, num_heads, embed_dim // num_heads
        self.dropout, self.batch_first = dropout, batch_first
        weight = Parameter(creation.empty(3 * embed_dim, embed_dim))
        self.in_proj_weight = init.xavier_uniform_(weight)
        in_bias = Parameter(creation.zeros(3 * embed_dim)) if bias else None
        self.register_parameter("in_proj_bias", in_bias)
        self.out_proj = Linear(embed_dim, embed_dim, bias)
        if bias:
            init.zeros_(self.out_proj.bias)
        self.to(device=device, dtype=dtype)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Tensor | None = None,
        need_weights: bool = True, attn_mask: Tensor | None = None,
        average_attn_weights: bool = True, is_causal: bool = False,
    ) -> tuple[Tensor, Tensor | None]:  # fmt: skip
        """What the queries find, and (with `need_weights`) how much each looked at each key.

        Shapes: (l, n, e), (s, n, e), (s, n, e), or (n, l, e), ... with `batch_first`, or without n
        -> the query's shape, and (n, l, s), or (n, heads, l, s) unless `average_attn_weights`.
        Masks: (l, s) or (n * heads, l, s), and (n, s) for padding. In boolean ones True means "do
        not look", the reverse of `scaled_dot_product_attention`; float ones are added.
        `is_causal` says that `attn_mask` is the causal one, which saves time.
        """
        if query.ndim not in (2, 3) or not query.ndim == key.ndim == value.ndim:
            raise RuntimeError(
                "MultiheadAttention: query, key and value need 3 dimensions, or 2 without a batch; "
                f"got shapes {query.shape}, {key.shape} and {value.shape}"
            )
        if is_causal and attn_mask is None:
            raise RuntimeError("MultiheadAttention: is_causal=True says of attn_mask that it is "
                               "causal: give attn_mask too")  # fmt: skip
        batched = query.ndim == 3
        q, k, v = (self._heads(x) for x in self._project(query, key, value))
        causal = is_causal and key_padding_mask is None and not need_weights
        mask = None if causal else self._mask(q, k, attn_mask, key_padding_mask)
        share = self.dropout if self.training else 0.0
        weights = None
        if need_weights:
            scores = (q * (1 / math.sqrt(self.head_dim))) @ k.mT
            weights = F.dropout((scores if mask is None else scores + mask).softmax(-1), share)
            found = weights @ v
            weights = weights.mean(1) if average_attn_weights else weights
            weights = weights if batched else weights.squeeze(0)
        else:
            found = F.scaled_dot_product_attention(q, k, v, mask, share, causal)
        found = found.transpose(1, 2).flatten(2)
        if not batched:
            found = found.squeeze(0)
        elif not self.batch_first:
            found = found.transpose(0, 1)
        return self.out_proj(found), weights

    def _project(self, query: Tensor, key: Tensor, value: Tensor) -> tuple[Tensor, ...]:
        weight, bias = self.in_proj_weight, self.in_proj_bias
        if query is key and key is value:  # one product instead of three
            return F.linear(query, weight, bias).chunk(3, -1)
        biases = (None, None, None) if bias is None else bias.chunk(3)
        given = zip((query, key, value), weight.chunk(3), biases, strict=True)
        return tuple(F.linear(x, w, b) for x, w, b in given)

    def _heads(self, x: Tensor) -> Tensor:
        """(n, heads, length, head_dim)"""
        if x.ndim == 2:
            x = x.unsqueeze(0)
        elif not self.batch_first:
            x = x.transpose(0, 1)
        return x.unflatten(-1, (self.num_heads, self.head_dim)).transpose(1, 2)

    def _mask(
        self, q: Tensor, k: Tensor, attn_mask: Tensor | None, key_padding_mask: Tensor | None
    ) -> Tensor | None:
        """Both masks as one to be added, which broadcasts to (n, heads, l, s)."""
        n, heads, rows, columns = *q.shape[:3], k.shape[2]
        whole, each = (rows, columns), (n * heads, rows, columns)
        mask = None
        if attn_mask is not None:
            mask = _added("attn_mask", attn_mask, q, whole, each)
            mask = mask.reshape(n, heads, *whole) if mask.ndim == 3 else mask
        if key_padding_mask is not None:
            lacking = ((columns,),) if n == 1 else ()  # without a batch
            padding = _added("key_padding_mask", key_padding_mask, q, (n, columns), *lacking)
            padding = padding.reshape(n, 1, 1, columns)
            mask = padding if mask is None else mask + padding
        return mask


def _added(name: str, mask: Tensor, like: Tensor, *shapes: tuple[int, ...]) -> Tensor:
    """A mask of one of these shapes as numbers to add: -inf where a boolean one is true."""
    if mask.shape not in shapes:
        known = " or ".join(map(str, shapes))
        raise RuntimeError(
            f"MultiheadAttention: {name} has shape {tuple(mask.shape)}; it must be {known}"
        )
    if mask.is_floating_point():
        return mask
    if mask._array.dtype.kind != "b":
        raise RuntimeError(f"{name} must be boolean or floating point, got {mask.dtype}")
    zero, barred = (
        creation.full((), x, dtype=like.dtype, device=like.device) for x in (0.0, -np.inf)
    )
    return where(mask, barred, zero)


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"relu": F.relu, "gelu": F.gelu}


class TransformerEncoderLayer(Module):
    """Self-attention and two linear layers, each with a sum around it and a LayerNorm.

    The norms come after the sums, or with `norm_first` before attention and linear layers.
    """

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Callable[[Tensor], Tensor] = F.relu, layer_norm_eps: float = 1e-5,
        batch_first: bool = False, norm_first: bool = False, bias: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        if isinstance(activation, str) and activation not in _ACTIVATIONS:
            raise RuntimeError(f"activation should be relu/gelu, not {activation}")
        self.activation = _ACTIVATIONS[activation] if isinstance(activation, str) else activation
        self.norm_first = norm_first
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first)
        self.linear1 = Linear(d_model, dim_feedforward, bias)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias)
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias)
        self.dropout1, self.dropout2 = Dropout(dropout), Dropout(dropout)
        self.to(device=device, dtype=dtype)

    def forward(
        self, src: Tensor, src_mask: Tensor | None = None,
        src_key_padding_mask: Tensor | None = None, is_causal: bool = False,
    ) -> Tensor:  # fmt: skip
        """`src` after this layer, in its shape; for the masks see `MultiheadAttention`."""

        def attend(x: Tensor) -> Tensor:
            found, _ = self.self_attn(
                x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal
            )
            return self.dropout1(found)

        def feed(x: Tensor) -> Tensor:
            return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))

        if self.norm_first:
            x = src + attend(self.norm1(src))
            return x + feed(self.norm2(x))
        x = self.norm1(src + attend(src))
        return self.norm2(x + feed(x))
