"""The checks of lesson 08."""

from course.scale.exercises.counting import count_parameters
from course.scale.exercises.laws import fit_power_law
from course.scale.exercises.planning import plan_run
from course.scale.exercises.serving import serving_bytes

ALL = (count_parameters, serving_bytes, fit_power_law, plan_run)

__all__ = ["ALL", *(exercise.name for exercise in ALL)]
