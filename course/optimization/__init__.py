"""Optimizers: how parameters are moved, and what goes wrong when they are moved too far."""
