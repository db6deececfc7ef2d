"""The explorers of lesson 08."""

from course.scale.explorers.calculator import scale_calculator
from course.scale.explorers.little_laws import own_law
from course.scale.explorers.memory import memory_ledger
from course.scale.explorers.run import training_run
from course.scale.explorers.splits import frontier

__all__ = ["frontier", "memory_ledger", "own_law", "scale_calculator", "training_run"]
