"""The capstone: one model from a client's brief to a report that can be checked, then a plan."""

from course.capstone.briefs import BRIEFS, BriefError, brief
from course.capstone.choices import ChoiceError, Choices
from course.capstone.handover import HandoverError, open_folder
from course.capstone.planning import Answers, plan
from course.capstone.reviewing import review
from course.capstone.workshop import Workshop, run_of

__all__ = [
    "BRIEFS",
    "Answers",
    "BriefError",
    "ChoiceError",
    "Choices",
    "HandoverError",
    "Workshop",
    "brief",
    "open_folder",
    "plan",
    "review",
    "run_of",
]
