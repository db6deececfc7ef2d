"""NumPy and PyTorch side by side: a library that has nothing to do leaves the cores to the other.

Spinning workers are what made alternating engines collapse, and they show in the processor time that a
process uses while it sleeps: about as much as the sleep is long, against next to nothing.
"""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json, time
{imports}
array = np.ones((600, 600), np.float32)
tensor = torch.ones(600, 600)

def burned(product, sleep=0.02, times=15):
    product()
    used = 0.0
    for _ in range(times):
        product()
        before = time.process_time()
        time.sleep(sleep)
        used += time.process_time() - before
    return used / (times * sleep)

print(json.dumps([burned(lambda: array @ array), burned(lambda: tensor @ tensor)]))
"""


def shares(imports: str, **variables: str) -> list[float]:
    """Processor time over time asleep, after products of NumPy's and of PyTorch's."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_"))}
    two = {"OPENBLAS_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", **variables}
    script = SCRIPT.format(imports=imports)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**kept, **two}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core: there are no workers to spin")
@pytest.mark.parametrize(
    "imports",
    [
        "import course, numpy as np, torch",
        "import numpy as np; np.ones((600, 600)) @ np.ones((600, 600)); import course, torch",
    ],
    ids=["course first", "NumPy first"],
)
def test_neither_library_burns_the_cores_while_the_other_works(imports: str) -> None:
    numpy_share, torch_share = shares(imports)
    assert numpy_share < 0.25
    assert torch_share < 0.25


def test_what_the_user_has_set_stays() -> None:
    script = "import numpy, course, os; print(os.environ['OPENBLAS_THREAD_TIMEOUT'])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        env={**os.environ, "OPENBLAS_THREAD_TIMEOUT": "20"},
    )
    assert done.stdout.strip() == "20"
