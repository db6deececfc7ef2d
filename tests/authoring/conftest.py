"""A tiny lesson to build, break and run."""

from pathlib import Path

import pytest

TINY = Path(__file__).parent / "fixtures" / "01_tiny.py"


@pytest.fixture
def tiny() -> str:
    """The text of a lesson source in which nothing is wrong."""
    return TINY.read_text(encoding="utf-8")


@pytest.fixture
def course_root(tmp_path: Path, tiny: str) -> Path:
    """A folder with one lesson source and the address of its repository."""
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "01_tiny.py").write_text(tiny, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nurls.Repository = "https://github.com/owner/name"\n', encoding="utf-8"
    )
    return tmp_path
