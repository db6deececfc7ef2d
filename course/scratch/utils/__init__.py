# ruff: noqa: F401 (the names imported here are what the package offers)
"""Helpers around training; `data` feeds batches."""

from ..leftout import left_out as _left_out
from . import data

__getattr__ = _left_out("course.scratch.utils")
