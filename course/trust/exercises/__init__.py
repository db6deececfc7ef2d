"""Lesson 13's exercises, one a file."""

from course.trust.exercises.attribution import integrated_gradients
from course.trust.exercises.loan_card import loan_card
from course.trust.exercises.mean import private_mean
from course.trust.exercises.step import private_gradient

ALL = (integrated_gradients, private_mean, private_gradient, loan_card)

__all__ = ["ALL", "integrated_gradients", "loan_card", "private_gradient", "private_mean"]
