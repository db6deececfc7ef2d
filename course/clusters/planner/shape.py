"""The shape of a language model, and how many parameters it has: in all, in a layer, a token uses."""

from __future__ import annotations

from dataclasses import dataclass, replace

from course.facts.architectures import architecture


@dataclass(frozen=True)
class Model:
    """A decoder-only transformer, trained on sequences of ``sequence`` tokens.

    ffn: width between the matrices of the feed-forward part, three of them where ``gated``, else
    two. experts: copies of that part, of which each token visits ``experts_per_token``. tied: the
    head is the embedding. biased: linear layers have biases, norms are LayerNorms. positions: rows
    of a learned table of positions. dropout: its masks are kept for the backward pass.
    """

    name: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    ffn: int
    vocab: int
    sequence: int
    gated: bool = False
    experts: int = 1
    experts_per_token: int = 1
    tied: bool = True
    biased: bool = True
    positions: int = 0
    dropout: bool = False

    def __post_init__(self) -> None:
        for name in ("layers", "hidden", "heads", "kv_heads", "ffn", "vocab", "sequence"):
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(
                    f"{self.name}: {name} must be a whole number above 0, not {value!r}"
                )
        for big, small in (("hidden", "heads"), ("heads", "kv_heads")):
            a, b = getattr(self, big), getattr(self, small)
            if a % b:
                raise ValueError(
                    f"{self.name}: {b} {small} do not divide {a} {big}; "
                    f"{nearest_divisor(a, b)} would"
                )
        if not 1 <= self.experts_per_token <= self.experts:
            raise ValueError(
                f"{self.name}: a token visits {self.experts_per_token} of {self.experts} experts; "
                "it must be at least 1 and no more than there are"
            )

    @property
    def kv_share(self) -> float:
        """The width of keys (or of values) over the hidden width."""
        return self.kv_heads / self.heads

    @property
    def attention_parameters(self) -> int:
        """Of one layer's attention: queries, keys, values and the projection after them."""
        narrow = self.hidden * self.kv_heads // self.heads
        biases = 2 * self.hidden + 2 * narrow if self.biased else 0
        return 2 * self.hidden * (self.hidden + narrow) + biases

    @property
    def expert_parameters(self) -> int:
        """Of one feed-forward part (one expert)."""
        biases = (self.ffn * (2 if self.gated else 1) + self.hidden) if self.biased else 0
        return (3 if self.gated else 2) * self.hidden * self.ffn + biases

    @property
    def shared_parameters(self) -> int:
        """Of one layer without its feed-forward parts: attention, norms, router."""
        norms = (4 if self.biased else 2) * self.hidden
        router = self.hidden * self.experts if self.experts > 1 else 0
        return self.attention_parameters + norms + router

    @property
    def layer_parameters(self) -> int:
        """Of one layer with all its experts."""
        return self.shared_parameters + self.experts * self.expert_parameters

    @property
    def embedding_parameters(self) -> int:
        """Of the table of tokens; the head has as many."""
        return self.vocab * self.hidden

    @property
    def parameters(self) -> int:
        """In all."""
        final = (2 if self.biased else 1) * self.hidden
        tables = (1 if self.tied else 2) * self.embedding_parameters + self.positions * self.hidden
        return self.layers * self.layer_parameters + tables + final

    @property
    def active_parameters(self) -> int:
        """Those that one token uses."""
        idle = (self.experts - self.experts_per_token) * self.expert_parameters
        return self.parameters - self.layers * idle


def gpt(
    name: str, layers: int, hidden: int, heads: int, vocab: int = 51200, sequence: int = 2048
) -> Model:
    """A GPT as Megatron-LM trains it: feed-forward of 4 times the width, biases, dropout."""
    return Model(
        name,
        layers,
        hidden,
        heads,
        heads,
        4 * hidden,
        vocab,
        sequence,
        positions=sequence,
        dropout=True,
    )


def published(name: str, sequence: int = 0) -> Model:
    """The model of that name among the plain published ones, at its context or at ``sequence``.

    Raises KeyError, which lists the names, for an unknown one.
    """
    a = architecture(name)
    return Model(
        a.model,
        int(a.layers),
        int(a.hidden),
        int(a.heads),
        int(a.kv_heads),
        int(a.ffn),
        int(a.vocab),
        sequence or int(a.context or 0),
        a.gated,
        int(a.experts or 1),
        int(a.experts_per_token or 1),
        a.tied,
        a.layer_norm,  # where there are LayerNorms there are biases, and only there
        int(a.learned_positions),
    )


def shorter(model: Model, sequence: int) -> Model:
    """The same model on sequences of another length."""
    return replace(model, sequence=sequence)


def divisors(number: int) -> list[int]:
    """All divisors of a whole number above 0, the smallest first."""
    low = [n for n in range(1, int(number**0.5) + 1) if number % n == 0]
    return low + [number // n for n in reversed(low) if n * n != number]


def nearest_divisor(number: int, wanted: int) -> int:
    """The divisor of ``number`` nearest to ``wanted``, the smaller of two."""
    return min(divisors(number), key=lambda n: (abs(n - wanted), n))
