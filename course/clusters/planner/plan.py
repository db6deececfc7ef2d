"""A plan: how a model and its batch are split over the chips; and in words why a plan is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from course.clusters.planner.machine import Cluster
from course.clusters.planner.shape import Model, divisors, nearest_divisor

Recompute = Literal["none", "selective", "full"]
Schedule = Literal["gpipe", "1f1b", "interleaved"]
RECOMPUTE: tuple[Recompute, ...] = ("none", "selective", "full")
SCHEDULES: tuple[Schedule, ...] = ("gpipe", "1f1b", "interleaved")


@dataclass(frozen=True)
class Plan:
    """``batch`` sequences a step, over data x context x tensor x pipeline chips.

    micro_batch: sequences that pass through a replica at once. context: ranks that share a
    sequence. expert: ranks, among the data ranks, that share the experts. zero: 0 keeps everything
    on each data rank, 1 shards the optimizer's state over them, 2 the gradients too, 3 (fully
    sharded) the weights too. sequence_parallel: the tensor ranks share what they otherwise all
    hold. chunks: stretches of layers a stage, above 1 when interleaved. recompute: of activations
    in the backward pass: none, the attention's (selective), or all (full). flash: attention
    without a table of scores in memory. overlap: the software sends while it computes. even_ends:
    the embedding and the head each take the place of a layer. gradient_bytes: of one gradient.
    adapters: collectives between data ranks use the network adapters of all chips of a node at
    once; without, those of one.
    """

    batch: int
    micro_batch: int = 1
    data: int = 1
    tensor: int = 1
    pipeline: int = 1
    context: int = 1
    expert: int = 1
    zero: int = 0
    schedule: Schedule = "1f1b"
    chunks: int = 1
    sequence_parallel: bool = True
    recompute: Recompute = "none"
    flash: bool = True
    overlap: bool = True
    even_ends: bool = False
    gradient_bytes: int = 2
    adapters: bool = True

    @property
    def chips(self) -> int:
        """How many the plan asks for."""
        return self.data * self.tensor * self.pipeline * self.context

    @property
    def micro_batches(self) -> Any:
        """How many pass through each replica in a step."""
        return self.batch // (self.data * self.micro_batch)

    @property
    def replicas(self) -> int:
        """Ranks that hold the same weights: data times context."""
        return self.data * self.context


def layers_of_stage(model: Model, plan: Plan) -> Any:
    """Layers of the fullest stage."""
    return (model.layers + (2 if plan.even_ends else 0)) / plan.pipeline


def faults(model: Model, cluster: Cluster, plan: Plan) -> list[str]:
    """What does not fit together in a plan, each in a sentence with the nearest that would.

    Memory is another matter: see `memory.needs`.
    """
    found = _numbers(plan)
    if found:
        return found
    if plan.chips > cluster.chips:
        product = "data x context x tensor x pipeline"
        rest = plan.tensor * plan.pipeline * plan.context
        most = cluster.chips // rest
        hint = f"with {most} data ranks it would fit" if most else "split the model less"
        found.append(
            f"{product} = {plan.chips:,} chips, and the cluster has {cluster.chips:,}; {hint}."
        )
    _divide(found, "tensor ranks", plan.tensor, "heads", model.heads)
    _divide(found, "tensor ranks", plan.tensor, "feed-forward columns", model.ffn)
    _divide(found, "context ranks", plan.context, "tokens of a sequence", model.sequence)
    places = model.layers + (2 if plan.even_ends else 0)
    what = "layers, embedding and head" if plan.even_ends else "layers"
    if plan.chunks == 1:
        _divide(found, "pipeline stages", plan.pipeline, what, places)
    elif places % (plan.pipeline * plan.chunks):
        fits = [n for n in divisors(places) if n % plan.pipeline == 0]
        near = [n // plan.pipeline for n in fits]
        hint = (
            f"{min(near, key=lambda n: abs(n - plan.chunks))} chunks would"
            if near
            else f"nor do {plan.pipeline} stages alone; {nearest_divisor(places, plan.pipeline)} "
            "stages would"
        )
        found.append(
            f"{plan.pipeline} pipeline stages x {plan.chunks} chunks do not divide {places} "
            f"{what}; {hint}."
        )
    _batch(found, plan)
    if model.experts == 1 and plan.expert > 1:
        found.append(f"{plan.expert} expert ranks, but {model.name} has no experts; use 1.")
    elif plan.expert > 1:
        _divide(found, "expert ranks", plan.expert, "experts", model.experts)
        _divide(found, "expert ranks", plan.expert, "data ranks", plan.data)
    return found


def check(model: Model, cluster: Cluster, plan: Plan) -> None:
    """Raises ValueError with every fault of the plan."""
    found = faults(model, cluster, plan)
    if found:
        raise ValueError(" ".join(found))


def _numbers(plan: Plan) -> list[str]:
    names = ("batch", "micro_batch", "data", "tensor", "pipeline", "context", "expert", "chunks")
    found = [
        f"{name} must be a whole number above 0, not {getattr(plan, name)!r}."
        for name in names
        if not _whole(getattr(plan, name))
    ]
    if plan.zero not in (0, 1, 2, 3):
        found.append(f"zero is a stage, 0 to 3, not {plan.zero!r}.")
    if plan.recompute not in RECOMPUTE:
        found.append(f"recompute is one of {', '.join(RECOMPUTE)}, not {plan.recompute!r}.")
    if plan.schedule not in SCHEDULES:
        found.append(f"schedule is one of {', '.join(SCHEDULES)}, not {plan.schedule!r}.")
    elif not found and (plan.chunks > 1) != (plan.schedule == "interleaved"):
        if plan.chunks > 1:
            found.append(
                f"{plan.schedule} has one chunk a stage, not {plan.chunks}; interleaved has more."
            )
        else:
            found.append("interleaved needs 2 chunks or more a stage; with 1 it is 1f1b.")
    return found


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _divide(found: list[str], what: str, ranks: int, of: str, number: int) -> None:
    if number % ranks:
        found.append(
            f"{ranks} {what} do not divide {number} {of}; {nearest_divisor(number, ranks)} would."
        )


def _batch(found: list[str], plan: Plan) -> None:
    step = plan.data * plan.micro_batch
    if plan.batch % step:
        near = max(step, round(plan.batch / step) * step)
        found.append(
            f"{plan.data} data ranks x micro-batches of {plan.micro_batch} do not divide a batch "
            f"of {plan.batch}; a batch of {near} would do, or "
            f"{nearest_divisor(plan.batch, step)} in place of {step}."
        )
    elif plan.chunks > 1 and plan.micro_batches % plan.pipeline:
        count = plan.micro_batches
        near = max(plan.pipeline, round(count / plan.pipeline) * plan.pipeline)
        found.append(
            f"Interleaving needs micro-batches that the stages divide: {plan.pipeline} does not "
            f"divide {count}; {near} would do."
        )
