"""A planner: model, cluster and plan in; whether it fits, how long a step takes, and the best plan out."""

from course.clusters.planner.machine import Cluster, Efficiency, cluster
from course.clusters.planner.memory import Memory, needs
from course.clusters.planner.plan import Plan, check, faults
from course.clusters.planner.search import Best, best, judge
from course.clusters.planner.shape import Model, gpt
from course.clusters.planner.shape import published as published_model
from course.clusters.planner.step_time import Step, estimate, step

__all__ = [
    "Best",
    "Cluster",
    "Efficiency",
    "Memory",
    "Model",
    "Plan",
    "Step",
    "best",
    "check",
    "cluster",
    "estimate",
    "faults",
    "gpt",
    "judge",
    "needs",
    "published_model",
    "step",
]
