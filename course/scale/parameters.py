"""Every parameter of a shape, part by part: the exact count, and what of it a token meets."""

from __future__ import annotations

from dataclasses import dataclass

from course.scale.shapes import Experts, Shape

GROUPS = {
    "embedding": "Token table",
    "positions": "Positions",
    "attention": "Attention",
    "feed-forward": "Feed-forward",
    "experts": "Experts",
    "norms": "Norms",
    "head": "Output head",
}


@dataclass(frozen=True)
class Part:
    """A kind of parameters: ``each`` of them, ``times`` times; a token meets ``active`` of each.

    multiplied: whether they are a matrix that each token is multiplied with (and not a bias, a
    norm or a row that is looked up).
    """

    name: str
    group: str
    each: int
    times: int
    active: int
    multiplied: bool

    @property
    def count(self) -> int:
        """All of them."""
        return self.each * self.times

    @property
    def active_count(self) -> int:
        """Those that a token meets."""
        return self.active * self.times


def parts(shape: Shape) -> tuple[Part, ...]:
    """Every part of the shape, from the table of tokens to the head; parts of size 0 left out."""
    width = shape.embedding_width or shape.hidden
    found = [
        _part("table of tokens", "embedding", shape.vocab * width, 1, multiplied=False),
        _part("positions", "positions", shape.learned_positions * shape.hidden, multiplied=False),
        *(_between(shape, width)),
        *_attention(shape),
        *_feed_forward(shape),
        _part(
            "norms of layers",
            "norms",
            shape.norms_per_layer * shape.norm_vectors * shape.hidden,
            shape.layers,
            multiplied=False,
        ),
        _part(
            "norms outside layers",
            "norms",
            shape.outer_norms * shape.norm_vectors * shape.hidden,
            multiplied=False,
        ),
    ]
    if not shape.tied:
        found.append(_part("output head", "head", shape.vocab * width))
    if shape.head_bias:
        found.append(_part("bias of the head", "head", shape.vocab, multiplied=False))
    return tuple(part for part in found if part.count)


def parameters(shape: Shape) -> int:
    """The exact number of parameters."""
    return sum(part.count for part in parts(shape))


def active_parameters(shape: Shape) -> int:
    """Those that one token meets: all of them, but of the experts only those it is sent to.

    The table of tokens and the head are counted in full, as the makers of models do.
    """
    return sum(part.active_count for part in parts(shape))


def by_group(shape: Shape) -> dict[str, int]:
    """Parameters by group, in the order of :data:`GROUPS`, none of size 0."""
    found = dict.fromkeys(GROUPS, 0)
    for part in parts(shape):
        found[part.group] += part.count
    return {group: count for group, count in found.items() if count}


def multiplied_parameters(shape: Shape) -> int:
    """Entries of the matrices that each token is multiplied with.

    A tied head is one of them: the table of tokens, used as a matrix.
    """
    inside = sum(part.active_count for part in parts(shape) if part.multiplied)
    width = shape.embedding_width or shape.hidden
    return inside + (shape.vocab * width if shape.tied else 0)


def _part(
    name: str,
    group: str,
    each: int,
    times: int = 1,
    *,
    active: int | None = None,
    multiplied: bool = True,
) -> Part:
    return Part(name, group, each, times, each if active is None else active, multiplied)


def _between(shape: Shape, width: int) -> list[Part]:
    if width == shape.hidden:
        return []
    return [_part("into and out of the hidden width", "embedding", width * shape.hidden, 2)]


def _attention(shape: Shape) -> list[Part]:
    n, hidden = shape.layers, shape.hidden
    found = _latent(shape) if shape.latent else _plain(shape)
    found.append(_part("attention's output", "attention", shape.value_width * hidden, n))
    if shape.out_bias:
        found.append(_part("bias of attention's output", "attention", hidden, n, multiplied=False))
    return found


def _plain(shape: Shape) -> list[Part]:
    n, q, kv = shape.layers, shape.query_width, shape.kv_heads * shape.head_dim
    found = [
        _part("queries", "attention", shape.hidden * q, n),
        _part("keys and values", "attention", shape.hidden * 2 * kv, n),
    ]
    if shape.qkv_bias:
        bias = _part(
            "biases of queries, keys, values", "attention", q + 2 * kv, n, multiplied=False
        )
        found.append(bias)
    if shape.qk_norm:
        size = 2 * shape.head_dim if shape.qk_norm == "head" else q + kv
        each = size * shape.norm_vectors
        found.append(_part("norms of queries and keys", "norms", each, n, multiplied=False))
    return found


def _latent(shape: Shape) -> list[Part]:
    latent, n, hidden, q = shape.latent, shape.layers, shape.hidden, shape.query_width
    assert latent is not None
    made = shape.heads * (shape.head_dim + latent.value)
    found = [
        _part("latent of keys and values", "attention", hidden * (latent.kv + latent.rope), n),
        _part("keys and values from it", "attention", latent.kv * made, n),
    ]
    if latent.query:
        found.append(_part("latent of queries", "attention", hidden * latent.query, n))
        found.append(_part("queries from it", "attention", latent.query * q, n))
    else:
        found.append(_part("queries", "attention", hidden * q, n))
    norms = latent.kv + latent.query
    found.append(_part("norms of the latents", "norms", norms, n, multiplied=False))
    if shape.qkv_bias:  # of the two matrices that make the latents
        bias = latent.kv + latent.rope + latent.query
        found.append(_part("biases of the latents", "attention", bias, n, multiplied=False))
    return found


def _feed_forward(shape: Shape) -> list[Part]:
    experts = shape.experts
    dense = experts.dense_layers if experts else shape.layers
    found = [_part("feed-forward matrices", "feed-forward", _matrices(shape, shape.ffn), dense)]
    if shape.mlp_bias:
        bias = shape.ffn * (2 if shape.gated else 1) + shape.hidden
        found.append(_part("feed-forward biases", "feed-forward", bias, dense, multiplied=False))
    if experts:
        found += _experts(shape, experts, shape.layers - dense)
    return found


def _experts(shape: Shape, experts: Experts, n: int) -> list[Part]:
    one = _matrices(shape, experts.width)
    router = shape.hidden * experts.count
    found = [
        _part("router", "experts", router, n),
        _part("routed experts", "experts", experts.count * one, n, active=experts.per_token * one),
        _part("shared expert", "experts", _matrices(shape, experts.shared_width), n),
    ]
    if experts.shared_gate:
        found.append(_part("gate of the shared expert", "experts", shape.hidden, n))
    if experts.router_bias:
        found.append(_part("balance of the router", "experts", experts.count, n, multiplied=False))
    return found


def _matrices(shape: Shape, width: int) -> int:
    return (3 if shape.gated else 2) * shape.hidden * width
