"""The checks of lesson 06."""

from course.clusters.exercises.accumulation import big_batch_step
from course.clusters.exercises.around import ring_all_reduce
from course.clusters.exercises.bubble import enough_micro_batches
from course.clusters.exercises.splitting import my_part

ALL = (ring_all_reduce, my_part, enough_micro_batches, big_batch_step)

__all__ = ["ALL", *(exercise.name for exercise in ALL)]
