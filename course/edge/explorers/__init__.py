"""The explorers of lesson 11."""

from course.edge.explorers.bits import bit_width
from course.edge.explorers.cloud import cloud_or_edge
from course.edge.explorers.distilling import distillation
from course.edge.explorers.monitor import heart_monitor
from course.edge.explorers.pareto import pareto_front
from course.edge.explorers.prune import pruning

__all__ = [
    "bit_width",
    "cloud_or_edge",
    "distillation",
    "heart_monitor",
    "pareto_front",
    "pruning",
]
