"""How much a training step computes, by formula: useful operations, and those done again.

A multiplication and an addition are two operations. A backward pass computes twice what the
forward pass does. Attention is counted over whole sequences, as PaLM's and Megatron's formulas do,
though causal kernels leave out half of it.
"""

from __future__ import annotations

from typing import Any

from course.clusters.planner.plan import Plan
from course.clusters.planner.shape import Model


def linear(model: Model) -> float:
    """Operations of a layer's linear parts for one token, forward."""
    attention = 2 * model.hidden * model.hidden * (1 + model.kv_share)
    matrices = 3 if model.gated else 2
    router = model.hidden * model.experts if model.experts > 1 else 0
    feed = model.experts_per_token * matrices * model.hidden * model.ffn + router
    return 2 * (attention + feed)


def attention(model: Model) -> float:
    """Operations of a layer's scores and weighted sums for one token, forward."""
    return 4.0 * model.sequence * model.hidden


def head(model: Model) -> float:
    """Operations of the head for one token, forward."""
    return 2.0 * model.hidden * model.vocab


def of_model(model: Model, batch: int) -> float:
    """Operations of one step of ``batch`` sequences, none of them done again."""
    token = model.layers * (linear(model) + attention(model)) + head(model)
    return 3 * batch * model.sequence * token


def again(model: Model, plan: Plan) -> Any:
    """Operations that recomputation adds to a step."""
    token = {
        "none": 0.0,
        "selective": 0.0 if plan.flash else attention(model),
        "full": linear(model) + attention(model),
    }[plan.recompute]
    return plan.batch * model.sequence * model.layers * token
