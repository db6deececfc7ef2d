"""The explorers of lesson 10."""

from course.adaptation.explorers.budgets import budget
from course.adaptation.explorers.federating import federated
from course.adaptation.explorers.ranking import lora_rank
from course.adaptation.explorers.transferring import transfer

__all__ = ["budget", "federated", "lora_rank", "transfer"]
