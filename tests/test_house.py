"""The house rules that a machine can hold: style, types, layers, imports, what files may say."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def run(*words: str) -> str:
    """What `words` print, run in the repository; fails with it unless they exit with 0."""
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


def tracked(*patterns: str) -> list[Path]:
    """The repository's own files; skips where there is no git to say which they are."""
    try:
        names = run("git", "ls-files", "-z", *patterns).split("\0")
    except (FileNotFoundError, AssertionError):
        pytest.skip("not a git clone, so there is no list of its files")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_ruff_finds_nothing():
    run(sys.executable, "-m", "ruff", "check", ".")


def test_ruff_would_format_nothing():
    run(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_types_hold():
    run(sys.executable, "-m", "mypy")


def test_lower_rooms_never_know_upper_ones():
    run(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()")


def test_importing_the_course_is_cheap():
    heavy = {"torch", "jupyterlab", "jupyter_server", "ipywidgets", "anywidget"}
    heavy |= {"matplotlib", "sklearn", "mlxtend"}
    code = "import sys, course; print(*sys.modules)"
    loaded = set(run(sys.executable, "-c", code).split())
    assert not loaded & heavy


def test_only_compare_loads_torch():
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "course").rglob("*.py"))
    names = [".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]
    code = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    assert "torch" not in sys.modules, f"{name} loads torch"
"""
    run(sys.executable, "-c", code, *(n for n in names if not n.startswith("course.compare")))


def test_the_engine_imports_numpy_and_nothing_else():
    allowed = {*sys.stdlib_module_names, "numpy", "cupy", "cupyx", "course"}
    for path in sorted((ROOT / "course" / "scratch").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] in allowed, f"{path.name} imports {name}"
                rooms = name.split(".")
                assert rooms[0] != "course" or rooms[1:2] in ([], ["scratch"], ["process"]), name


def test_no_tracked_file_names_a_machine_s_path():
    # Spelled in pieces, so that this file does not contain what it forbids.
    machine = re.compile("|".join(f"/{name}/" for name in ("tmp", "work", "root", "opt/wheels")))
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture
        found = machine.search(text)
        assert not found, f"{path.relative_to(ROOT)} names {found[0]}"


def declared() -> set[str]:
    """The names of everything that pyproject.toml asks for."""
    extras = PROJECT["optional-dependencies"].values()
    wanted = [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]
    return {normal(re.split(r"[<>=!~ ;\[]", line)[0]) for line in wanted}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> list[str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_dependency_is_pinned():
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in pins())
    assert declared() <= {normal(line.split("==")[0]) for line in pins()}


def test_ranges_are_wide():
    extras = PROJECT["optional-dependencies"].values()
    for line in [*PROJECT["dependencies"], *(line for extra in extras for line in extra)]:
        assert re.fullmatch(r"[\w.-]+>=[\d.]+", line), f"{line} is more than a floor"


COLAB = {"numpy": "2.1.3", "torch": "2.11", "matplotlib": "3.10.0", "ipywidgets": "7.7.1"}
COLAB |= {"anywidget": "0.9.21", "scikit-learn": "1.6.1"}


@pytest.mark.parametrize("name", COLAB)
def test_colab_keeps_its_own(name):
    (line,) = (line for line in PROJECT["dependencies"] if re.split("[<>=]", line)[0] == name)
    floor = tuple(map(int, line.split(">=")[1].split(".")))
    assert floor <= tuple(map(int, COLAB[name].split(".")))


@pytest.mark.parametrize("path", ["LICENSE", "README.md", "CONTRIBUTING.md", ".ci/run", "Makefile"])
def test_the_house_has_its_papers(path):
    assert (ROOT / path).stat().st_size > 0
