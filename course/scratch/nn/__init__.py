# ruff: noqa: F401 (the names imported here are what the package offers)
"""Layers, losses and what models are built from."""

from . import functional, init, modules, parameter, utils
from .modules import *  # noqa: F403
from .modules.module import Module
from .parameter import Parameter
