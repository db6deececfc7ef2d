"""Explanations, calibration, privacy, and the papers that a model should travel with."""
