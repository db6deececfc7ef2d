"""The hand-built engine beside PyTorch: the one room that imports torch by itself."""

from course.compare.closeness import Closeness, cmp
from course.compare.comparison import Comparison
from course.compare.side_by_side import run
from course.compare.weights import copy_weights

__all__ = ["Closeness", "Comparison", "cmp", "copy_weights", "run"]
