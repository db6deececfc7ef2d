"""Explorer: split a model over a cluster, and see where it overflows and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from course.clusters.explorers.cases import (
    CHUNKS,
    MICRO,
    NAMES,
    STAGES,
    TENSOR,
    Case,
    best_of,
    case,
    designed,
)
from course.clusters.explorers.designer_scene import scene
from course.clusters.planner import Memory, Plan, Step, estimate, faults, needs
from course.clusters.planner.memory import PARTS as MEMORY
from course.clusters.planner.plan import RECOMPUTE
from course.clusters.planner.step_time import PARTS as TIME
from course.widgets import DirectExplorer, Table, choice

_WAITS = 0.25  # more than this share of a step in one kind of waiting is named


def _options(values: tuple[int, ...]) -> dict[str, str]:
    return {str(value): str(value) for value in values}


@dataclass(frozen=True)
class DesignerParameters:
    """What the reader sets; a plan's other fields follow from the case and these."""

    case: str = choice("llama-16k", NAMES, label="Model and cluster")
    tensor: str = choice("8", _options(TENSOR), label="Tensor ranks")
    pipeline: str = choice("8", _options(STAGES), label="Pipeline stages")
    micro_batch: str = choice("1", _options(MICRO), label="Sequences at once", hidden=True)
    chunks: str = choice("1", _options(CHUNKS), label="Chunks a stage", hidden=True)
    zero: str = choice("1", _options((0, 1, 2, 3)), label="Sharded", hidden=True)
    recompute: str = choice("none", dict(zip(RECOMPUTE, RECOMPUTE, strict=True)),
                            label="Computed again", hidden=True)  # fmt: skip


@dataclass(frozen=True)
class Designed:
    """A plan judged; memory and step are None where it does not divide."""

    parameters: DesignerParameters
    case: Case
    plan: Plan
    faults: tuple[str, ...]
    memory: Memory | None
    step: Step | None
    best: float  # seconds of a step of the best plan

    @property
    def mfu(self) -> float:
        """Over all chips of the cluster, those that the plan leaves idle too."""
        assert self.step is not None
        return float(self.step.mfu) * self.plan.chips / self.case.cluster.chips

    @property
    def seconds(self) -> str:
        """The step's time with its unit."""
        assert self.step is not None
        return f"{float(self.step.seconds):.3g} s"

    @property
    def waiting(self) -> dict[str, float]:
        """Shares of the step by what a chip waits for, the longest first."""
        assert self.step is not None
        total = float(self.step.seconds)
        names = ("tensor communication", "expert communication", "context communication",
                 "stage transfers", "data communication", "bubble")  # fmt: skip
        found = {name: float(self.step.parts[name]) / total for name in names}
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))

    @property
    def waits(self) -> bool:
        """Whether links, or the pipeline, hold it up for more than a quarter of the step."""
        assert self.step is not None
        return float(self.step.exposed) > _WAITS or self.waiting["bubble"] > _WAITS

    @property
    def worst(self) -> str:
        """The part to blame where it waits too long, else nothing."""
        if not self.waits:
            return ""
        if self.verdict.startswith("LINK"):
            return next(name for name in self.waiting if name != "bubble")
        return "bubble"

    @property
    def verdict(self) -> str:
        """In a line what the step waits for."""
        assert self.step is not None
        exposed, bubble = float(self.step.exposed), self.waiting["bubble"]
        if exposed > _WAITS and exposed > bubble:
            return f"LINK-BOUND: {100 * exposed:.0f} % waits for links"
        if bubble > _WAITS:
            return f"PIPELINE WAITS: {100 * bubble:.0f} % is bubble"
        return f"links: {100 * exposed:.0f} %, bubble: {100 * bubble:.0f} % of the step"


def simulate(p: DesignerParameters) -> Designed:
    """Complete the plan and judge it."""
    c = case(p.case)
    wanted = Plan(
        c.plan.batch,
        int(p.micro_batch),
        tensor=int(p.tensor),
        pipeline=int(p.pipeline),
        expert=c.plan.expert,
        chunks=int(p.chunks),
        schedule="interleaved",
        zero=int(p.zero),
        recompute=p.recompute,  # type: ignore[arg-type]
    )
    plan = designed(p.case, wanted)
    wrong = tuple(faults(c.model, c.cluster, plan))
    fastest = float(estimate(c.model, c.cluster, best_of(p.case)).seconds)
    if wrong:
        return Designed(p, c, plan, wrong, None, None, fastest)
    memory, step = needs(c.model, c.cluster, plan), estimate(c.model, c.cluster, plan)
    return Designed(p, c, plan, (), memory, step, fastest)


