"""The explorers of lesson 06."""

from course.clusters.explorers.checkpoints import checkpoint_interval
from course.clusters.explorers.designer import cluster_designer

__all__ = ["checkpoint_interval", "cluster_designer"]
