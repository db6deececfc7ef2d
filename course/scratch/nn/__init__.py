# ruff: noqa: F401 (the names imported here are what the package offers)
"""Layers, losses and what models are built from."""

from ..leftout import left_out as _left_out
from . import functional, init, modules, parameter, utils
from .modules import *  # noqa: F403
from .modules.module import Module
from .parameter import Parameter

__getattr__ = _left_out("course.scratch.nn")
