"""Train by Hand: learn how AI models are trained by building the training yourself."""

from course import process

__version__ = "0.1.0"

process.settle()
