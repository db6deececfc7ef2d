"""Helpers around training; `data` feeds batches."""

from . import data