def act(p: DesignerParameters, name: str, _x: float, _y: float) -> dict[str, Any]:
    """Load the best plan, or the one that was run."""
    if name not in ("best", "published"):
        return {}
    plan = best_of(p.case) if name == "best" else case(p.case).plan
    fields = ("tensor", "pipeline", "micro_batch", "chunks", "zero", "recompute")
    return {field: str(getattr(plan, field)) for field in fields}


def table(d: Designed) -> Table:
    """Every part of memory and of time; of a plan that does not divide, why."""
    if d.memory is None or d.step is None:
        rows: list[tuple[str, ...]] = [(fault, "-", "-") for fault in d.faults]
        return Table("Why this plan is none", ("What does not divide", "Amount", "Share"), rows)
    total, limit = float(d.memory.total), d.memory.limit
    rows = [
        (f"memory: {name}", f"{float(d.memory.parts[name]) / 1e9:,.2f} GB",
         f"{100 * float(d.memory.parts[name]) / limit:.1f} % of the chip")
        for name in MEMORY
    ]  # fmt: skip
    rows.append(("memory in all", f"{total / 1e9:,.2f} GB", f"{100 * total / limit:.1f} %"))
    seconds = float(d.step.seconds)
    for name in TIME:
        part = float(d.step.parts[name])
        rows.append((f"time: {name}", f"{part:.4g} s", f"{100 * part / seconds:.1f} % of the step"))
    rows.append(("step in all", f"{seconds:.4g} s", "100 %"))
    rows.append(("MFU over all chips (calculated)", f"{100 * d.mfu:.1f} %", "-"))
    hardware = float(d.step.hfu) * d.plan.chips / d.case.cluster.chips
    rows.append(
        ("HFU: the same with what is computed again (calculated)", f"{100 * hardware:.1f} %", "-")
    )
    rows.append(("best plan found here (calculated)", f"{d.best:.4g} s", "-"))
    if d.case.run:
        rows.append(
            ("published (from its TFLOP/s)", f"{d.case.published_seconds:.4g} s", d.case.run.source)
        )
    caption = f"{d.case.name}, {d.plan.batch} sequences of {d.case.model.sequence} tokens a step"
    return Table(caption, ("Part", "Amount", "Share"), rows)


def describe(d: Designed) -> str:
    """Whether it fits, how long a step takes, and how that compares with what was published."""
    if d.memory is None or d.step is None:
        return f"{d.case.name}: this plan does not divide. " + " ".join(d.faults)
    total, limit = float(d.memory.total) / 1e9, d.memory.limit / 1e9
    if d.memory.fits:
        said = f"The plan fits in {total:.1f} of {limit:.0f} GB"
    else:
        said = (
            f"Out of memory: the fullest chip needs {total:,.0f} GB and has {limit:.0f}; its "
            f"largest part is {d.memory.largest}, and what no longer fits is "
            f"{', '.join(d.memory.overflows)}"
        )
    said += (
        f"; a step would take {d.seconds} at an MFU of {100 * d.mfu:.1f} % ({d.verdict.lower()}). "
    )
    if d.worst:
        said += f"Most of the waiting is {d.worst}. "
    idle = d.case.cluster.chips - d.plan.chips
    if idle:
        said += (
            f"{idle:,} chips stay idle: more than {d.plan.data:,} data ranks would not divide the "
            f"batch of {d.plan.batch:,}, or would need more chips than there are. "
        )
    run = d.case.run
    if run and d.plan == d.case.plan:
        mine = run.in_tflops(d.step)
        said += (
            f"This is the published plan: calculated {mine:.0f}, published {run.tflops:.0f} "
            f"TFLOP/s a chip ({100 * (mine / run.tflops - 1):+.0f} %)."
        )
        if run.assumed:
            said += f" Of the plan this is assumed, not published: {run.assumed}."
    else:
        said += f"The best plan found takes {d.best:.3g} s."
    return said


def cluster_designer(**initial: Any) -> DirectExplorer:
    """Split a model over a cluster: tensor, pipeline and data ranks, and what else helps it fit.

    ``initial`` sets any of case, tensor, pipeline, micro_batch, chunks, zero, recompute; raises
    ValueError or TypeError for a value or a name that is not one of them.
    """
    return DirectExplorer(
        DesignerParameters(**initial),
        title="Design a cluster's plan",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        act=act,
        opener="cluster_designer",
    )
