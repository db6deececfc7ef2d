"""The explorers of lesson 07."""

from course.language.explorers.attention import attention_viewer
from course.language.explorers.merging import byte_pairs
from course.language.explorers.sizing import loss_against_parameters

__all__ = ["attention_viewer", "byte_pairs", "loss_against_parameters"]
