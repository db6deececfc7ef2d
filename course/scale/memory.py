"""Memory of training on each chip: weights, gradients, the optimizer's state, activations.

Weights, gradients and state follow ZeRO (Rajbhandari et al. 2020), activations Korthikanti et al.
2022, whose sums are taken apart here so that they hold for other shapes than GPT's.
"""

from __future__ import annotations

from dataclasses import dataclass

from course.scale.compute import RECOMPUTE
from course.scale.parameters import parameters
from course.scale.shapes import Shape

WEIGHT, GRADIENT, STATE = 2, 2, 12  # bytes a parameter: mixed precision with Adam


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a training is laid out.

    data, tensor, pipeline: chips that share copies of the data, each matrix, the layers. zero: what
    is sharded over ``data``: 0 nothing, 1 the optimizer's state, 2 gradients too, 3 weights too.
    sequence_parallel: what tensor parallelism leaves whole is split along the text. micro_batch:
    texts of ``sequence`` tokens at once. recompute: see course.scale.compute. scores: whether
    attention's scores are kept at all (fused attention never writes them).

    Raises ValueError, which names the value, for a plan that cannot be.
    """

    data: int = 1
    tensor: int = 1
    pipeline: int = 1
    zero: int = 0
    sequence_parallel: bool = False
    micro_batch: int = 1
    sequence: int = 2048
    recompute: str = "none"
    scores: bool = True
    dropout: bool = True

    def __post_init__(self) -> None:
        for name in ("data", "tensor", "pipeline", "micro_batch", "sequence"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise ValueError(f"{name} must be a whole number, 1 or more, not {value!r}")
        if self.zero not in (0, 1, 2, 3):
            raise ValueError(f"zero must be 0, 1, 2 or 3, not {self.zero!r}")
        if self.recompute not in RECOMPUTE:
            raise ValueError(f"recompute is {self.recompute!r}; expected {', '.join(RECOMPUTE)}")

    @property
    def chips(self) -> int:
        """All chips."""
        return self.data * self.tensor * self.pipeline


@dataclass(frozen=True)
class Ledger:
    """Bytes on one chip, by what they hold."""

    weights: float
    gradients: float
    state: float
    activations: float

    @property
    def total(self) -> float:
        """All of them."""
        return self.weights + self.gradients + self.state + self.activations


def model_states(count: float, zero: int = 0, data: int = 1) -> Ledger:
    """Weights, gradients and state of ``count`` parameters on each of ``data`` chips, in bytes.

    Raises ValueError for a stage that is none of 0 to 3, or fewer than one chip.
    """
    if zero not in (0, 1, 2, 3) or data < 1 or not count > 0:
        raise ValueError(
            f"expected parameters above 0, a ZeRO stage 0 to 3 and 1 chip or more, not {count!r}, {zero!r}, {data!r}"
        )
    return Ledger(
        WEIGHT * count / (data if zero >= 3 else 1),
        GRADIENT * count / (data if zero >= 2 else 1),
        STATE * count / (data if zero >= 1 else 1),
        0.0,
    )


def layer_activations(shape: Shape, plan: Plan) -> float:
    """Bytes that one layer keeps for its backward pass, on one chip, in 16-bit numbers.

    With ``dropout`` two masks of one byte a number, and the scores' mask and outcome, as in GPT.
    """
    s, b, t = plan.sequence, plan.micro_batch, plan.tensor
    whole = 2 * s * b * shape.hidden  # one copy of what goes from layer to layer
    if plan.recompute == "full":
        return float(whole)
    masks = s * b * shape.hidden if plan.dropout else 0
    outside = 2 * whole + 2 * whole + 2 * masks  # inputs of both norms and both parts, two masks
    inside = 2 * s * b * (_attention_width(shape) + _feed_forward_width(shape))
    scores = 0
    if plan.scores and plan.recompute != "selective":
        scores = (5 if plan.dropout else 2) * shape.heads * s * s * b
    return outside / (t if plan.sequence_parallel else 1) + (inside + scores) / t


def _attention_width(shape: Shape) -> int:
    """Numbers a token between attention's first and last matrix: queries, keys, values, outcome."""
    if shape.latent:
        keys = shape.query_width + shape.value_width
    else:
        keys = 2 * shape.kv_heads * shape.head_dim
    return shape.query_width + keys + shape.value_width


def _feed_forward_width(shape: Shape) -> int:
    """Numbers a token between the matrices of the feed-forward part, mean over the layers."""
    kept = 4 if shape.gated else 2  # gate, up, the gate's function, their product; or in and out
    experts = shape.experts
    if not experts:
        return kept * shape.ffn
    one = experts.per_token * experts.width + experts.shared_width
    dense = experts.dense_layers
    return kept * (dense * shape.ffn + (shape.layers - dense) * one) // shape.layers


def activations(shape: Shape, plan: Plan) -> float:
    """Bytes of activations on the fullest chip: the first of the pipeline.

    It has begun as many micro-batches as there are stages when the first comes back, so that it
    keeps one for every layer of the model, not of its own alone. The output's logits are kept in 32
    bits (they are on the last chip; with a pipeline the first has none of them).
    """
    found = shape.layers * layer_activations(shape, plan)
    if plan.pipeline == 1:
        logits = 4 * plan.sequence * plan.micro_batch * shape.vocab
        found += logits / plan.tensor
    return found


def ledger(shape: Shape, plan: Plan) -> Ledger:
    """Bytes on the fullest chip; parameters are taken as evenly spread over tensor and pipeline.

    Raises ValueError where tensor ranks do not divide the heads or stages outnumber the layers.
    """
    if shape.heads % plan.tensor:
        raise ValueError(
            f"{plan.tensor} tensor-parallel chips do not divide {shape.heads} heads of {shape.name}"
        )
    if plan.pipeline > shape.layers:
        raise ValueError(
            f"{plan.pipeline} stages are more than the {shape.layers} layers of {shape.name}"
        )
    states = model_states(parameters(shape) / (plan.tensor * plan.pipeline), plan.zero, plan.data)
    return Ledger(states.weights, states.gradients, states.state, activations(shape, plan))
