"""Make the book: run the lessons, gather the pages, let Sphinx lay them out."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from course.authoring import links
from course.authoring.book import pages
from course.authoring.book.run import BookError, run, settle

_HERE = Path(__file__).parent
# (name of the page, title in the table of contents), where docs/ has them.
_DOCS = (
    ("glossary", "Glossary"),
    ("learners", "For learners"),
    ("instructors", "For instructors"),
    ("classroom", "In the classroom"),
    ("jupyterhub", "On a JupyterHub"),
)
_CAPTION = '<p class="caption" role="heading">'
FIGURES = ("figures", "Sources of the figures")


def make_book(
    root: Path,
    folder: Path,
    *,
    only: Collection[str] | None = None,
    running: bool = True,
    say: Callable[[str], object] = print,
) -> Path:
    """Write the book of the repository at ``root`` into ``folder``; return its first page.

    The student edition is run, so that no solution stands in it. ``only`` names the lessons ("03") to
    take, ``running=False`` takes them without outputs.
    Raises BookError when a lesson does not run, a warning of Sphinx's comes, or ``folder`` holds
    something that is no book; ImportError where Sphinx, MyST-NB or the theme is missing.
    """
    _needed()
    if folder.exists() and any(folder.iterdir()) and not (folder / "genindex.html").is_file():
        raise BookError(f"{folder} is there already and is no book: name another folder.")
    lessons = [
        path
        for path in sorted((root / "lessons").glob("*.ipynb"))
        if only is None or path.stem[:2] in only
    ]
    if not lessons:
        raise BookError(f"There is no such lesson: {', '.join(only or ())}.")
    with tempfile.TemporaryDirectory(prefix="book-") as name:
        stage = Path(name)
        for path in lessons:
            say(f"{'Running' if running else 'Reading'} {path.stem} ...")
            _stage_lesson(root, path, stage, running)
        _stage_pages(root, lessons, stage)
        say("Laying the pages out ...")
        _sphinx(stage, folder)
    return folder / "index.html"


def _needed() -> None:
    for name in ("sphinx", "myst_nb", "furo"):
        try:
            __import__(name)
        except ModuleNotFoundError as error:
            raise ImportError(
                f"The book needs the package {error.name!r}. "
                "Install it at the top of the course's repository: pip install -e '.[book]'"
            ) from error


def _stage_lesson(root: Path, path: Path, stage: Path, running: bool) -> None:
    import nbformat

    notebook = settle(run(path)) if running else nbformat.read(path, as_version=4)
    page = pages.lesson_page(notebook, links.get_ready(links.repository(root)))
    nbformat.write(page, stage / path.name)


def _stage_pages(root: Path, lessons: list[Path], stage: Path) -> None:
    others = []
    for name, title in _DOCS:
        source = root / "docs" / f"{name}.md"
        if source.is_file():
            text = pages.prose(source.read_text(encoding="utf-8"))
            (stage / source.name).write_text(_only(text, lessons), encoding="utf-8")
            others.append((name, title))
    (stage / f"{FIGURES[0]}.md").write_text(
        pages.figures_page(root / "course" / "facts"), encoding="utf-8"
    )
    front = pages.front_page(lessons, [*others, FIGURES])
    (stage / "index.md").write_text(front, encoding="utf-8")
    shutil.copy(_HERE / "conf.py", stage / "conf.py")
    (stage / "_static").mkdir()
    shutil.copy(_HERE / "book.css", stage / "_static" / "book.css")


def _only(text: str, lessons: list[Path]) -> str:
    """The text with links to lessons that are not in this book as plain words."""
    known = {path.name for path in lessons}
    return re.sub(
        r"\[([^\]]+)\]\((\d\d_[a-z0-9_]+\.ipynb)\)",
        lambda found: found[0] if found[2] in known else found[1],
        text,
    )


def _sphinx(stage: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="book-doctrees-") as doctrees:
        words = ["-m", "sphinx", "-q", "-E", "-b", "html", "-d", doctrees, str(stage), str(folder)]
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    said = done.stderr.replace(f"{stage}/", "").strip()
    if done.returncode or "WARNING" in said or "ERROR" in said:
        raise BookError(f"The pages have faults:\n{said}")
    for page in folder.glob("*.html"):
        # Sphinx calls a caption of the contents a heading and does not say of which level; a table
        # that scrolls sideways must be within reach of the keyboard.
        text = page.read_text(encoding="utf-8")
        text = text.replace(_CAPTION, f'{_CAPTION[:-1]} aria-level="2">')
        page.write_text(text.replace("<table", '<table tabindex="0"'), encoding="utf-8")
