"""Seconds of one training step, part by part: what computes, what talks, what waits.

Each layer costs its matrix products (operations over the peak), its elementwise work (bytes over
main memory's bandwidth), and its all-reduces between tensor ranks (bytes over the links). Around
it: the pipeline's bubble, traffic between stages, between data ranks, and the optimizer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.clusters.planner import work
from course.clusters.planner.machine import HALF, HOP_BETWEEN, HOP_INSIDE, Cluster
from course.clusters.planner.memory import rank_parameters
from course.clusters.planner.plan import Plan, check
from course.clusters.planner.shape import Model

_BACKWARD_BYTES = 1.5  # elementwise work moves this many times the forward pass's bytes
_OPTIMIZER_BYTES = 30  # a parameter: gradient, weight, two moments read; three and a copy written
PARTS = (
    "compute",
    "recomputation",
    "tensor communication",
    "expert communication",
    "context communication",
    "stage transfers",
    "bubble",
    "data communication",
    "optimizer",
)


@dataclass(frozen=True)
class Step:
    """One step: seconds by part; operations, useful and done in all; the cluster's peak."""

    parts: dict[str, Any]
    useful: Any
    done: Any
    peak: Any

    @property
    def seconds(self) -> Any:
        """Of the whole step."""
        return sum(self.parts.values())

    @property
    def mfu(self) -> Any:
        """Model FLOPs utilisation: useful operations over what the chips could have done."""
        return self.useful / (self.seconds * self.peak)

    @property
    def hfu(self) -> Any:
        """Hardware FLOPs utilisation: recomputation counts too."""
        return self.done / (self.seconds * self.peak)

    @property
    def bubble(self) -> Any:
        """The bubble over the time of the pipeline without it: (p - 1) / (v m)."""
        busy = sum(self.parts[name] for name in PARTS[:5])
        return self.parts["bubble"] / busy

    @property
    def exposed(self) -> Any:
        """The share of the step in which chips wait for traffic."""
        talk = ("tensor communication", "expert communication", "context communication")
        names = (*talk, "stage transfers", "data communication")
        return sum(self.parts[name] for name in names) / self.seconds


