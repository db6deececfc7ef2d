"""Every operation that both engines have, on the inputs that PyTorch tests itself with."""

from __future__ import annotations

from collections import Counter

import pytest

pytest.importorskip("expecttest", reason="PyTorch's own test inputs need the package expecttest")

import torch
from opinfo import USED, compare_samples, shared

# Operations of which PyTorch's samples show nothing that the engine has: other tests cover them.
NO_SAMPLE_FITS = {
    "to": "samples give non_blocking and copy",
}
OPERATIONS = shared()


def test_most_of_the_engine_is_covered() -> None:
    assert len(OPERATIONS) >= 165
    assert set(NO_SAMPLE_FITS) <= set(OPERATIONS)


@pytest.mark.filterwarnings("ignore::UserWarning")  # PyTorch's notices; the engine gives none
@pytest.mark.parametrize("name", sorted(set(OPERATIONS) - set(NO_SAMPLE_FITS)))
def test_samples_of(name: str) -> None:
    count: Counter = Counter()
    for dtype, most in ((torch.float64, 8), (torch.float32, 3), (torch.int64, 4), (torch.bool, 4)):
        count += compare_samples(name, OPERATIONS[name], dtype, most)
    assert count[USED] >= 2, dict(count)
