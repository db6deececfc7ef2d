"""The line's loss, gradient and curvatures are what they are by formula and by autograd."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from course import scratch
from course.learning import line
from course.learning.line import Points

POINTS = line.diabetes()


def test_the_best_line_is_the_one_that_scikit_learn_finds() -> None:
    slope, intercept = line.best_line(POINTS)
    found = LinearRegression().fit(POINTS.x[:, None], POINTS.y)
    assert slope == pytest.approx(found.coef_[0], rel=1e-10)
    assert intercept == pytest.approx(found.intercept_, rel=1e-10)
    assert np.abs(line.gradient(slope, intercept, POINTS)).max() < 1e-12


def test_fitting_step_by_step_ends_at_the_best_line() -> None:
    assert line.fit(POINTS, 0.6, 400) == pytest.approx(line.best_line(POINTS), rel=1e-10)
    assert line.fit(POINTS, 0.6, 0) == (0.0, 0.0)


def test_no_line_beside_the_best_one_has_a_smaller_loss() -> None:
    slope, intercept = line.best_line(POINTS)
    least = line.loss(slope, intercept, POINTS)
    for step in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01), (0.01, -0.02)):
        assert line.loss(slope + step[0], intercept + step[1], POINTS) > least


def test_the_gradient_is_autograds() -> None:
    place = scratch.tensor([0.7, -0.3], dtype=scratch.float64, requires_grad=True)
    errors = place[0] * scratch.tensor(POINTS.x) + place[1] - scratch.tensor(POINTS.y)
    (errors * errors).mean().backward()
    np.testing.assert_allclose(line.gradient(0.7, -0.3, POINTS), place.grad.numpy(), rtol=1e-12)


def test_the_hessian_is_how_the_gradient_changes() -> None:
    step = 1e-4
    columns = [
        (line.gradient(*(s * step), POINTS) - line.gradient(*(-s * step), POINTS)) / (2 * step)
        for s in np.eye(2)
    ]
    np.testing.assert_allclose(np.transpose(columns), line.hessian(POINTS), rtol=1e-8)
    assert line.curvatures(POINTS)[0] < line.curvatures(POINTS)[1]


def test_the_surface_is_the_loss_at_every_pair() -> None:
    slopes, intercepts = np.linspace(-1, 3, 5), np.linspace(-2, 2, 4)
    found = line.surface(POINTS, slopes, intercepts)
    expected = [[line.loss(w, b, POINTS) for w in slopes] for b in intercepts]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_diabetes_points_are_the_published_ones_in_other_units() -> None:
    assert len(POINTS) == 442
    bmi, progression = 20 + 10 * POINTS.x, 100 * POINTS.y
    assert (bmi.min(), bmi.max()) == pytest.approx((18.0, 42.2))
    assert (progression.min(), progression.max()) == (25.0, 346.0)
    assert "diabetes" in str(POINTS.datasheet).lower()
    with pytest.raises(ValueError, match="read-only"):
        POINTS.x[0] = 1.0


def test_points_above_each_other_have_no_best_slope() -> None:
    upright = Points("upright", np.ones(3), np.arange(3.0), "x", "y")
    with pytest.raises(ValueError, match="all 3 points have the same x"):
        line.best_line(upright)