def all_reduce(cluster: Cluster, size: Any, ranks: Any, apart: Any, adapters: bool = True) -> Any:
    """Seconds to add ``size`` bytes over ``ranks``, which lie ``apart`` chips from one another.

    Hierarchical, as `collectives.hierarchy_bytes` counts it: inside each node, then between nodes.
    Half of it is a reduce-scatter or an all-gather. Without ``adapters`` each node's traffic goes
    through a single network adapter.
    """
    near = np.minimum(ranks, np.maximum(cluster.per_node // np.asarray(apart), 1))
    nodes = ranks / near
    inside = 2 * (near - 1) / near * size / (cluster.inside * cluster.share.inside)
    between = 2 * (nodes - 1) / nodes * size / (near if adapters else 1)
    between = between / (cluster.between * cluster.share.between)
    wait = 2 * (near - 1) * HOP_INSIDE + 2 * np.ceil(np.log2(np.maximum(nodes, 1))) * HOP_BETWEEN
    return inside + between + wait


def _layer(model: Model, cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """Seconds of one layer for one micro-batch: forward, backward and again, by what they do."""
    share, tokens = cluster.share, plan.micro_batch * model.sequence / plan.context
    memory = cluster.chip.bandwidth * share.memory
    bf16 = cluster.chip.peak("bf16" if "bf16" in cluster.chip.peaks else cluster.precision)
    weights = HALF * model.layer_parameters / (plan.tensor * plan.expert)
    linear = np.maximum(tokens * work.linear(model) / plan.tensor / cluster.speed, weights / memory)
    # A causal kernel leaves out the half of the scores that no token may look at.
    scores = tokens * work.attention(model) / plan.tensor * (0.5 if plan.flash else 1)
    attend = scores / (bf16 * share.matmul)
    score_bytes = 0.0
    if not plan.flash:  # written and read by products, softmax and dropout
        each = 13 if model.dropout else 8
        score_bytes = each * model.heads * tokens * model.sequence / plan.tensor
    shared = plan.tensor if plan.sequence_parallel else 1
    # Two norms, two residual additions (with dropout's masks).
    whole = (22 if model.dropout else 20) * tokens * model.hidden / shared
    wide = (6 if model.gated else 4) * tokens * model.ffn * model.experts_per_token
    narrow = 4 * tokens * model.hidden * (1 + 2 * model.kv_share)
    rest = (whole + (wide + narrow) / plan.tensor) / memory
    if cluster.precision == "fp8":  # each operand is read, and written rounded in both layouts
        operands = model.hidden * 3 + model.ffn * model.experts_per_token
        rest = rest + 4 * tokens * operands / plan.tensor / memory
    touch = score_bytes / memory
    forward = linear + attend + rest + touch
    back = 2 * linear + (2.5 if plan.flash else 2) * attend + _BACKWARD_BYTES * (rest + touch)
    again = {
        "none": 0.0,
        # Without stored scores there are only elementwise results to form again: about half.
        "selective": 0.5 * rest if plan.flash else attend + touch,
        "full": forward,
    }[plan.recompute]
    return {"forward": forward, "backward": back, "again": again}


def _talk(model: Model, cluster: Cluster, plan: Plan) -> dict[str, Any]:
    """Seconds of one layer's traffic for one micro-batch, both passes, that is not hidden."""
    tokens = plan.micro_batch * model.sequence / plan.context
    size = HALF * tokens * model.hidden
    times = 4 + (2 if plan.recompute == "full" else 0)
    tensor = np.where(
        np.greater(plan.tensor, 1), times * all_reduce(cluster, size, plan.tensor, 1), 0.0
    )
    # Software hides this inside a node, where one chip can write into another's memory.
    near = np.less_equal(plan.tensor, cluster.per_node)
    tensor = tensor * (1 - np.where(near & plan.overlap, cluster.share.tensor_hidden, 0))
    # Each token goes to its experts and back, in both passes; what stays in the node is near.
    apart = plan.tensor * plan.context
    ranks = np.asarray(plan.expert)
    near = np.minimum(ranks, np.maximum(cluster.per_node // np.asarray(apart), 1))
    sent = times * size * model.experts_per_token / plan.tensor
    far = cluster.between * cluster.share.between
    close = cluster.inside * cluster.share.inside
    expert = sent * ((near - 1) / ranks / close + (ranks - near) / ranks / far)
    # Keys and values of the other ranks' tokens, forward; with their gradients, backward.
    keys = 2 * HALF * tokens * model.hidden * model.kv_share / plan.tensor
    context = 1.5 * plan.context * all_reduce(cluster, keys, plan.context, plan.tensor)
    context = np.where(np.greater(plan.context, 1), context, 0.0)
    return {"tensor": tensor, "expert": expert, "context": context}


def _head(model: Model, cluster: Cluster, plan: Plan) -> Any:
    """Seconds of the head and its loss for one micro-batch, both passes."""
    tokens = plan.micro_batch * model.sequence / plan.context
    product = 3 * tokens * work.head(model) / plan.tensor / cluster.speed
    passes = 24 * tokens * model.vocab / plan.tensor  # logits in 16 and 32 bits, both ways
    return product + passes / (cluster.chip.bandwidth * cluster.share.memory)


def _data(model: Model, cluster: Cluster, plan: Plan, forward: Any, backward: Any) -> Any:
    """Seconds between data ranks that no computing hides; both times are one micro-batch's."""
    dense, expert = rank_parameters(model, plan)
    apart = plan.tensor
    count = plan.micro_batches

    def both_ways(bytes_each: float) -> Any:
        shared = all_reduce(cluster, bytes_each * dense, plan.replicas, apart, plan.adapters)
        few = plan.replicas / plan.expert
        own = all_reduce(cluster, bytes_each * expert, few, apart * plan.expert, plan.adapters)
        return np.where(np.greater(plan.replicas, 1), shared, 0) + np.where(
            np.logical_and(np.greater(few, 1), np.greater(expert, 0)), own, 0
        )

    gradients, weights = both_ways(plan.gradient_bytes), both_ways(HALF) / 2
    if plan.zero == 0:
        total, free = gradients, backward
    elif plan.zero == 1:
        total, free = gradients / 2 + weights, backward + forward
    elif plan.zero == 2:
        total, free = count * gradients / 2 + weights, count * backward + forward
    else:
        total = count * (gradients / 2 + 2 * weights)
        free = count * (forward + backward)
    if not plan.overlap:
        return total
    layers = np.maximum(model.layers / plan.pipeline, 1)
    once = np.maximum(gradients / 2, weights) / layers  # the last layer's has nothing to hide in
    return np.maximum(total - cluster.share.hidden * free, np.minimum(once, total))


def estimate(model: Model, cluster: Cluster, plan: Plan) -> Step:
    """The step's time by part, without asking whether it fits (see `memory.needs`)."""
    layer, talk = _layer(model, cluster, plan), _talk(model, cluster, plan)
    head = _head(model, cluster, plan)
    places = (model.layers + (2 if plan.even_ends else 0)) / plan.pipeline
    both = layer["forward"] + layer["backward"]
    whole = both + layer["again"] + sum(talk.values())
    if plan.even_ends:
        # The first and the last stage have a layer less (both, where there is but one stage).
        fewer = np.where(np.equal(plan.pipeline, 1), 2, 1)
        last = (places - fewer) * whole + head
        full = np.greater_equal(places * whole, last) & np.greater(plan.pipeline, 1)
        layers, ends = np.where(full, places, places - fewer), np.where(full, 0.0, head)
    else:
        layers, ends = np.asarray(places), head
    count, stages = plan.micro_batches, plan.pipeline
    compute = count * (layers * both + ends)
    again = count * layers * layer["again"]
    tensor, expert, context = (count * layers * talk[k] for k in ("tensor", "expert", "context"))
    slot = (compute + again + tensor + expert + context) / count
    bubble = (stages - 1) / plan.chunks * slot
    hop = _hop(model, cluster, plan)
    hops = 2 * (stages - 1) + (0 if plan.overlap else 2 * count * plan.chunks)
    transfers = np.where(np.greater(stages, 1), hops * hop, 0.0)
    forward = layers * layer["forward"] + ends / 3
    backward = layers * (layer["backward"] + layer["again"]) + 2 * ends / 3
    data = _data(model, cluster, plan, forward, backward)
    dense, own = rank_parameters(model, plan)
    state = dense + own
    if plan.zero:
        state = dense / plan.replicas + own * plan.expert / plan.replicas
    memory = cluster.chip.bandwidth * cluster.share.memory
    optimizer = _OPTIMIZER_BYTES * state / memory
    values = (compute, again, tensor, expert, context, transfers, bubble, data, optimizer)
    useful = work.of_model(model, plan.batch)
    return Step(
        dict(zip(PARTS, values, strict=True)),
        useful,
        useful + work.again(model, plan),
        cluster.peak * plan.chips,
    )


def _hop(model: Model, cluster: Cluster, plan: Plan) -> Any:
    """Seconds to hand a micro-batch's activations to the next stage; tensor ranks share the load."""
    size = HALF * plan.micro_batch * model.sequence / plan.context * model.hidden / plan.tensor
    outside = np.greater(plan.chips // plan.pipeline * 2, cluster.per_node)
    speed = np.where(
        outside,
        cluster.between * cluster.share.between,
        cluster.inside * cluster.share.inside,
    )
    return size / speed + np.where(outside, HOP_BETWEEN, HOP_INSIDE)


def step(model: Model, cluster: Cluster, plan: Plan) -> Step:
    """The step's time by part; raises ValueError, in words, for a plan that does not divide."""
    check(model, cluster, plan)
    return estimate(model, cluster, plan)
