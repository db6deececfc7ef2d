"""Build both editions of the lessons and the glossary from `solutions/*.py`, or check that they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

try:
    import nbformat

    from course.authoring import editions, links, source, terms
    from course.authoring.edition_lints import EDITION_LINTS, Built, run_traces
    from course.authoring.lints import CONTENT_LINTS, STRUCTURE_LINTS
except ModuleNotFoundError as error:
    raise ImportError(
        f"Building lessons needs the package {error.name!r}, which is not installed. "
        "Install it at the top of the course's repository: pip install -e '.[authoring]'"
    ) from error

_NAME = re.compile(r"\d\d_[a-z0-9_]+")


def build(root: Path, check: bool = False, only: Collection[str] | None = None) -> list[str]:
    """Build every lesson under `root` and return what is wrong, a sentence each.

    With `check`, nothing is written, and each notebook that is missing, differs from what its
    source gives, or has no source is reported too. With `only`, lessons of other names are left
    alone. An empty list means that all is well.
    Raises FileNotFoundError when `root` has no folder `solutions`.
    """
    root = Path(root)
    sources = root / "solutions"
    if not sources.is_dir():
        raise FileNotFoundError(
            f"There is no folder {str(sources)!r}; run this at the top of the course's repository."
        )
    paths = sorted(sources.glob("*.py"))
    names = {path.stem for path in paths}
    built_files = {
        f"{folder}/{name}.ipynb" for folder in editions.FOLDERS.values() for name in names
    }
    slug = links.repository(root)

    def exists(file: str) -> bool:
        return file in built_files or (root / file).exists()

    findings: list[str] = []
    defined: list[terms.Term] = []
    for path in paths:
        if not _NAME.fullmatch(path.stem):
            findings.append(
                f"solutions/{path.name}: expected a name such as 03_training_loop.py "
                "(two digits, then lower-case words joined by _)."
            )
        lesson = source.read(path)
        defined += terms.terms(lesson, path.stem)
        if only is not None and path.stem not in only:
            continue
        found, notebooks = build_lesson(lesson, path.stem, slug, exists)
        findings += [f"solutions/{path.name}: {sentence}" for sentence in found]
        for file, text in notebooks.items():
            if check:
                findings += _differences(root, file, text)
            else:
                _write(root / file, text)
    findings += terms.defined_twice(defined)
    if defined or (root / terms.PAGE).exists():
        if check:
            findings += _differences(root, terms.PAGE, terms.page(defined))
        else:
            _write(root / terms.PAGE, terms.page(defined))
    return findings + list(_orphans(root, names))


def build_lesson(
    lesson: nbformat.NotebookNode, name: str, slug: str | None, exists: Callable[[str], bool]
) -> tuple[list[str], dict[str, str]]:
    """Return the lint findings of one lesson, and the text of each notebook by its path.

    A source that could not be built as its author means it gives no notebooks.
    """
    findings = [sentence for lint in STRUCTURE_LINTS for sentence in lint(lesson)]
    if findings:
        return findings, {}
    findings = [sentence for lint in CONTENT_LINTS for sentence in lint(lesson)]
    built = Built(
        name=name,
        source=lesson,
        solution=editions.solution_edition(lesson, name, slug),
        student=editions.student_edition(lesson, name, slug),
        exists=exists,
    )
    findings += [sentence for lint in EDITION_LINTS for sentence in lint(built)]
    return findings, {file: editions.text_of(notebook) for file, notebook in built.editions()}


def _differences(root: Path, file: str, text: str) -> Iterator[str]:
    path = root / file
    if not path.exists():
        yield f"{file} is missing; run `course build` and commit it."
        return
    # A checkout on Windows may have rewritten line ends; that is no difference of content.
    found = path.read_bytes().replace(b"\r\n", b"\n")
    if found == text.encode("utf-8"):
        return
    yield f"{file} is not what its source gives; run `course build` and commit it."
    if not file.endswith(".ipynb"):
        return
    try:
        yield from run_traces(file, nbformat.reads(found.decode("utf-8"), as_version=4))
    except Exception as error:  # whatever the file holds, the sentence above stands
        yield f"{file} cannot be read as a notebook ({type(error).__name__})."


def _write(path: Path, text: str) -> None:
    data = text.encode("utf-8")
    if not path.exists() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _orphans(root: Path, names: set[str]) -> Iterator[str]:
    for folder in editions.FOLDERS.values():
        for path in sorted((root / folder).glob("*.ipynb")):
            if path.stem not in names:
                yield (
                    f"{folder}/{path.name} has no source solutions/{path.stem}.py; "
                    "delete it, or write the source."
                )
