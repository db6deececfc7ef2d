"""Fixtures shared by the tests of the training rooms."""

import pytest
import torch

from course import scratch

ENGINES = {"scratch": scratch, "torch": torch}


@pytest.fixture(params=list(ENGINES))
def engine(request):
    """Each of the two engines in turn, with its random stream seeded."""
    found = ENGINES[request.param]
    found.manual_seed(0)
    return found
