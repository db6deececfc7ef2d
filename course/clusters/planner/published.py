"""Plans that were really run, as the planner's own types, each with the throughput it reached.

What a source leaves open (the chunks of its interleaving, its micro-batch) is set here once, by
the rule that stands beside it, and shown in `Run.assumed`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from course.clusters.planner import work
from course.clusters.planner.machine import Cluster, cluster
from course.clusters.planner.plan import Plan
from course.clusters.planner.shape import Model, gpt, published
from course.clusters.planner.step_time import Step, estimate
from course.facts import parallel_training as facts
from course.facts import training_memory

A100, H100 = "NVIDIA A100 SXM 80GB", "NVIDIA H100 SXM"


@dataclass(frozen=True)
class Run:
    """A published run; tflops: 1e12 operations a second and chip, recomputed ones too if ``done``.

    causal: the source counts only the scores that a token may look at, half of them.
    """

    table: str
    name: str
    model: Model
    cluster: Cluster
    plan: Plan
    tflops: float
    done: bool = False
    causal: bool = False
    assumed: str = ""
    source: str = ""

    def predicted(self) -> float:
        """The same figure from the planner."""
        found = estimate(self.model, self.cluster, self.plan)
        return self.in_tflops(found)

    def in_tflops(self, found: Step) -> float:
        """A step in this run's own way of counting."""
        share = found.hfu if self.done else found.mfu
        if self.causal:
            half = 1.5 * self.plan.batch * self.model.sequence * self.model.layers
            share = share * (1 - half * work.attention(self.model) / found.useful)
        return float(share * self.cluster.peak / 1e12)


def _stages(layers: int, pipeline: int) -> int:
    """Chunks where a source says that it interleaves but not how finely: one layer each."""
    return layers // pipeline if pipeline > 1 else 1


def _interleaved(plan: Plan, chunks: int) -> Plan:
    return replace(plan, chunks=chunks, schedule="interleaved" if chunks > 1 else "1f1b")


# Chunks of Table 1, from the scripts that its authors published (examples/sc21/run_table_1.sh).
_CHUNKS = {76.1: 3, 310.1: 2}


@lru_cache
def megatron() -> tuple[Run, ...]:
    """Megatron-LM 2021, Table 1: A100s, all activations recomputed."""
    found = []
    for row in facts.megatron_scaling():
        model = gpt(
            f"GPT {row.billion_parameters:g}B", int(row.layers), int(row.hidden), int(row.heads)
        )
        # The scripts send gradients while computing where there is no pipeline (DDP=torch).
        plan = Plan(
            int(row.batch),
            int(row.micro_batch),
            int(row.data),
            int(row.tensor),
            int(row.pipeline),
            sequence_parallel=False,
            recompute="full",
            flash=False,
            overlap=row.pipeline == 1,
        )
        plan = _interleaved(plan, _CHUNKS.get(row.billion_parameters, 1))
        found.append(
            Run(
                "Megatron-LM 2021, Table 1",
                model.name,
                model,
                cluster(A100, int(row.gpus)),
                plan,
                row.tflops_per_gpu,
                True,
                source=row.cite,
            )
        )
    return tuple(found)


def _shape(billions: float) -> Model:
    """The shape of a model that a table names by its size alone, from a row that has it."""
    if billions > 500:
        row = next(r for r in training_memory.recomputation() if r.model.startswith("530B"))
        return gpt("MT-NLG 530B", int(row.layers), int(row.hidden), int(row.heads))
    core = next(r for r in facts.megatron_core() if r.model == "177B")
    return gpt("GPT-3 175B", int(core.layers), int(core.hidden), int(core.heads))


