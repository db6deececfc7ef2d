"""The checks of lesson 03."""

from course.optimization.exercises.loops import early_stop, minibatches
from course.optimization.exercises.parity import train_on
from course.optimization.exercises.steps import adam_step, sgd_step

ALL = (sgd_step, adam_step, minibatches, early_stop, train_on)

__all__ = ["ALL", *(exercise.name for exercise in ALL)]
