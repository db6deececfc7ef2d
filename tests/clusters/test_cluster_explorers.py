"""The explorers of the all-reduce and of pipeline schedules show what the simulators find."""

from __future__ import annotations

import pytest

from course.clusters import collectives, pipeline
from course.clusters.explorers import all_reduce, around, gantt, pipeline_schedule
from course.clusters.explorers.around import SIZE, AllReduceParameters
from course.clusters.explorers.gantt import PipelineParameters
from course.widgets.scene import Area, Line, Text


def press(widget, name: str) -> None:
    spot = widget._scene.spots[name]
    widget.handle({"kind": "set", "acts": [{"name": name, "x": spot.x, "y": spot.y}]})


@pytest.mark.parametrize("ranks", range(2, 9))
def test_the_ring_ends_with_all_sums_and_the_bytes_of_the_formula(ranks: int) -> None:
    w = around.simulate(AllReduceParameters(around._LONGEST, ranks))
    assert w.step == w.last == 2 * (ranks - 1)
    assert (w.now == w.full).all()
    formula = 2 * (ranks - 1) / ranks * SIZE
    assert list(w.sent.values()) == [pytest.approx(formula)] * ranks
    assert set(w.sent) == {(r, (r + 1) % ranks) for r in range(ranks)}
    assert "as 2(n - 1)/n times the array says" in around.describe(w)


def test_it_is_walked_with_its_buttons() -> None:
    widget = all_reduce(step=0, ranks=3)
    assert "nothing was sent yet" in widget.sentence
    seen = set()
    for step in range(1, 5):
        press(widget, "next")
        assert widget.parameters.step == step
        seen.add(widget.sentence)
    assert len(seen) == 4
    press(widget, "next")
    assert widget.parameters.step == 4
    press(widget, "back")
    assert widget.parameters.step == 3
    press(widget, "start")
    assert widget.parameters.step == 0


@pytest.mark.parametrize("way", ["ring all-reduce", "tree all-reduce"])
def test_every_message_of_a_step_has_its_arrow(way: str) -> None:
    for step in range(1, 7):
        w = around.simulate(AllReduceParameters(step, 4, way))
        sends = w.plan.steps[w.step - 1]
        lines = [m for m in around._arrows(w) if isinstance(m, Line)]
        wraps = sum(s.target == 0 for s in sends) if way.startswith("ring") else 0
        assert len(lines) == len(sends) + wraps
        assert {line.dash for line in lines} == {"solid" if sends[0].adds else "dashed"}


def test_a_sum_shows_whose_parts_are_in_it() -> None:
    w = around.simulate(AllReduceParameters(1, 4))
    # After one step rank r has added to piece r - 2 what rank r - 1 sent.
    assert [bin(int(w.now[rank, (rank - 2) % 4])).count("1") for rank in range(4)] == [2] * 4
    bars = [m for m in around._pieces(w) if isinstance(m, Area) and m.opacity == 0.55]
    assert len(bars) == 16 + 4


def test_the_tree_burdens_one_rank_more() -> None:
    w = around.simulate(AllReduceParameters(around._LONGEST, 8, "tree all-reduce"))
    assert max(w.sent_by) == collectives.closed_form("tree all-reduce", 8, SIZE).sent
    assert "in a ring it would be 700 MB" in around.describe(w)


def test_a_ring_that_sends_too_much_would_be_said(monkeypatch) -> None:
    w = around.simulate(AllReduceParameters(around._LONGEST, 4))
    monkeypatch.setattr(collectives, "traffic", lambda *given: {(0, 1): 1.0})
    assert "not as 2(n - 1)/n" in around.describe(w)


@pytest.mark.parametrize("name", pipeline.NAMES)
def test_the_bubble_shown_is_the_simulated_one_and_meets_the_formula(name) -> None:
    for stages, count in ((2, 1), (4, 8), (8, 32)):
        s = gantt.simulate(PipelineParameters(name, stages, count))
        assert s.timeline.bubble == pytest.approx(s.formula)
        share = f"waits {100 * s.timeline.bubble:.1f} % of its working time"
        assert share in gantt.describe(s)
        boxes = [m for m in gantt._chart(s).marks if isinstance(m, Area)]
        t = s.timeline
        assert len(boxes) == 2 * t.stages * t.micro_batches * t.chunks


def test_interleaving_rounds_micro_batches_up_and_says_so() -> None:
    widget = pipeline_schedule(schedule="interleaved", stages=4, micro_batches=6)
    assert widget.result.timeline.micro_batches == 8
    assert "8, not 6." in widget.sentence


def test_what_is_kept_is_the_simulated_number() -> None:
    s = gantt.simulate(PipelineParameters("1f1b", 4, 8))
    shown = [m.text for m in gantt._kept(s).marks if isinstance(m, Text)]
    assert shown == ["4", "3", "2", "1"]