@lru_cache
def against_zero3() -> tuple[Run, ...]:
    """Megatron-LM 2021, Table 2: its own plans and fully sharded ones on the same chips."""
    found = []
    for row in facts.megatron_against_zero3():
        model, gpus = _shape(row.billion_parameters), int(row.gpus)
        common = Plan(
            int(row.batch),
            int(row.micro_batch),
            sequence_parallel=False,
            recompute="full",
            flash=False,
        )
        if row.scheme == "ZeRO-3":
            # The floor of its time is that of one adapter a node (see the tests).
            plan = replace(common, data=gpus, zero=3, adapters=False)
            assumed = "gathers through one adapter a node"
        else:
            stages = int(row.model_parallel) // 8
            chunks = 3 if row.billion_parameters > 500 else 1  # as in Table 1's script
            data = gpus // int(row.model_parallel)
            plan = replace(common, data=data, tensor=8, pipeline=stages, overlap=False)
            if (plan.micro_batches % stages) == 0:
                plan = _interleaved(plan, chunks)
            assumed = "8 tensor ranks; the chunks of a stage"
        name = f"{model.name}, {row.scheme}, {gpus} GPUs"
        found.append(
            Run(
                "Megatron-LM 2021, Table 2",
                name,
                model,
                cluster(A100, gpus),
                plan,
                row.tflops_per_gpu,
                True,
                assumed=assumed,
                source=row.cite,
            )
        )
    return tuple(found)


@lru_cache
def recomputation() -> tuple[Run, ...]:
    """Korthikanti et al. 2022: sequence parallel, the attention recomputed, and all of it."""
    found = []
    for row in training_memory.recomputation():
        model = gpt(row.model, int(row.layers), int(row.hidden), int(row.heads))
        data = int(row.gpus / (row.tensor * row.pipeline))
        plan = Plan(
            int(row.batch),
            int(row.micro_batch),
            data,
            int(row.tensor),
            int(row.pipeline),
            recompute="selective",
            flash=False,
            overlap=False,
        )
        plan = _interleaved(plan, 3 if row.pipeline > 1 else 1)
        machine = cluster(A100, int(row.gpus))
        useful = estimate(model, machine, plan).useful
        full = replace(plan, recompute="full", sequence_parallel=False)
        for which, seconds, one in (
            ("selective", row.seconds_selective, plan),
            ("full", row.seconds_full, full),
        ):
            if seconds:
                found.append(
                    Run(
                        "Korthikanti 2022, Table 5",
                        f"{row.model}, {which}",
                        model,
                        machine,
                        one,
                        useful / seconds / machine.chips / 1e12,
                        assumed="3 chunks" if row.pipeline > 1 else "",
                        source=row.cite,
                    )
                )
    return tuple(found)


