"""The explorers of lesson 02: a graph stepper, broadcasting and its reverse, the gradient check."""

from course.backpropagation.explorers.gradient_check import gradient_check
from course.backpropagation.explorers.graph_stepper import graph_stepper
from course.backpropagation.explorers.stretching import broadcasting

__all__ = ["broadcasting", "gradient_check", "graph_stepper"]
