"""Optimizers: how parameters move, given their gradients; `lr_scheduler` changes the learning rate."""

from . import lr_scheduler
from .adam import Adam, AdamW
from .adaptive import Adagrad, RMSprop
from .optimizer import Optimizer
from .sgd import SGD
