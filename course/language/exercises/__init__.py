"""The checks of lesson 07."""

from course.language.exercises.attending import attend_next, attention_weights, causal_attention
from course.language.exercises.drawing import token_chances
from course.language.exercises.merging import learn_merges

ALL = (learn_merges, causal_attention, attention_weights, token_chances, attend_next)

__all__ = ["ALL", *(exercise.name for exercise in ALL)]
