"""The explorers of lesson 09."""

from course.energy.explorers.flows import flow
from course.energy.explorers.hours import when
from course.energy.explorers.measuring import this_run
from course.energy.explorers.places import where
from course.energy.explorers.serving import training_and_serving

__all__ = ["flow", "this_run", "training_and_serving", "when", "where"]
