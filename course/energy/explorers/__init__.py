"""The explorers of lesson 09."""

from course.energy.explorers.flow import flow
from course.energy.explorers.serving import training_and_serving
from course.energy.explorers.this_run import this_run
from course.energy.explorers.when import when
from course.energy.explorers.where import where

__all__ = ["flow", "this_run", "training_and_serving", "when", "where"]
