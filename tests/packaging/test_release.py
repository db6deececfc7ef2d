"""The papers of a release agree with one another, and the workflows run what is here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import course

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_one_version_everywhere() -> None:
    cited = yaml.safe_load(text("CITATION.cff"))
    assert course.__version__ == PROJECT["version"] == cited["version"]
    assert f"## {PROJECT['version']}" in text("CHANGELOG.md")
    assert cited["license"] == PROJECT["license"]
    assert cited["repository-code"] == PROJECT["urls"]["Repository"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_has_limits_and_named_rights(path: Path) -> None:
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert "permissions" in given
    for name, job in given["jobs"].items():
        assert job["runs-on"], name
        for step in job["steps"]:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[\w./]+", step.get("uses", "a/b@v1")), step


def test_the_workflows_test_every_python_that_the_package_names() -> None:
    given = yaml.safe_load(text(".github/workflows/tests.yml"))
    tested = set(given["jobs"]["tests"]["strategy"]["matrix"]["python"])
    named = {
        found[1] for line in PROJECT["classifiers"] if (found := re.search(r":: (3\.\d+)$", line))
    }
    assert tested == named
    systems = {
        "ubuntu-latest",
        *(row["os"] for row in given["jobs"]["tests"]["strategy"]["matrix"]["include"]),
    }
    assert systems == {"ubuntu-latest", "macos-latest", "windows-latest"}


def test_the_workflows_call_commands_that_exist() -> None:
    from course.cli import cli

    for path in WORKFLOWS:
        for word in re.findall(r"bin/course (\w+)", path.read_text(encoding="utf-8")):
            assert word in cli.commands, f"{path.name} calls `course {word}`"


def test_a_report_of_a_problem_asks_for_the_doctor() -> None:
    form = yaml.safe_load(text(".github/ISSUE_TEMPLATE/problem.yml"))
    asked = {part["id"]: part for part in form["body"]}
    assert asked["doctor"]["validations"]["required"] is True


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the sdist, made from a copy of the tracked files."""
    clone, out = tmp_path_factory.mktemp("clone") / "c", tmp_path_factory.mktemp("dist")
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git clone")
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(clone)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_wheel_holds_the_lessons_and_no_solution(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for path in (ROOT / "lessons").glob("*.ipynb"):
        assert f"course/classroom/lessons/{path.name}" in names
    assert not [name for name in names if name.startswith(("solutions/", "tests/"))]


def test_the_sdist_holds_what_a_contributor_needs(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}
    for wanted in (
        "lessons/00_start_here.ipynb",
        "solutions/00_start_here.py",
        "tests/conftest.py",
        "README.md",
    ):
        assert wanted in names


def test_the_wheel_alone_starts_the_course(built: Path, tmp_path: Path) -> None:
    """Unpacked outside the clone, with the dependencies of this environment."""
    (wheel,) = built.glob("*.whl")
    place = tmp_path / "installed"
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--target",
            str(place),
            str(wheel),
        ],
        check=True,
    )
    code = (
        f"import sys; sys.path.insert(0, {str(place)!r}); import course; "
        f"assert course.__file__.startswith({str(place)!r}), course.__file__; "
        "from course.cli import main; main(['start', '--dir', 'mine'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    lessons = {path.name for path in (ROOT / "lessons").glob("*.ipynb")}
    assert {path.name for path in (tmp_path / "mine").glob("*.ipynb")} == lessons
