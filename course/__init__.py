"""Train by Hand: learn how AI models are trained by building the training yourself."""

__version__ = "0.1.0"
