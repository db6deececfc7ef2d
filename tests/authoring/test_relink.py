"""A fork changes one line; `course links` brings every link after it and leaves other people's alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from course.authoring.build import build
from course.authoring.relink import relink, with_slug

ROOT = Path(__file__).resolve().parents[2]


def test_every_link_of_this_repository_is_right() -> None:
    assert relink(ROOT, check=True) == []


@pytest.fixture
def fork(tmp_path: Path) -> Path:
    shutil.copytree(ROOT, tmp_path / "fork", ignore=shutil.ignore_patterns(".*", "node_modules"))
    root = tmp_path / "fork"
    if (ROOT / ".github").is_dir():
        shutil.copytree(ROOT / ".github", root / ".github")
    settings = root / "pyproject.toml"
    address = "https://github.com/train-by-hand/train-by-hand"
    settings.write_text(
        settings.read_text("utf-8").replace(address, "https://github.com/a-school/their-course"),
        encoding="utf-8",
    )
    return root


def test_a_fork_changes_one_line(fork: Path) -> None:
    assert any(line.startswith("README.md links to") for line in relink(fork, check=True))
    relink(fork)
    build(fork)
    for path in [*fork.glob("*.md"), *fork.glob("lessons/*.ipynb"), *fork.glob("docs/*.md")]:
        assert "github.com/train-by-hand" not in path.read_text("utf-8"), path.name
    readme = (fork / "README.md").read_text("utf-8")
    assert "git clone https://github.com/a-school/their-course" in readme
    assert "cd their-course\n" in readme
    assert relink(fork, check=True) == [] and build(fork, check=True) == []


def test_other_repositories_keep_their_names() -> None:
    text = (
        "https://github.com/a/b https://github.com/a/bc https://github.com/x/a/b-side gh/a/b/main"
    )
    fresh = with_slug(text, "a/b", "new/one")
    assert fresh == (
        "https://github.com/new/one https://github.com/a/bc https://github.com/x/a/b-side gh/new/one/main"
    )
    assert with_slug("https://a.github.io/b/", "a/b", "n/o") == "https://n.github.io/o/"


def test_a_repository_that_is_nowhere_is_a_sentence(fork: Path) -> None:
    settings = fork / "pyproject.toml"
    settings.write_text(settings.read_text("utf-8").replace("github.com", "example.org"), "utf-8")
    with pytest.raises(ValueError, match="no address on GitHub"):
        relink(fork)
