"""Settings of the engine's tests: the same Hypothesis examples on every run, and as they come."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "engine", derandomize=True, deadline=None, database=None, max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip
settings.load_profile("engine")
