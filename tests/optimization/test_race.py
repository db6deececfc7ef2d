"""The race really runs the engine's optimizers, and what it says about them is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from course import scratch
from course.optimization.race import (
    BOWL_CURVATURES,
    OPTIMIZERS,
    SURFACES,
    descend,
    largest_stable_rate,
    run_race,
)


@pytest.mark.parametrize(("factor", "stable"), [(0.999, True), (1.001, False)])
def test_sgd_on_a_quadratic_is_stable_below_two_over_the_largest_curvature(
    factor: float, stable: bool
) -> None:
    rate = factor * largest_stable_rate(BOWL_CURVATURES)
    (track,) = run_race("bowl", ["sgd"], rate, 4000).tracks
    steep = np.abs(track.points[:, 1])
    assert (steep[-1] < 1e-3) == stable
    assert (steep[-1] > steep[0]) != stable


def test_far_above_the_stable_rate_sgd_is_called_diverged_and_ends() -> None:
    (track,) = run_race("bowl", ["sgd"], 3 * largest_stable_rate(BOWL_CURVATURES), 200).tracks
    assert track.diverged_at is not None and track.diverged_at < 50
    assert np.isfinite(track.gaps).all() and len(track.gaps) == track.diverged_at


def test_gradient_descent_on_the_bowl_follows_its_formula() -> None:
    (track,) = run_race("bowl", ["sgd"], 0.05, 10).tracks
    shrink = 1 - 0.05 * np.array(BOWL_CURVATURES)
    expected = np.array(SURFACES["bowl"].start) * shrink ** np.arange(11)[:, None]
    np.testing.assert_allclose(track.points, expected, rtol=1e-12)


def test_momentum_is_what_its_name_says() -> None:
    (track,) = run_race("bowl", ["momentum"], 0.05, 10).tracks
    place, speed = np.array(SURFACES["bowl"].start), np.zeros(2)
    for point in track.points[1:]:
        speed = 0.9 * speed + np.array(BOWL_CURVATURES) * place
        place = place - 0.05 * speed
        np.testing.assert_allclose(point, place, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("surface", SURFACES)
def test_scratch_and_torch_take_the_same_path(surface: str, optimizer: str) -> None:
    mine = descend(SURFACES[surface], optimizer, 0.01, 60, scratch)
    theirs = descend(SURFACES[surface], optimizer, 0.01, 60, torch)
    assert mine.diverged_at == theirs.diverged_at
    np.testing.assert_allclose(mine.points, theirs.points, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", SURFACES)
def test_the_stated_minimum_is_the_minimum(name: str) -> None:
    surface = SURFACES[name]
    for valley in surface.valleys:
        assert surface.height(*valley) == pytest.approx(surface.minimum, abs=1e-8)
    left, right, bottom, top = surface.window
    x, y = np.meshgrid(np.linspace(left, right, 201), np.linspace(bottom, top, 201))
    assert surface.height(x, y).min() >= surface.minimum - 1e-12


def test_the_finished_come_lowest_first_and_the_diverged_apart() -> None:
    race = run_race("bowl", list(OPTIMIZERS), 0.2, 100)
    finals = [track.final for track in race.finished]
    assert finals == sorted(finals)
    assert "sgd" in [t.optimizer for t in race.diverged]
    assert len(race.finished) + len(race.diverged) == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bowel", ["sgd"], 0.1, 10), "'bowel' is not known here; choose from bowl, banana"),
        (("bowl", ["sdg"], 0.1, 10), "'sdg' is not known here; choose from sgd, momentum"),
        (("bowl", ["sgd"], 0.0, 10), "learning rate must be above 0 and finite, not 0"),
        (("bowl", ["sgd"], float("nan"), 10), "learning rate must be above 0 and finite, not nan"),
        (("bowl", ["sgd"], 0.1, -1), "number of steps must be 0 or more, not -1"),
    ],
)
def test_bad_input_is_named(arguments: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        run_race(*arguments)


def test_a_quadratic_that_curves_nowhere_up_has_no_stable_rate() -> None:
    with pytest.raises(ValueError, match="curves up"):
        largest_stable_rate([-1.0, 0.0])
