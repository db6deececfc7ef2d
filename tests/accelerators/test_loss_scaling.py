"""Training with gradients in narrow formats: what is lost, what a scale saves, what overflows."""

from __future__ import annotations

import numpy as np
import pytest

from course import scratch
from course.accelerators.formats import BF16, E4M3, E5M2, FP16, FP32
from course.accelerators.loss_scaling import PATIENCE, ScaledTraining


def trained(steps: int, *given, **named) -> ScaledTraining:
    run = ScaledTraining(*given, **named)
    for _ in range(steps):
        run.step()
    return run


def test_in_fp32_a_scale_changes_nothing() -> None:
    # Powers of two: multiplying and dividing by them loses no bit.
    plain, scaled = trained(20, FP32), trained(20, FP32, 2.0**12, mean_over=2**16)
    assert plain.losses == scaled.losses
    assert plain.lost == scaled.lost == 0


def test_small_gradients_become_zero_and_nothing_is_learned() -> None:
    run = trained(40, E4M3, mean_over=2**12)
    assert run.lost > 0.99 and run.losses[-1] > 2.2
    for mine, first in zip(
        run.model.parameters(), ScaledTraining(E4M3).model.parameters(), strict=True
    ):
        np.testing.assert_array_equal(mine.detach().numpy(), first.detach().numpy())


@pytest.mark.parametrize("target", [E4M3, E5M2, FP16], ids=lambda f: f.name)
def test_the_right_scale_saves_them(target) -> None:
    run = trained(80, target, 2.0**12, mean_over=2**18)
    assert run.losses[-1] < 1.0 and run.skipped == 0
    rounded_less = trained(80, BF16, mean_over=2**18)
    assert rounded_less.losses[-1] < 1.0  # the range of FP32 needs no scale


def test_too_large_a_scale_overflows_and_no_step_is_taken() -> None:
    run = trained(10, E5M2, 2.0**26)
    assert run.skipped == 10 and run.overflowed > 0.5
    assert all(np.isfinite(p.detach().numpy()).all() for p in run.model.parameters())


def test_a_dynamic_scale_finds_its_way_from_both_sides() -> None:
    above = trained(60, E5M2, 2.0**30, dynamic=True)
    assert above.scale < 2.0**26 and above.skipped < 20 and above.losses[-1] < 1.0
    below = trained(2 * PATIENCE, FP16, 1.0, dynamic=True)
    assert below.scale == 4.0 and below.skipped == 0


def test_a_gradient_is_rounded_to_the_format_on_its_way() -> None:
    run = ScaledTraining(E5M2, 2.0**8)
    kept: list[np.ndarray] = []
    rounded = run._rounded(scratch.tensor([0.3, -1e-9, 1e6]), kept).numpy()
    np.testing.assert_array_equal(rounded, np.array([0.3125, -0.0, np.inf], np.float32))
    np.testing.assert_allclose(kept[0], [0.3, -1e-9, 1e6], rtol=1e-6)


def test_the_parameters_gradients_are_rounded_before_the_scale_is_taken_away() -> None:
    run = trained(1, E5M2, 2.0**8)
    for parameter in run.model.parameters():
        gradient = parameter.grad.numpy().astype(np.float64) * 2.0**8
        np.testing.assert_array_equal(E5M2.round(gradient), gradient)


def test_the_readers_random_numbers_stay_the_readers() -> None:
    scratch.manual_seed(5)
    expected = scratch.rand(3).numpy()
    scratch.manual_seed(5)
    ScaledTraining(FP32)
    np.testing.assert_array_equal(scratch.rand(3).numpy(), expected)


def test_a_scale_or_a_mean_that_cannot_be_is_named() -> None:
    with pytest.raises(ValueError, match="the scale must be from"):
        ScaledTraining(FP16, 0.0)
    with pytest.raises(ValueError, match="64 examples or more, not 10"):
        ScaledTraining(FP16, mean_over=10)
