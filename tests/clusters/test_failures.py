"""Checkpoints and failures: the closed formula against runs that are lived through."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from course.clusters import failures
from course.facts.architectures import architecture
from course.facts.interruptions import effective_training, interruptions

HOUR = 3600.0


def published() -> tuple[float, float, int]:
    """Days, accelerators and unexpected interruptions of the published run."""
    rows = interruptions()
    return rows[0].days, rows[0].accelerators, int(sum(row.count for row in rows))


def test_the_published_causes_add_up() -> None:
    days, chips, count = published()
    assert (days, chips, count) == (54, 16384, 419)
    assert all(row.verified for row in interruptions())
    # All printed shares but the first follow from the counts; the table's note says so.
    off = [
        r.component for r in interruptions() if abs(100 * r.count / count - r.printed_pct) > 0.06
    ]
    assert off == ["Faulty GPU"] and "35.3 %" in interruptions()[0].note


def test_a_failure_every_three_hours() -> None:
    days, chips, count = published()
    one = failures.mean_of_one(days, int(chips), count)
    assert one / 365.25 == pytest.approx(5.78, abs=0.01)  # years, of one GPU
    assert 24 * failures.mean_between_failures(one, int(chips)) == pytest.approx(3.09, abs=0.01)


@pytest.mark.parametrize("interval", [300.0, 1200.0, 6000.0])
@pytest.mark.parametrize("restart", [0.0, 600.0])
def test_the_formula_is_what_runs_live_through(interval: float, restart: float) -> None:
    mtbf = 3.09 * HOUR
    seen = failures.replays(24, 54 * 24 * HOUR, interval, 60.0, restart, mtbf)
    error = seen.std(ddof=1) / np.sqrt(len(seen))
    expected = failures.goodput(interval, 60.0, restart, mtbf)
    print(
        f"interval {interval:5g} s: formula {expected:.4f}, seen {seen.mean():.4f} +- {error:.4f}"
    )
    assert abs(seen.mean() - expected) < 4 * error and error < 0.004


def test_young_and_daly_lie_near_the_best() -> None:
    for save, mtbf in ((10.0, 3 * HOUR), (60.0, 3 * HOUR), (600.0, 2 * HOUR)):
        best = failures.best_interval(save, 300.0, mtbf)
        assert failures.daly(save, mtbf) == pytest.approx(best, rel=0.01)
        assert failures.young(save, mtbf) == pytest.approx(best, rel=0.25)
        loss = failures.goodput(best, save, 300.0, mtbf)
        loss -= failures.goodput(failures.young(save, mtbf), save, 300.0, mtbf)
        assert 0 <= loss < 0.006
    assert failures.best_interval(60.0, 0.0, HOUR) == pytest.approx(
        failures.best_interval(60.0, 900.0, HOUR), rel=1e-4
    )
    assert failures.daly(100.0, 50.0) == 50.0


def test_the_published_share_asks_for_quick_saves_and_restarts() -> None:
    """More than 90 % of 54 days was useful: by formula, with which savings and restarts?"""
    row = effective_training()[0]
    days, chips, count = published()
    assert (row.days, row.accelerators, row.unexpected) == (days, chips, count)
    stops = row.planned + row.unexpected
    mtbf = 86400 * days / stops
    kept = {}
    for save in (5.0, 20.0, 60.0, 300.0):
        for restart in (120.0, 300.0, 600.0, 1800.0):
            best = failures.best_interval(save, restart, mtbf)
            kept[save, restart] = failures.goodput(best, save, restart, mtbf)
            print(
                f"saving {save:3g} s, restarting {restart / 60:2g} min: "
                f"{100 * kept[save, restart]:.1f} %, published more than {row.at_least_pct:g} %"
            )
    reached = {pair for pair, share in kept.items() if share > row.at_least_pct / 100}
    assert reached == {(5.0, 120.0), (5.0, 300.0), (5.0, 600.0), (20.0, 120.0), (20.0, 300.0)}


def test_what_a_checkpoint_costs() -> None:
    state = architecture("Llama-3.1-405B").parameters
    assert failures.saving(state, 1e12) == pytest.approx(5.68, abs=0.01)
    assert failures.saving(state, 2e12) == failures.saving(state, 1e12) / 2
    with pytest.raises(ValueError, match="bandwidth must be above 0, not 0"):
        failures.saving(1.0, 0)


def test_a_run_is_told_without_gaps() -> None:
    run = failures.replay(50 * HOUR, 900.0, 60.0, 600.0, 2 * HOUR, seed=3)
    ends = [s.end for s in run.stretches]
    assert [s.start for s in run.stretches[1:]] == ends[:-1]
    assert run.total("work") == pytest.approx(50 * HOUR) and run.failures > 5
    kinds = [s.kind for s in run.stretches]
    assert all(b == "save" for a, b in itertools.pairwise(kinds) if a == "work")
    assert all(b == "restart" for a, b in itertools.pairwise(kinds) if a == "lost")
    assert sum(map(run.total, ("work", "save", "lost", "restart"))) == pytest.approx(run.length)


def test_without_failures_only_saving_costs() -> None:
    run = failures.replay(100.0, 10.0, 1.0, 5.0, 1e12)
    assert run.failures == 0 and run.goodput == pytest.approx(100 / 110)
    assert failures.goodput(10.0, 1.0, 5.0, 1e12) == pytest.approx(10 / 11, rel=1e-4)


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="save more often"):
        failures.replay(100.0, 100.0, 1.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="mtbf must be above 0, not 0"):
        failures.young(1.0, 0)
    with pytest.raises(ValueError, match="interval must be above 0"):
        failures.goodput(0.0, 1.0, 1.0, 1.0)
