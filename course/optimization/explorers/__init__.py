"""The explorers of lesson 03."""

from course.optimization.explorers.engines import side_by_side
from course.optimization.explorers.loop_lines import five_lines
from course.optimization.explorers.racing import optimizer_race
from course.optimization.explorers.rates import batch_rate

__all__ = ["batch_rate", "five_lines", "optimizer_race", "side_by_side"]
