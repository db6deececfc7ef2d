"""The explorers of lesson 12."""

from course.fairness.explorers.association import word_association
from course.fairness.explorers.deciding import two_thresholds
from course.fairness.explorers.proxies import dropped_attribute
from course.fairness.explorers.rates import group_rates
from course.fairness.explorers.together import impossible

__all__ = [
    "dropped_attribute",
    "group_rates",
    "impossible",
    "two_thresholds",
    "word_association",
]
