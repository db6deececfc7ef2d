"""Every test starts from the same random state and the same Hypothesis examples, on every run."""

import random
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "course", derandomize=True, deadline=None, database=None, max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("course")


def _seeders() -> list[Callable[[int], object]]:
    """What seeds each generator that is loaded; an engine that is not is left unloaded."""
    engines = [sys.modules[name] for name in ("torch", "course.scratch") if name in sys.modules]
    return [random.seed, np.random.seed, *(engine.manual_seed for engine in engines)]


@pytest.fixture(autouse=True)
def _same_randomness() -> None:
    """Without it, a bound on random numbers fails now and then, on a run that changed nothing."""
    for seed in _seeders():
        seed(0)
