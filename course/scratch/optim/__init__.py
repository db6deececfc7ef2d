# ruff: noqa: F401 (the names imported here are what the package offers)
"""Optimizers: how parameters move by their gradients; `lr_scheduler` changes the rate."""

from . import lr_scheduler
from .adam import Adam, AdamW
from .adaptive import Adagrad, RMSprop
from .lbfgs import LBFGS
from .optimizer import Optimizer
from .sgd import SGD
