"""Exercises and their checks: what is wrong, in the learner's terms, and what to try next."""

from course.checks.cases import Case, case, probe
from course.checks.exercise import Exercise, as_exercise
from course.checks.score import Score
from course.checks.slips import slip
from course.checks.verify import verify

__all__ = ["Case", "Exercise", "Score", "as_exercise", "case", "probe", "slip", "verify"]
