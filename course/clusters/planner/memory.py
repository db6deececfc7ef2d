"""Bytes on the fullest chip of a plan, part by part, and which part overflows.

Weights, gradients and Adam's state: ZeRO (Rajbhandari et al. 2020), mixed precision. Activations:
Korthikanti et al. 2022, extended to gated feed-forward parts, fewer key heads, experts, attention
without stored scores, and sequences that are split.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from course.clusters.planner.machine import HALF, RESERVED, Cluster
from course.clusters.planner.plan import Plan, layers_of_stage
from course.clusters.planner.shape import Model

ADAM = 12  # bytes a parameter: a 32-bit weight and two moments
PARTS = ("weights", "gradients", "optimizer", "activations", "gathered weights", "reserved")


@dataclass(frozen=True)
class Memory:
    """Bytes of one chip by part, and what it has."""

    parts: dict[str, Any]
    limit: float

    @property
    def total(self) -> Any:
        """Bytes needed."""
        return sum(self.parts.values())

    @property
    def fits(self) -> Any:
        """Whether the chip holds it."""
        return self.total <= self.limit

    @property
    def overflows(self) -> list[str]:
        """The parts, in the order of `PARTS`, that lie wholly or partly beyond the chip's memory."""
        found, level = [], 0.0
        for name in PARTS:
            level += self.parts[name]
            if level > self.limit and self.parts[name] > 0 and name != "reserved":
                found.append(name)
        return found or ([] if self.fits else ["reserved"])

    @property
    def largest(self) -> str:
        """The largest part."""
        return max(self.parts, key=lambda name: float(self.parts[name]))


def rank_parameters(model: Model, plan: Plan) -> tuple[Any, Any]:
    """Parameters of the fullest chip, before any sharding over data ranks: shared, of experts."""
    layers = layers_of_stage(model, plan) - np.where(_one_stage_even(plan), 2, 0)
    expert = model.experts * model.expert_parameters if model.experts > 1 else 0
    dense = model.shared_parameters + (0 if model.experts > 1 else model.expert_parameters)
    held: Any = model.embedding_parameters + model.positions * model.hidden
    # The head lies on the last stage, which is the first one where there is but one.
    apart = 0 if model.tied else model.embedding_parameters
    held = held + np.where(np.equal(plan.pipeline, 1), apart, 0)
    # With a pipeline the first stage has the embedding (and, with even ends, one layer less).
    fewer = np.where(plan.even_ends and np.greater(plan.pipeline, 1), model.layer_parameters, 0)
    first = layers * dense + np.maximum(held - fewer, 0)
    final = np.where(np.equal(plan.pipeline, 1), (2 if model.biased else 1) * model.hidden, 0)
    return (first + final) / plan.tensor, layers * expert / (plan.tensor * plan.expert)


def _one_stage_even(plan: Plan) -> Any:
    return np.logical_and(plan.even_ends, np.equal(plan.pipeline, 1))


def layer_activations(model: Model, plan: Plan) -> Any:
    """Bytes that one layer keeps for the backward pass of one micro-batch."""
    tokens = plan.micro_batch * model.sequence / plan.context
    width = tokens * model.hidden
    if plan.recompute == "full":
        return HALF * width
    shared = plan.tensor if plan.sequence_parallel else 1
    # Where attention stores no scores, selective recomputation saves cheap elementwise results:
    # what the norms and the activation function give.
    cheap = plan.flash and plan.recompute == "selective"
    # Inputs of both norms, of attention and of the feed-forward part; two dropout masks.
    whole = ((2 if cheap else 4) * HALF + (2 if model.dropout else 0)) * width
    # Queries, keys and values, the projection's input; then the feed-forward part's middle.
    inner = (2 + 2 * model.kv_share) * HALF * width
    each = (3 if model.gated else 2) - (1 if cheap else 0)
    wide = each * HALF * tokens * model.ffn * model.experts_per_token
    scores = 0.0
    if not plan.flash and plan.recompute == "none":
        stored = 2 * HALF + 1 if model.dropout else HALF
        scores = stored * model.heads * tokens * model.sequence
    return whole / shared + (inner + wide + scores) / plan.tensor


def in_flight(plan: Plan, stage: int = 0) -> Any:
    """Micro-batches whose activations a stage holds at once, in whole stages' worth."""
    stages, count = plan.pipeline, plan.micro_batches
    if plan.schedule == "gpipe":
        return count
    if plan.schedule == "1f1b":
        return np.minimum(stages - stage, count)
    ahead = 2 * (stages - 1 - stage) + (plan.chunks - 1) * stages
    return np.minimum((ahead + 1) / plan.chunks, count)


def activations(model: Model, plan: Plan) -> Any:
    """Bytes of activations on the fullest chip."""
    places = layers_of_stage(model, plan)
    held = places * in_flight(plan)
    if plan.even_ends:  # the first stage has a layer less, the second a little less in flight
        second = np.where(np.greater(plan.pipeline, 2), places * in_flight(plan, 1), 0)
        held = np.maximum((places - 1) * in_flight(plan), second)
        held = np.where(np.equal(plan.pipeline, 1), model.layers, held)
    kept = held * layer_activations(model, plan)
    tokens = plan.micro_batch * model.sequence / plan.context
    shared = plan.tensor if plan.sequence_parallel else 1
    if model.dropout:  # of the embedding
        kept = kept + tokens * model.hidden / shared * in_flight(plan)
    # The last norm, the head's input and the 32-bit logits, where the first stage is the last.
    end = 2 * HALF * tokens * model.hidden / shared + 4 * tokens * model.vocab / plan.tensor
    kept = kept + np.where(np.equal(plan.pipeline, 1), end, 0)
    if plan.recompute == "full":  # one layer at a time is computed again, with all it keeps
        kept = kept + layer_activations(model, replace(plan, recompute="none"))
    return kept


def states(
    parameters: Any, zero: int, replicas: Any, gradient_bytes: float = HALF
) -> dict[str, Any]:
    """Bytes of weights, gradients and Adam's state, each whole or sharded over the replicas.

    Of stage ``zero`` (ZeRO, Table 1): 1 shards Adam's state, 2 the gradients too, 3 the weights too.
    """
    kinds = (("weights", HALF, 3), ("gradients", gradient_bytes, 2), ("optimizer", ADAM, 1))
    return {
        name: size * parameters / (replicas if zero >= stage else 1) for name, size, stage in kinds
    }


def needs(model: Model, cluster: Cluster, plan: Plan) -> Memory:
    """Bytes on the fullest chip, by part."""
    dense, expert = rank_parameters(model, plan)
    shared = states(dense, plan.zero, plan.replicas, plan.gradient_bytes)
    own = states(expert, plan.zero, plan.replicas / plan.expert, plan.gradient_bytes)
    parts = {name: shared[name] + own[name] for name in shared}
    gathered = 0.0
    if plan.zero >= 3:  # one layer in use, and the next one on its way
        gathered = 2 * HALF * model.layer_parameters / plan.tensor
    none = np.multiply(0.0, plan.replicas)
    parts["activations"] = activations(model, plan)
    parts["gathered weights"] = np.where(np.greater(plan.replicas, 1), gathered, 0.0)
    parts["reserved"] = RESERVED + none
    return Memory(parts, cluster.memory)
