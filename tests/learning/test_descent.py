"""Gradient descent on a line's loss: its steps, its edge, and what is said of bad settings."""

from __future__ import annotations

import numpy as np
import pytest

from course import scratch
from course.learning import line
from course.learning.descent import (
    counted_from,
    descend,
    diverges,
    largest_stable_rate,
    measured_edge,
)

POINTS = line.diabetes()
ZEROS = ("20", "0", "mean")


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("zero", ZEROS)
def test_the_edge_is_where_the_formula_says(zero: str, momentum: float) -> None:
    points = counted_from(POINTS, zero)
    edge = largest_stable_rate(line.curvatures(points), momentum)
    assert not diverges(points, 0.998 * edge, momentum)
    assert diverges(points, 1.002 * edge, momentum)
    assert measured_edge(points, momentum, halvings=24) == pytest.approx(edge, rel=1e-3)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_steps_are_those_of_the_engines_optimizer(momentum: float) -> None:
    run = descend(POINTS, 0.1, momentum, 30)
    place = scratch.tensor([0.0, 0.0], dtype=scratch.float64, requires_grad=True)
    optimizer = scratch.optim.SGD([place], lr=0.1, momentum=momentum)
    x, y = scratch.tensor(POINTS.x), scratch.tensor(POINTS.y)
    for point, height in zip(run.path, run.losses, strict=True):
        optimizer.zero_grad()
        loss = ((place[0] * x + place[1] - y) ** 2).mean()
        np.testing.assert_allclose(place.detach().numpy(), point, rtol=1e-10, atol=1e-14)
        assert loss.item() == pytest.approx(height, rel=1e-10)
        loss.backward()
        optimizer.step()


def test_below_the_edge_it_finds_the_least_squares_line() -> None:
    run = descend(POINTS, 0.6, steps=400)
    assert run.path[-1] == pytest.approx(line.best_line(POINTS), rel=1e-10)
    assert run.gap < 1e-12 and not run.grows


def test_far_above_the_edge_the_run_is_called_diverged_and_ends() -> None:
    run = descend(POINTS, 5.0, steps=200)
    assert run.diverged_at is not None and run.diverged_at < 30 and run.grows
    assert np.isfinite(run.losses).all() and len(run.path) == run.diverged_at


def test_another_zero_of_x_is_the_same_people_and_the_same_lines() -> None:
    for zero in ZEROS:
        moved = counted_from(POINTS, zero)
        best, here = line.best_line(POINTS), line.best_line(moved)
        assert here[0] == pytest.approx(best[0])
        assert line.loss(*here, moved) == pytest.approx(line.loss(*best, POINTS))
    assert counted_from(POINTS, "mean").x.mean() == pytest.approx(0, abs=1e-12)
    assert counted_from(POINTS, "0").x.min() == pytest.approx(1.8)
    with pytest.raises(ValueError, match="one of 20, 0, mean, not '7'"):
        counted_from(POINTS, "7")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ((0.0,), "learning rate must be above 0 and finite, not 0"),
        ((float("nan"),), "learning rate must be above 0 and finite, not nan"),
        ((0.1, 1.0), "momentum must be at least 0 and less than 1, not 1"),
        ((0.1, -0.1), "momentum must be at least 0"),
        ((0.1, 0.0, -1), "number of steps must be 0 or more, not -1"),
    ],
)
def test_bad_settings_are_named(settings: tuple, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        descend(POINTS, *settings)


def test_a_quadratic_without_a_floor_has_no_stable_rate() -> None:
    with pytest.raises(ValueError, match="curves up"):
        largest_stable_rate([-1.0, 0.0])
    with pytest.raises(ValueError, match="momentum"):
        largest_stable_rate([1.0], 1.0)
