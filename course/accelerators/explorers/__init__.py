"""The explorers of lesson 05."""

from course.accelerators.explorers.latency import latency_hiding
from course.accelerators.explorers.numbers import number_formats
from course.accelerators.explorers.roofline import roofline
from course.accelerators.explorers.scaling import loss_scaling
from course.accelerators.explorers.summing import long_sum
from course.accelerators.explorers.systolic import systolic_array

__all__ = [
    "latency_hiding",
    "long_sum",
    "loss_scaling",
    "number_formats",
    "roofline",
    "systolic_array",
]
