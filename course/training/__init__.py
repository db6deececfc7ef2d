"""One training loop for both engines, `course.scratch` and PyTorch."""

from course.training.checkpoint import CheckpointError
from course.training.history import History
from course.training.loaders import loaders
from course.training.loop import DivergenceError, Step, evaluate, fit, steps

__all__ = [
    "CheckpointError",
    "DivergenceError",
    "History",
    "Step",
    "evaluate",
    "fit",
    "loaders",
    "steps",
]
