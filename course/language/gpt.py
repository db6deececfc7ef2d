"""A GPT written once for both engines; GPT-2's and Llama's kinds are settings of it.

Sources: Radford et al. 2019 (GPT-2); Touvron et al. 2023 (Llama); Su et al. 2021 (rotary positions);
Zhang and Sennrich 2019 (RMSNorm); Shazeer 2020 (SwiGLU); Ainslie et al. 2023 (grouped queries).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


@dataclass(frozen=True)
class Config:
    """The sizes and kinds that make a GPT.

    vocabulary: tokens it knows. context: the most tokens it sees at once. width: numbers a token.
    heads: of the queries. groups: heads of keys and values, `heads` if None; fewer are shared.
    hidden: width inside the feed-forward part, 4 times `width` if None.
    positions: a learned vector for each place, or rotary, which turns queries and keys.
    tied: whether tokens are read and written with the same vectors.
    Raises ValueError where these contradict each other.
    """

    vocabulary: int
    context: int = 64
    layers: int = 4
    heads: int = 4
    width: int = 128
    groups: int | None = None
    hidden: int | None = None
    positions: Literal["learned", "rotary"] = "learned"
    norm: Literal["layer", "rms"] = "layer"
    feedforward: Literal["gelu", "swiglu"] = "gelu"
    bias: bool = True
    tied: bool = True
    rotary_base: float = 10_000.0
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("vocabulary", "context", "layers", "heads", "width", "groups", "hidden"):
            value = getattr(self, name)
            if value is None and name in ("groups", "hidden"):
                continue
            if isinstance(value, bool) or not isinstance(value, int) or value < (name != "groups"):
                raise ValueError(f"{name} must be a whole number, 1 or more, got {value!r}.")
        _divides("width", self.width, "heads", self.heads)
        if self.groups is not None:
            _divides("heads", self.heads, "groups", self.groups)
        if self.positions == "rotary" and self.size % 2:
            raise ValueError(
                f"Rotary positions turn pairs of numbers, but a head has {self.size} (width "
                f"{self.width} / heads {self.heads}): choose them so that the quotient is even."
            )
        kinds = {
            "positions": ("learned", "rotary"),
            "norm": ("layer", "rms"),
            "feedforward": ("gelu", "swiglu"),
        }
        for name, allowed in kinds.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"{name} must be one of {' or '.join(allowed)}, got {getattr(self, name)!r}."
                )

    @property
    def size(self) -> int:
        """Numbers a head."""
        return self.width // self.heads

    @property
    def shared_heads(self) -> int:
        """Heads of keys and values."""
        return self.heads if self.groups is None else self.groups

    @property
    def inner(self) -> int:
        """Width inside the feed-forward part."""
        return 4 * self.width if self.hidden is None else self.hidden


def llama_like(vocabulary: int, **sizes: Any) -> Config:
    """A `Config` of Llama's kinds: rotary, RMSNorm, SwiGLU, no biases, not tied."""
    kinds: dict[str, Any] = {
        "positions": "rotary", "norm": "rms", "feedforward": "swiglu", "bias": False, "tied": False,
    }  # fmt: skip
    return Config(vocabulary, **{**kinds, **sizes})


Cache = list[tuple[Any, Any]]  # each layer's keys and values of the tokens seen so far


