"""The benchmark on a GPU: the same gradients there, and a sentence where there is none."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from on_gpu import place  # noqa: F401 (a fixture)

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("gpu")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("workload", "abcd")
def test_the_gradients_are_those_of_the_cpu(gpu: Any, workload: str) -> None:
    found, expected = (
        gpu.gradients(gpu.build("scratch", workload, device)) for device in ("cuda", "cpu")
    )
    for mine, its in zip(found, expected, strict=True):
        np.testing.assert_allclose(mine, its, atol=1e-4)


def test_it_measures_both_engines(gpu: Any) -> None:
    records = gpu.measure("a", "cpu", 1)
    assert [record["engine"] for record in records] == ["scratch", "torch"]
    assert all(record["ms"] > 0 for record in records)


def test_gradients_that_differ_are_refused(gpu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    true = gpu.gradients
    wrong = iter([1.0, 1.1])
    monkeypatch.setattr(gpu, "gradients", lambda t: [g * w for w in [next(wrong)] for g in true(t)])
    with pytest.raises(RuntimeError, match="gradients differ"):
        gpu.measure("a", "cpu", 1)


def test_without_a_gpu_it_says_so(gpu: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    assert "install cupy" in gpu.missing("cuda")
    command = [sys.executable, "gpu.py", "--workloads", "a", "--rounds", "1"]
    process = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=True)
    result = json.loads(process.stdout)
    assert ("missing" in result) != bool(result["gpu"])
