"""Binder's environment and the package's own requirements say the same; its scripts are sound."""

from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA_NAMES = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
EXTRAS = ("data", "edge", "fairness")  # what `make lab` installs, too


def floors(lines: list[str]) -> dict[str, tuple[int, ...]]:
    """The lowest version of each package in lines such as "numpy>=2.0"; () where none is named."""
    found = {}
    for line in lines:
        name, _, version = re.split(r"(>=|=)", line + ">=")[:3]
        found[name] = tuple(int(part) for part in version.split(".") if part)
    return found


def environment() -> dict[str, tuple[int, ...]]:
    given = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    lines = [line for line in given["dependencies"] if isinstance(line, str)]
    (by_pip,) = (part["pip"] for part in given["dependencies"] if isinstance(part, dict))
    assert given["channels"] == ["conda-forge"]
    return floors([*lines, *by_pip])


def asked() -> dict[str, tuple[int, ...]]:
    extras = PROJECT["optional-dependencies"]
    return floors([*PROJECT["dependencies"], *(line for name in EXTRAS for line in extras[name])])


@pytest.mark.parametrize("name", sorted(asked()))
def test_the_environment_brings_what_the_package_asks_for(name: str) -> None:
    given = environment()
    conda = CONDA_NAMES.get(name, name)
    assert conda in given, f"binder/environment.yml lacks {conda}"
    assert given[conda] >= asked()[name]


def test_the_environment_brings_little_else() -> None:
    wanted = {CONDA_NAMES.get(name, name) for name in asked()}
    # hatchling builds the course's own wheel; the packages by pip need pandas, taken from conda.
    assert set(environment()) - wanted == {"python", "pip", "hatchling", "pandas"}


def test_no_package_of_pip_s_would_bring_cuda() -> None:
    given = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    names = {line for line in given["dependencies"] if isinstance(line, str)}
    assert not any(line.split(">")[0] in ("torch", "pytorch") for line in names)


def test_its_python_is_one_that_the_course_allows() -> None:
    lowest = floors([f"python{PROJECT['requires-python']}"])["python"]
    assert environment()["python"] >= lowest


@pytest.mark.skipif(os.name == "nt", reason="Binder runs Linux")
@pytest.mark.parametrize("script", ["postBuild", "start"])
def test_its_scripts_are_sound(script: str) -> None:
    path = ROOT / "binder" / script
    assert os.access(path, os.X_OK), f"{path.name} is not executable"
    assert subprocess.run(["bash", "-n", str(path)], capture_output=True).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="Binder runs Linux")
def test_start_limits_the_threads_and_hands_over() -> None:
    done = subprocess.run(
        [
            "bash",
            str(ROOT / "binder" / "start"),
            "bash",
            "-c",
            "echo $OMP_NUM_THREADS $OPENBLAS_NUM_THREADS $OMP_WAIT_POLICY",
        ],
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["2", "2", "PASSIVE"]
