# ruff: noqa: F401 (the names imported here are what the package offers)
"""Optimizers: how parameters move by their gradients; `lr_scheduler` changes the rate."""

from ..leftout import left_out as _left_out
from . import lr_scheduler
from .first_order import SGD, Adagrad, Adam, AdamW, RMSprop
from .lbfgs import LBFGS
from .optimizer import Optimizer

__getattr__ = _left_out("course.scratch.optim")
