"""The shape of a language model: every number that decides how many parameters it has.

A decoder-only transformer of any of the kinds in use: dense or with experts, with heads that share
keys and values or a latent from which they are made, tied or not, with biases or without.
"""

from __future__ import annotations

from dataclasses import dataclass


class ShapeError(ValueError):
    """A shape contradicts itself, or a number in it is none that a model can have."""


@dataclass(frozen=True, kw_only=True)
class Experts:
    """A layer's feed-forward part as ``count`` small ones, of which each token uses ``per_token``.

    width: of each routed expert. shared_width: of the expert that every token uses, 0 for none;
    shared_gate: one more output decides how much of it. dense_layers: layers without experts.
    router_bias: one number an expert that balances their load.
    """

    count: int
    per_token: int
    width: int
    shared_width: int = 0
    shared_gate: bool = False
    dense_layers: int = 0
    router_bias: bool = False


@dataclass(frozen=True, kw_only=True)
class Latent:
    """Multi-head latent attention: keys and values are made from ``kv`` numbers a token.

    query: the same for queries, 0 where they are made directly. rope: numbers of a head that turn
    with the position, shared by all heads' keys. value: numbers of a head's value.
    """

    kv: int
    query: int
    rope: int
    value: int


@dataclass(frozen=True, kw_only=True)
class Shape:
    """A language model's shape; the defaults are those of the Llama family.

    ffn: width between the matrices of a feed-forward part, three of them where ``gated``, else
    two. norm_vectors: numbers a norm has for each of its inputs, 2 for LayerNorm, 1 for RMSNorm.
    qk_norm: "head" for a norm of each head's queries and keys, "width" for one of all heads
    together. outer_norms: norms outside the layers. learned_positions: rows of the table of
    positions. embedding_width: of the table of tokens where it is not ``hidden``, else 0. window:
    tokens that the ``windowed_layers`` see at most. With ``latent``, head_dim is the part of a
    head without rotary positions.

    Raises ShapeError, which names the numbers and what to do, for a shape that no model can have.
    """

    name: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn: int
    vocab: int
    gated: bool = True
    tied: bool = False
    qkv_bias: bool = False
    out_bias: bool = False
    mlp_bias: bool = False
    head_bias: bool = False
    norm_vectors: int = 1
    norms_per_layer: int = 2
    outer_norms: int = 1
    qk_norm: str = ""
    learned_positions: int = 0
    embedding_width: int = 0
    context: int = 0
    window: int = 0
    windowed_layers: int = 0
    experts: Experts | None = None
    latent: Latent | None = None

    def __post_init__(self) -> None:
        for name in ("layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "vocab"):
            self._least(name, getattr(self, name), 1)
        for name in ("norm_vectors", "norms_per_layer", "outer_norms", "learned_positions"):
            self._least(name, getattr(self, name), 0)
        if self.heads % self.kv_heads:
            raise ShapeError(
                f"{self.name}: {self.kv_heads} key-value heads do not divide {self.heads} heads; each of "
                f"them serves the same number of query heads, so kv_heads is one of {_divisors(self.heads)}"
            )
        if self.qk_norm not in ("", "head", "width"):
            raise ShapeError(
                f"{self.name}: qk_norm is {self.qk_norm!r}; expected head, width or nothing"
            )
        if self.windowed_layers > self.layers:
            raise ShapeError(
                f"{self.name}: {self.windowed_layers} layers have a window, but there are {self.layers}"
            )
        if self.experts:
            self._check_experts(self.experts)
        if self.latent:
            for name in ("kv", "rope", "value"):
                self._least(f"latent {name}", getattr(self.latent, name), 1)

    def _least(self, name: str, value: int, least: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ShapeError(
                f"{self.name}: {name} is {value!r}; expected a whole number, {least} or more"
            )

    def _check_experts(self, experts: Experts) -> None:
        for name in ("count", "per_token", "width"):
            self._least(f"experts' {name}", getattr(experts, name), 1)
        if experts.per_token > experts.count:
            raise ShapeError(
                f"{self.name}: a token would use {experts.per_token} experts of {experts.count}; lower "
                "per_token or raise count"
            )
        if not 0 <= experts.dense_layers < self.layers:
            raise ShapeError(
                f"{self.name}: {experts.dense_layers} of {self.layers} layers have no experts; at least "
                "one must have them, else leave the experts out"
            )

    @property
    def query_width(self) -> int:
        """Numbers in the queries of all heads of a token."""
        return self.heads * (self.head_dim + (self.latent.rope if self.latent else 0))

    @property
    def value_width(self) -> int:
        """Numbers in the values of all query heads: what goes into attention's last matrix."""
        return self.heads * (self.latent.value if self.latent else self.head_dim)


def _divisors(number: int) -> str:
    return ", ".join(str(n) for n in range(1, number + 1) if number % n == 0)
