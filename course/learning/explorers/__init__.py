"""The explorers of lesson 01: a line to drag, gradient descent to its edge, a live playground."""

from course.learning.explorers.fit import line_fit
from course.learning.explorers.playground import playground
from course.learning.explorers.valley import gradient_descent

__all__ = ["gradient_descent", "line_fit", "playground"]