def gpt(engine: Any, config: Config) -> Any:
    """Make the model of `config` with an engine, `course.scratch` or `torch`.

    The model takes tokens (n, t), t up to `config.context`, and returns logits (n, t, vocabulary).
    Called with `cache=[]` it keeps the keys and values there, and the next call with the same list
    needs only the tokens that follow. Raises ValueError for more tokens than the context holds.
    """
    nn, F = engine.nn, engine.nn.functional
    Module: Any = nn.Module
    norm = nn.LayerNorm if config.norm == "layer" else nn.RMSNorm
    size, heads, groups = config.size, config.heads, config.shared_heads
    # GPT-2 takes 0.02 at its width of 768. In a narrow model that is too little to learn from: at
    # width 64, a thousand steps on names end at a loss of 2.18 with 0.02, and of 1.98 with this.
    spread = 0.02 * (768 / config.width) ** 0.5

    class Attention(Module):
        def __init__(self) -> None:
            super().__init__()
            self.qkv = nn.Linear(config.width, (heads + 2 * groups) * size, bias=config.bias)
            self.out = nn.Linear(config.width, config.width, bias=config.bias)

        def project(self, x: Any, turn: Any) -> tuple[Any, Any, Any]:
            """Queries, keys and values, each (n, heads, t, size)."""
            n, t, _ = x.shape
            parts = self.qkv(x).split([heads * size, groups * size, groups * size], -1)
            q, k, v = (part.reshape(n, t, -1, size).transpose(1, 2) for part in parts)
            return turn(q), turn(k), v

        def forward(self, x: Any, turn: Any, kept: tuple | None) -> tuple[Any, tuple]:
            n, t, _ = x.shape
            q, k, v = self.project(x, turn)
            if kept is not None:
                k, v = engine.cat([kept[0], k], 2), engine.cat([kept[1], v], 2)
            seen = k.shape[2] - t
            mask = engine.ones(t, seen + t).tril(seen) > 0 if seen and t > 1 else None
            mixed = F.scaled_dot_product_attention(
                q, k, v, mask, is_causal=not seen and t > 1, enable_gqa=groups != heads
            )
            return self.out(mixed.transpose(1, 2).reshape(n, t, config.width)), (k, v)

    class FeedForward(Module):
        def __init__(self) -> None:
            super().__init__()
            self.up = nn.Linear(config.width, config.inner, bias=config.bias)
            if config.feedforward == "swiglu":
                self.gate = nn.Linear(config.width, config.inner, bias=config.bias)
            self.down = nn.Linear(config.inner, config.width, bias=config.bias)

        def forward(self, x: Any) -> Any:
            if config.feedforward == "swiglu":
                return self.down(F.silu(self.gate(x)) * self.up(x))
            return self.down(F.gelu(self.up(x), approximate="tanh"))

    class Block(Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1 = norm(config.width, eps=config.epsilon)
            self.attention = Attention()
            self.norm2 = norm(config.width, eps=config.epsilon)
            self.feedforward = FeedForward()

        def forward(self, x: Any, turn: Any, kept: tuple | None) -> tuple[Any, tuple]:
            mixed, kept = self.attention(self.norm1(x), turn, kept)
            x = x + mixed
            return x + self.feedforward(self.norm2(x)), kept

    class GPT(Module):
        def __init__(self) -> None:
            super().__init__()
            self.config = config
            self.tokens = nn.Embedding(config.vocabulary, config.width)
            if config.positions == "learned":
                self.places = nn.Embedding(config.context, config.width)
            else:
                for name, table in zip(("cos", "sin"), _angles(config), strict=True):
                    self.register_buffer(name, engine.tensor(table), persistent=False)
            self.blocks = nn.ModuleList([Block() for _ in range(config.layers)])
            self.norm = norm(config.width, eps=config.epsilon)
            if not config.tied:
                self.head = nn.Linear(config.width, config.vocabulary, bias=False)
            self.apply(start)
            for name, weight in self.named_parameters():  # many layers add up to the same size
                if name.endswith(("out.weight", "down.weight")):
                    nn.init.normal_(weight, std=spread / (2 * config.layers) ** 0.5)

        def forward(self, tokens: Any, cache: Cache | None = None) -> Any:
            seen = cache[0][0].shape[2] if cache else 0
            end = seen + tokens.shape[1]
            if end > config.context:
                raise ValueError(
                    f"The model sees {config.context} tokens at once, got {end}: shorten the text "
                    "to its last ones, or build the model with a larger context."
                )
            x = self.tokens(tokens)
            if config.positions == "learned":
                x = x + self.places.weight[seen:end]
            turn = self.turning(seen, end)
            for number, block in enumerate(self.blocks):
                x, kept = block(x, turn, cache[number] if cache and seen else None)
                if cache is not None:
                    cache[number : number + 1] = [kept]
            x = self.norm(x)
            return F.linear(x, self.tokens.weight) if config.tied else self.head(x)

        def turning(self, start: int, end: int) -> Any:
            """The function that tells queries and keys of places `start` to `end` where they are."""
            if config.positions == "learned":
                return lambda x: x
            cos, sin = self.cos[start:end], self.sin[start:end]

            def turn(x: Any) -> Any:
                half = size // 2
                return x * cos + engine.cat([-x[..., half:], x[..., :half]], -1) * sin

            return turn

        def attention_scores(self, tokens: Any) -> list[Any]:
            """How well each place's query fits each key: (n, heads, t, t) a layer, before the mask."""
            found = []
            turn = self.turning(0, tokens.shape[1])

            def look(attention: Any, given: tuple) -> None:
                q, k, _ = attention.project(given[0], turn)
                found.append(q @ k.repeat_interleave(heads // groups, 1).mT / size**0.5)

            hooks = [b.attention.register_forward_pre_hook(look) for b in self.blocks]
            try:
                with engine.no_grad():
                    self(tokens)
            finally:
                for hook in hooks:
                    hook.remove()
            return found

        def attention_maps(self, tokens: Any) -> list[Any]:
            """What each layer's heads look at: weights (n, heads, t, t), rows add up to 1."""
            future = engine.ones(tokens.shape[1], tokens.shape[1]).triu(1) > 0
            scores = self.attention_scores(tokens)
            return [s.masked_fill(future, -float("inf")).softmax(-1) for s in scores]

    def start(module: Any) -> None:
        """First weights as in GPT-2: small normal numbers, biases 0."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=spread)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    return GPT()


def next_token_loss(engine: Any) -> Any:
    """The loss for `course.training.fit`: the mean cross-entropy of the token at every place."""

    def loss(logits: Any, targets: Any) -> Any:
        flat = logits.reshape(-1, logits.shape[-1])
        return engine.nn.functional.cross_entropy(flat, targets.reshape(-1))

    return loss


def _angles(config: Config) -> tuple[np.ndarray, np.ndarray]:
    """Cosines and sines (context, size): pair i of a head turns by base^(-2i / size) a place."""
    rates = config.rotary_base ** (-np.arange(0, config.size, 2) / config.size)
    angles = np.tile(np.outer(np.arange(config.context), rates), 2)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def _divides(whole_name: str, whole: int, part_name: str, part: int) -> None:
    if part < 1 or whole % part:
        nearest: Sequence[int] = [n for n in range(1, whole + 1) if whole % n == 0]
        best = min(nearest, key=lambda n: abs(n - part))
        raise ValueError(
            f"{whole_name} {whole} does not divide into {part_name} {part}; the nearest number "
            f"that fits is {best}."
        )
