"""The models and clusters that the designer offers, most of them with the plan that was really run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from course.clusters.planner import Cluster, Model, Plan, best, cluster, published, published_model
from course.clusters.planner.published import H100, Run
from course.clusters.planner.shape import divisors

TENSOR = (1, 2, 4, 8, 16, 32, 64)
STAGES = (1, 2, 4, 7, 8, 9, 12, 14, 16, 18, 32, 35, 64)
CHUNKS = (1, 2, 3, 4, 7, 8)
MICRO = (1, 2, 4, 8, 16)
NAMES = {
    "llama-16k": "Llama 3 405B on 16,384 H100",
    "llama-8k": "Llama 3 405B on 8,192 H100",
    "gpt-1t": "GPT 1T on 3,072 A100",
    "mt-nlg": "MT-NLG 530B on 2,240 A100",
    "gpt-175b": "GPT-3 175B on 384 A100",
    "gpt-175b-zero3": "GPT-3 175B on 768 A100, fully sharded",
    "gpt-76b": "GPT 76B on 1,024 A100",
    "llama-8b": "Llama 3 8B on 64 H100",
    "mixtral": "Mixtral 8x7B on 128 H100",
}


@dataclass(frozen=True)
class Case:
    """A model, a cluster and a plan to begin with; ``run`` is what was published of that plan."""

    name: str
    model: Model
    cluster: Cluster
    plan: Plan
    run: Run | None = None

    @property
    def published_seconds(self) -> float | None:
        """Seconds of a step as published, from its throughput."""
        if self.run is None:
            return None
        found = published.estimate(self.model, self.cluster, self.plan)
        return float(found.seconds) * self.run.in_tflops(found) / self.run.tflops


@lru_cache
def case(key: str) -> Case:
    """The case of that key of `NAMES`."""
    runs = {
        "llama-16k": published.llama3()[1],
        "llama-8k": published.llama3()[0],
        "gpt-1t": published.megatron()[6],
        "mt-nlg": published.against_zero3()[7],
        "gpt-175b": published.against_zero3()[3],
        "gpt-175b-zero3": published.against_zero3()[1],
        "gpt-76b": published.megatron()[4],
    }
    if key in runs:
        run = runs[key]
        return Case(NAMES[key], run.model, run.cluster, run.plan, run)
    if key == "llama-8b":
        plan = Plan(512, 1, 64, zero=1, recompute="selective")
        return Case(NAMES[key], published_model("Llama-3-8B"), cluster(H100, 64), plan)
    plan = Plan(1024, 1, 64, 2, expert=8, zero=1, recompute="selective")
    model = published_model("Mixtral-8x7B-v0.1", 4096)
    return Case(NAMES[key], model, cluster(H100, 128), plan)


@lru_cache
def best_of(key: str) -> Plan:
    """The fastest plan of a case that fits, among what the designer's buttons can say."""
    c = case(key)
    same = ("flash", "overlap", "sequence_parallel", "gradient_bytes", "adapters")
    among = {"tensor": TENSOR, "pipeline": STAGES, "chunks": CHUNKS, "micro_batch": MICRO}
    fixed = {name: getattr(c.plan, name) for name in same}
    found = best(
        c.model, c.cluster, c.plan.batch, context=c.plan.context, among=among, keep=200, **fixed
    )
    started = c.plan.expert  # the ranks that the buttons cannot change
    return next(
        plan for plan in found.plans if designed(key, replace(plan, expert=started)) == plan
    )


def designed(key: str, wanted: Plan) -> Plan:
    """``wanted`` completed: the most data ranks that chips and batch allow, and what follows."""
    c = case(key)
    several = wanted.chunks > 1 and wanted.pipeline > 1
    split = wanted.tensor * wanted.pipeline * c.plan.context
    fits = divisors(max(c.plan.batch // wanted.micro_batch, 1))
    data = max((d for d in fits if d * split <= c.cluster.chips), default=1)
    chunks = wanted.chunks if several else 1
    places = wanted.pipeline * chunks
    even = c.model.layers % places != 0 and (c.model.layers + 2) % places == 0
    experts = [e for e in divisors(c.model.experts) if data % e == 0 and e <= wanted.expert]
    return replace(
        c.plan,
        micro_batch=wanted.micro_batch,
        data=data,
        tensor=wanted.tensor,
        pipeline=wanted.pipeline,
        expert=max(experts),
        zero=wanted.zero,
        recompute=wanted.recompute,
        chunks=chunks,
        schedule="interleaved" if several else "1f1b",
        even_ends=even and wanted.pipeline > 2,
    )
