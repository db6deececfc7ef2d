"""The explorers of lesson 06."""

from course.clusters.explorers.around import all_reduce
from course.clusters.explorers.checkpoints import checkpoint_interval
from course.clusters.explorers.designer import cluster_designer
from course.clusters.explorers.gantt import pipeline_schedule

__all__ = ["all_reduce", "checkpoint_interval", "cluster_designer", "pipeline_schedule"]
