"""The explorers of lesson 13."""

from course.trust.explorers.calibrating import calibration
from course.trust.explorers.cards import model_card
from course.trust.explorers.launching import launch
from course.trust.explorers.maps import explanations
from course.trust.explorers.members import membership
from course.trust.explorers.spending import privacy_budget

__all__ = [
    "calibration",
    "explanations",
    "launch",
    "membership",
    "model_card",
    "privacy_budget",
]
