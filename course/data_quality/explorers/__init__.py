"""The explorers of lesson 04."""

from course.data_quality.explorers.augmenting import augmentation
from course.data_quality.explorers.imbalance import rare_class
from course.data_quality.explorers.leaks import leakage
from course.data_quality.explorers.learning import learning_curves
from course.data_quality.explorers.lifetimes import lifetimes_of_reading
from course.data_quality.explorers.wrong_labels import mislabelled

__all__ = [
    "augmentation",
    "leakage",
    "learning_curves",
    "lifetimes_of_reading",
    "mislabelled",
    "rare_class",
]