@lru_cache
def utilization() -> tuple[Run, ...]:
    """Rows of the tables of utilisation whose shape and plan are known here too."""
    found = []
    for row in facts.utilization():
        if row.model == "MT-NLG 530B":  # 8 tensor ranks, 35 stages, no interleaving, batch 1,920
            model, gpus = _shape(530), int(row.n_accelerators or 0)
            plan = Plan(1920, 1, gpus // 280, 8, 35, sequence_parallel=False, recompute="full")
            plan = replace(plan, flash=False, overlap=False)
            reached, done, assumed = float(row.tflops_per_gpu or 0), True, ""
        elif row.model in ("175B (GPT-3)", "1T"):
            large = row.model == "1T"
            big = facts.megatron_scaling()[-1]
            model = gpt("GPT 1T", int(big.layers), int(big.hidden), int(big.heads))
            model, gpus = model if large else _shape(175), int(row.n_accelerators or 0)
            plan = Plan(gpus, 1, 1, 8, gpus // 8, recompute="selective", flash=False)
            plan = _interleaved(replace(plan, overlap=False), 1 if large else 3)
            # Its hardware figure counts the attention done again three times over.
            reached, done = float(row.mfu_pct or 0) / 100 * 312, False
            assumed = "one sequence a GPU, as for 530B; chunks"
        else:
            continue
        name = f"{model.name}, {gpus:,} GPUs"
        machine = cluster(A100, gpus)
        found.append(
            Run("Utilisation", name, model, machine, plan, reached, done, False, assumed, row.cite)
        )
    return tuple(found)


@lru_cache
def megatron_core() -> tuple[Run, ...]:
    """Megatron-Core on H100s: everything overlapped, nothing or the attention recomputed."""
    found = []
    for row in facts.megatron_core():
        model = gpt(
            f"GPT {row.model}",
            int(row.layers),
            int(row.hidden),
            int(row.heads),
            vocab=131072,
            sequence=4096,
        )
        plan = Plan(int(row.batch), 1, int(row.data), int(row.tensor), int(row.pipeline), zero=1)
        plan = _interleaved(plan, _stages(int(row.layers), int(row.pipeline)))
        found.append(
            Run(
                "Megatron-Core on H100",
                model.name,
                model,
                cluster(H100, int(row.gpus)),
                plan,
                row.tflops_per_gpu,
                assumed="micro-batch 1; chunks of one layer",
                source=row.cite,
            )
        )
    return tuple(found)


@lru_cache
def llama3() -> tuple[Run, ...]:
    """Llama 3 405B, Table 4: fully sharded optimizer and gradients, weights kept after use."""
    found = []
    for row in facts.llama3_parallelism():
        model = published("Llama-3.1-405B", int(row.sequence))
        # Gradients are summed over the micro-batches before they are sharded: stage 1's traffic.
        plan = Plan(
            int(row.batch_per_replica * row.data),
            1,
            int(row.data),
            int(row.tensor),
            int(row.pipeline),
            int(row.context),
            zero=1,
            recompute="selective",
            even_ends=True,
            gradient_bytes=4,
        )
        plan = _interleaved(plan, _stages(model.layers + 2, int(row.pipeline)))
        name = f"Llama 3 405B, {int(row.gpus):,} GPUs, {int(row.sequence):,} tokens"
        found.append(
            Run(
                "Llama 3, Table 4",
                name,
                model,
                cluster(H100, int(row.gpus)),
                plan,
                row.tflops_per_gpu,
                causal=True,
                assumed="micro-batch 1; chunks of one layer; half the scores counted; gradients not "
                "sharded; norms and activation functions formed again (the paper fits 8,192 tokens "
                "without; by this count of memory that would overflow)",
                source=row.cite,
            )
        )
    return tuple(found)


@lru_cache
def mlperf() -> tuple[Run, ...]:
    """MLPerf 3.1, GPT-3 on H100s: FP8 in the linear layers; evaluations taken off the time."""
    found = []
    batches = {e.n_accelerators: e.global_batch for e in facts.mlperf_gpt3()}
    for row in facts.mlperf_plans():
        model, gpus = _shape(175), int(row.n_accelerators)
        batch = int(batches[row.n_accelerators] or 0)
        data = gpus // int(row.tensor * row.pipeline)
        plan = Plan(batch, 1, data, int(row.tensor), int(row.pipeline), zero=1)
        plan = _interleaved(plan, _stages(model.layers, int(row.pipeline)))
        machine = cluster(H100, gpus, precision="fp8")
        one = estimate(model, machine, plan)
        # Each 24,576 sequences three batches of 2,048 go forward, a third of a step's work.
        training = 1 + 3 * 2048 / 24576 / 3
        per_token = one.useful / (batch * model.sequence)
        found.append(
            Run(
                "MLPerf 3.1, GPT-3",
                f"GPT-3 175B, {gpus:,} GPUs, FP8",
                model,
                machine,
                plan,
                row.tokens_per_s * per_token * training / gpus / 1e12,
                assumed="chunks of one layer"
                + ("; split as with more GPUs" if gpus == 512 else ""),
                source=row.cite,
            )
        )
    return tuple(found)


def runs() -> tuple[Run, ...]:
    """All of them."""
    old = megatron() + against_zero3() + recomputation() + utilization()
    return old + megatron_core() + llama3() + mlperf()
