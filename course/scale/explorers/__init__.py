"""The explorers of lesson 08."""

from course.scale.explorers.calculator import scale_calculator
from course.scale.explorers.frontier import frontier
from course.scale.explorers.memory import memory_ledger
from course.scale.explorers.own_law import own_law
from course.scale.explorers.run import training_run

__all__ = ["frontier", "memory_ledger", "own_law", "scale_calculator", "training_run"]
