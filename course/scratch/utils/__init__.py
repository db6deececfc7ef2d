# ruff: noqa: F401 (the names imported here are what the package offers)
"""Helpers around training; `data` feeds batches."""

from . import data
