"""The best plan for a model on a cluster: all that divide are tried, many at a time.

Plans that differ in numbers (tensor, pipeline, data, expert ranks, micro-batch, chunks) are columns
of one array; those that differ in kind (stage of ZeRO, recomputation) are looked through one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from course.clusters.planner import memory, step_time
from course.clusters.planner.machine import Cluster
from course.clusters.planner.memory import Memory
from course.clusters.planner.plan import RECOMPUTE, Plan, Recompute
from course.clusters.planner.shape import Model, divisors, nearest_divisor
from course.clusters.planner.step_time import Step

_COLUMNS = ("data", "tensor", "pipeline", "context", "expert", "micro_batch", "chunks")
_MOST_STAGES, _MOST_CHUNKS, _MOST_MICRO = 128, 16, 16


@dataclass(frozen=True)
class Best:
    """The fastest plans that fit, the fastest first; how many were tried, how many fitted."""

    plans: tuple[Plan, ...]
    tried: int
    fitted: int

    @property
    def plan(self) -> Plan:
        """The fastest."""
        return self.plans[0]


def candidates(
    model: Model, cluster: Cluster, batch: int, contexts: Sequence[int]
) -> NDArray[np.int64]:
    """Rows of data, tensor, pipeline, context, expert, micro-batch and chunks that divide.

    For each split of the model, data ranks are the most, and the next fewer, that the chips and
    the batch allow: chips may stay idle.
    """
    found: list[tuple[int, ...]] = []
    wide = [t for t in divisors(model.heads) if model.ffn % t == 0 and t <= 8 * cluster.per_node]
    for t in wide:
        for places in (model.layers, model.layers + 2):
            for p in divisors(places):
                if p > _MOST_STAGES or (places != model.layers and p < 3):
                    continue
                for c in contexts:
                    most = cluster.chips // (t * p * c)
                    for d in [d for d in divisors(batch) if d <= most][-2:]:
                        found += _inside(model, batch, d, t, p, c, places)
    return np.array(found, dtype=np.int64).reshape(-1, 8)


def _inside(
    model: Model, batch: int, d: int, t: int, p: int, context: int, places: int
) -> list[tuple[int, ...]]:
    """What is left to choose once data, tensor and pipeline ranks are."""
    rows: list[tuple[int, ...]] = []
    experts = [e for e in divisors(model.experts) if d % e == 0]
    for b in divisors(batch // d):
        if b > _MOST_MICRO:
            break
        count = batch // (d * b)
        chunks = [1]
        if p > 1 and count % p == 0:
            chunks = [v for v in divisors(places // p) if v <= _MOST_CHUNKS]
        rows += [
            (d, t, p, context, e, b, v, int(places != model.layers))
            for e in experts
            for v in chunks
        ]
    return rows


def best(
    model: Model,
    cluster: Cluster,
    batch: int,
    *,
    context: int | None = None,
    recompute: tuple[Recompute, ...] = RECOMPUTE,
    zero: tuple[int, ...] = (0, 1, 2, 3),
    keep: int = 10,
    among: Mapping[str, Sequence[int]] | None = None,
    progress: bool = False,
    **fixed: Any,
) -> Best:
    """The fastest plans for ``batch`` sequences a step that fit in the chips' memory.

    context: ranks that share a sequence, by default up to 16 as is best. among: the values that
    a field may have (tensor, pipeline, micro_batch, ...). ``fixed`` are other fields of Plan. ``progress`` shows a bar. Raises ValueError, with the least
    memory that any plan needs, where none fits, and where nothing divides.
    """
    if not isinstance(batch, int) or batch < 1:
        raise ValueError(f"batch must be a whole number of sequences above 0, not {batch!r}")
    if context is not None and (context < 1 or model.sequence % context):
        near = nearest_divisor(model.sequence, max(context, 1))
        raise ValueError(
            f"{context} context ranks do not divide sequences of {model.sequence} tokens; "
            f"{near} would"
        )
    some = [c for c in (1, 2, 4, 8, 16) if model.sequence % c == 0]
    rows = candidates(model, cluster, batch, some if context is None else [context])
    if not len(rows):
        raise ValueError(f"{cluster.chips} chips are too few for {context} context ranks")
    for name, values in (among or {}).items():
        rows = rows[np.isin(rows[:, _COLUMNS.index(name)], list(values))]
    if not len(rows):
        raise ValueError(f"nothing divides with {', '.join(among or {})} among what was given")
    kinds = [(z, r) for z in zero for r in recompute]
    groups = [(v, e) for v in (False, True) for e in (0, 1)]
    work = [(z, r, v, e) for z, r in kinds for v, e in groups]
    with _Bar(len(work), progress) as bar:
        found: list[tuple[float, Plan]] = []
        fitted, least = 0, np.inf
        for z, r, several, even in work:
            some = rows[((rows[:, 6] > 1) == several) & (rows[:, 7] == even)]
            bar(len(some))
            if not len(some):
                continue
            plans = _plans(batch, some, z, r, several, bool(even), fixed)
            needed = np.asarray(memory.needs(model, cluster, plans).total)
            fits = needed <= cluster.memory
            least, fitted = min(least, float(needed.min())), fitted + int(fits.sum())
            if not fits.any():
                continue
            some = some[fits]
            plans = _plans(batch, some, z, r, several, bool(even), fixed)
            seconds = np.asarray(step_time.estimate(model, cluster, plans).seconds)
            for k in np.argsort(seconds, kind="stable")[:keep]:
                one = _plans(batch, some[k], z, r, several, bool(even), fixed)
                found.append((float(seconds[k]), one))
    tried = len(rows) * len(kinds)
    if not found:
        raise ValueError(
            f"no plan of {model.name} fits in {cluster.chips:,} chips with "
            f"{cluster.memory / 1e9:.0f} GB each: of {tried:,} tried, the leanest needs "
            f"{least / 1e9:.0f} GB a chip; use more chips, or chips with more memory"
        )
    found.sort(key=lambda pair: (pair[0], pair[1].zero, pair[1].chips))
    return Best(tuple(plan for _, plan in found[:keep]), tried, fitted)


def _plans(
    batch: int, rows: Any, zero: int, recompute: Recompute, several: bool, even: bool, fixed: Any
) -> Plan:
    """One plan whose fields are columns; or, of a single row, a plan of plain numbers."""
    columns = rows.T[: len(_COLUMNS)]
    values = columns if rows.ndim == 2 else [int(v) for v in columns]
    plan = Plan(
        batch,
        zero=zero,
        recompute=recompute,
        schedule="interleaved" if several else "1f1b",
        even_ends=even,
    )
    numbers = dict(zip(_COLUMNS, values, strict=True))
    return replace(plan, **cast(Any, numbers), **fixed)


class _Bar:
    """A progress bar over kinds of plans that counts plans, or none."""

    def __init__(self, total: int, shown: bool) -> None:
        self._total, self._shown, self._tried = total, shown, 0
        self._bar: Any = None

    def __enter__(self) -> _Bar:
        if self._shown:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self._total, unit="kind", desc="plans")
        return self

    def __call__(self, plans: int) -> None:
        self._tried += plans
        if self._bar is not None:
            self._bar.set_postfix_str(f"{self._tried:,} plans", refresh=False)
            self._bar.update(1)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def judge(model: Model, cluster: Cluster, plan: Plan) -> tuple[Memory, Step]:
    """Memory and time of one plan; raises ValueError, in words, for one that does not divide."""
    return memory.needs(model, cluster, plan), step_time.step(model, cluster, plan)
