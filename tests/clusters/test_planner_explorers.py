"""The designer and the checkpoint explorer say what the planner and the formulas calculate."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from course.clusters import failures
from course.clusters.explorers import checkpoint_interval, checkpoints, cluster_designer, designer
from course.clusters.explorers.cases import NAMES, best_of, case, designed
from course.clusters.explorers.designer import DesignerParameters, simulate
from course.clusters.planner import estimate, faults, needs
from course.widgets.scene import Area, Text


def press(widget, name: str) -> None:
    spot = widget._scene.spots[name]
    widget.handle({"kind": "set", "acts": [{"name": name, "x": spot.x, "y": spot.y}]})


def texts(widget) -> list[str]:
    return [m.text for p in widget._scene.panels for m in p.marks if isinstance(m, Text)]


@pytest.mark.parametrize("key", NAMES)
def test_buttons_load_the_published_and_the_best_plan(key: str) -> None:
    widget, c = cluster_designer(case=key), case(key)
    press(widget, "published")
    assert widget.result.plan == c.plan and widget.error == ""
    slow = float(widget.result.step.seconds)
    if c.run:
        said = f"published {c.run.tflops:.0f} TFLOP/s a chip"
        assert "This is the published plan" in widget.sentence and said in widget.sentence
        assert c.published_seconds == pytest.approx(slow * c.run.predicted() / c.run.tflops)
        assert f"published: {c.published_seconds:.3g} s (dashed line)" in texts(widget)
    press(widget, "best")
    best = widget.result
    assert best.plan == best_of(key) and best.memory.fits
    assert float(best.step.seconds) == pytest.approx(best.best) and best.best <= slow * 1.0001


def test_nothing_that_the_buttons_can_say_is_faster_than_the_best() -> None:
    least = np.inf
    for t, p, b, v, z, r in itertools.product(
        ("2", "4", "8"), ("1", "4", "8", "16"), ("1", "2"), ("1", "2", "8"), "0123",
        ("none", "selective", "full"),
    ):  # fmt: skip
        d = simulate(DesignerParameters("llama-8k", t, p, b, v, z, r))
        if d.memory is not None and d.step is not None and d.memory.fits:
            least = min(least, float(d.step.seconds))
    assert d.best <= least * (1 + 1e-9)


def test_out_of_memory_is_seen_where_it_happens() -> None:
    widget = cluster_designer(tensor="1", pipeline="1")
    assert widget.sentence.startswith("Out of memory: the fullest chip needs")
    assert any(t.startswith("OUT OF MEMORY") for t in texts(widget))
    loud = [m for m in widget._scene.panels[0].marks if isinstance(m, Area) and m.color == "C1"]
    overflowing = widget.result.memory.overflows
    assert overflowing and len(loud) >= len(overflowing)
    press(widget, "zero 3")
    press(widget, "recompute full")
    assert widget.result.memory.fits and "OUT OF MEMORY" not in str(texts(widget))


def test_link_bound_is_seen_where_it_happens() -> None:
    widget = cluster_designer(tensor="64", pipeline="1", zero="1", recompute="full")
    assert widget.result.worst == "tensor communication"
    assert any(t.startswith("LINK-BOUND") for t in texts(widget))
    assert "Most of the waiting is tensor communication." in widget.sentence
    widget.set(tensor="8", pipeline="16")
    assert widget.result.worst == "bubble" and any(t.startswith("PIPELINE") for t in texts(widget))


def test_a_plan_that_does_not_divide_is_told() -> None:
    widget = cluster_designer(pipeline="12")
    assert "this plan does not divide. 12 pipeline stages do not divide 126 layers; " in (
        widget.sentence
    )
    assert "This plan does not divide" in texts(widget)
    assert widget._table.rows[0][0] == widget.result.faults[0]


def test_idle_chips_lower_the_clusters_utilisation() -> None:
    widget = cluster_designer(case="llama-8b", tensor="1", pipeline="1", micro_batch="16")
    d = widget.result
    assert d.plan.data == 32 and "32 chips stay idle" in widget.sentence
    assert d.mfu == pytest.approx(float(d.step.mfu) / 2)


@pytest.mark.parametrize("key", NAMES)
def test_parts_add_up_in_the_table(key: str) -> None:
    d = simulate(DesignerParameters(key, tensor="8", pipeline="1"))
    rows = {row[0]: row[1] for row in designer.table(d).rows}
    total = sum(
        float(rows[f"memory: {name}"].split()[0].replace(",", "")) for name in d.memory.parts
    )
    stated = float(rows["memory in all"].split()[0].replace(",", ""))
    assert stated == pytest.approx(total, abs=0.04)
    assert designed(key, d.plan) == d.plan and faults(d.case.model, d.case.cluster, d.plan) == []
    assert d.memory.total == needs(d.case.model, d.case.cluster, d.plan).total
    assert d.step.seconds == estimate(d.case.model, d.case.cluster, d.plan).seconds


def test_young_and_daly_lie_at_the_top_of_the_curve() -> None:
    widget = checkpoint_interval()
    k = widget.result
    assert k.mtbf / 3600 == pytest.approx(3.09, abs=0.01)
    assert "fail every 3.1 h on average" in widget.sentence
    rows = {row[0]: row for row in checkpoints.table(k).rows}
    assert float(rows["best, by search"][2].split()[0]) >= float(rows["chosen here"][2].split()[0])
    assert k.young == failures.young(60.0, k.mtbf) and k.daly == failures.daly(60.0, k.mtbf)
    widget.set(interval=k.daly / 60)
    assert widget.result.expected == pytest.approx(
        failures.goodput(k.best, 60.0, 600.0, k.mtbf), rel=1e-3
    )


def test_runs_lived_through_agree_with_the_formula() -> None:
    for interval, chips in ((20.0, 16384.0), (120.0, 16384.0), (30.0, 50000.0)):
        k = checkpoints.simulate(checkpoints.CheckpointParameters(interval, 60.0, chips))
        seen = np.array(k.seen)
        spread = 4 * seen.std(ddof=1) / np.sqrt(len(seen)) + 0.01
        print(f"{interval:g} min, {chips:g} chips: {seen.mean():.3f}, formula {k.expected:.3f}")
        assert abs(seen.mean() - k.expected) < spread


def test_a_run_that_never_gets_on_is_said() -> None:
    widget = checkpoint_interval(interval=600.0, chips=100000.0)
    assert widget.result.run is None and widget.result.expected < 0.02
    assert "again and again" in str(texts(widget)) and "simulated" not in widget.sentence


def test_the_pictures_stretches_are_the_runs() -> None:
    k = checkpoints.simulate(checkpoints.CheckpointParameters())
    parts = [k.run.total(kind) / k.run.length for kind in checkpoints._LOOKS]
    assert sum(parts) == pytest.approx(1)
    boxes = [m for m in checkpoints._strip(k).marks if isinstance(m, Area)]
    assert {m.color for m in boxes} == {look[0] for look in checkpoints._LOOKS.values()}
