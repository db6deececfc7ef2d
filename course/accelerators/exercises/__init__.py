"""The checks of lesson 05."""

from course.accelerators.exercises.bound import arithmetic_intensity, predict_time
from course.accelerators.exercises.mixed import mixed_precision_step
from course.accelerators.exercises.rounding import stochastic_round
from course.accelerators.exercises.tiles import tiled_matmul

ALL = (
    arithmetic_intensity,
    predict_time,
    tiled_matmul,
    stochastic_round,
    mixed_precision_step,
)

__all__ = ["ALL", *(exercise.name for exercise in ALL)]
