"""The explorers of lesson 14."""

from course.capstone.explorers.dashboard import dashboard
from course.capstone.explorers.questionnaire import questionnaire

__all__ = ["dashboard", "questionnaire"]
