"""The explorers of lesson 06."""

from course.clusters.explorers.around import all_reduce
from course.clusters.explorers.gantt import pipeline_schedule

__all__ = ["all_reduce", "pipeline_schedule"]
