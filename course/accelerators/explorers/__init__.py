"""The explorers of lesson 05."""

from course.accelerators.explorers.any_chip import roofline
from course.accelerators.explorers.latency import latency_hiding
from course.accelerators.explorers.numbers import number_formats
from course.accelerators.explorers.own_machine import this_machine
from course.accelerators.explorers.scaling import loss_scaling
from course.accelerators.explorers.six_applications import first_tpu
from course.accelerators.explorers.summing import long_sum
from course.accelerators.explorers.systolic import systolic_array
from course.accelerators.explorers.tiles import tiled_product

__all__ = [
    "first_tpu",
    "latency_hiding",
    "long_sum",
    "loss_scaling",
    "number_formats",
    "roofline",
    "systolic_array",
    "this_machine",
    "tiled_product",
]
