"""The rooms below `compare` load neither PyTorch nor anything heavy before it is needed."""

import subprocess
import sys

import pytest

HEAVY = ("torch", "sklearn", "mlxtend", "matplotlib", "tqdm", "IPython")


@pytest.mark.parametrize("room", ["training", "models", "recipes", "datasets"])
def test_a_room_imports_nothing_heavy(room):
    code = f"import sys, course.{room}; print([m for m in {HEAVY} if m in sys.modules])"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.strip() == "[]"
