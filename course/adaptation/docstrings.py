"""A text task from Python itself: which package of the standard library is a docstring from?

Read from the source files of the running Python, without importing them and without a network.
"""

from __future__ import annotations

import ast
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from course.datasets import DatasetError, Datasheet

PACKAGES = ("asyncio", "email", "importlib", "multiprocessing", "unittest", "xml")
TRAIN, HELD_OUT = 80, 45  # docstrings a package, at most
SHORTEST, LONGEST = 40, 400  # characters


@dataclass(frozen=True, repr=False)
class Docstrings:
    """Texts with their package's number; no file has docstrings on both sides.

    train, held_out: row numbers.
    """

    texts: tuple[str, ...]
    labels: NDArray[np.int64]
    files: tuple[str, ...]
    train: NDArray[np.int64]
    held_out: NDArray[np.int64]
    datasheet: Datasheet

    def __repr__(self) -> str:
        return (
            f"<Docstrings: {len(self.train)} to train on and {len(self.held_out)} held out, from "
            f"{', '.join(PACKAGES)}>"
        )


@lru_cache
def docstrings() -> Docstrings:
    """The docstrings of PACKAGES, each package's name struck out, whole files held out.

    Raises DatasetError where this Python has no readable source of its standard library.
    """
    root = Path(sysconfig.get_paths()["stdlib"])
    rng = np.random.default_rng(0)
    rows: list[tuple[str, int, str, bool]] = []
    seen: set[str] = set()
    for label, package in enumerate(PACKAGES):
        found: dict[str, list[str]] = {}
        for path in sorted((root / package).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            for text in _of(path):
                clean = _without_name(text, package)
                if len(clean) >= SHORTEST and clean not in seen:
                    seen.add(clean)
                    found.setdefault(name, []).append(clean)
        if len(found) < 3:
            raise DatasetError(
                f"This Python has no readable source of its package {package} in {root}: use one "
                "from python.org or from your system's packages."
            )
        rows += _split(found, label, rng)
    texts, labels, files, kept_back = zip(*rows, strict=True)
    held = np.array(kept_back)
    return Docstrings(
        texts,
        np.array(labels, np.int64),
        files,
        rng.permutation(np.flatnonzero(~held)),
        np.flatnonzero(held),
        _SHEET,
    )


def _of(path: Path) -> Iterator[str]:
    """The docstrings of a file's classes and functions."""
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):  # one unreadable file is no reason to stop
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            text = ast.get_docstring(node)
            if text:
                yield text


def _without_name(text: str, package: str) -> str:
    """One line of at most LONGEST characters in which the package is not named."""
    flat = " ".join(re.sub(package, "...", text, flags=re.IGNORECASE).split())
    return flat[:LONGEST]


def _split(
    found: dict[str, list[str]], label: int, rng: np.random.Generator
) -> list[tuple[str, int, str, bool]]:
    """Rows (text, label, file, held out): files drawn until a third of the texts is held out."""
    names = [str(name) for name in rng.permutation(sorted(found))]
    total = sum(len(texts) for texts in found.values())
    sides: tuple[list[tuple[str, str]], list[tuple[str, str]]] = ([], [])
    for name in names:
        # A file that would hold back more than half of all stays on the training side.
        held = len(sides[1]) < total / 3 and len(sides[1]) + len(found[name]) <= total / 2
        sides[held].extend((text, name) for text in found[name])
    rows = []
    for held, most in ((False, TRAIN), (True, HELD_OUT)):
        pairs = sides[held]
        drawn = rng.permutation(len(pairs))[:most]
        rows += [(pairs[n][0], label, pairs[n][1], held) for n in sorted(drawn)]
    return rows


_SHEET = Datasheet(
    title="Docstrings of six packages of Python's standard library",
    source="The source files of the Python that runs this: " + ", ".join(PACKAGES),
    licence="PSF License Version 2",
    size=f"At most {TRAIN} docstrings a package to train on and {HELD_OUT} held out, 40 to 400 characters",
    known_problems=(
        "Another version of Python has other docstrings, so results differ a little between them.",
        "Docstrings of one file are relatives, so whole files are held out; files of one package "
        "still share authors and habits.",
        "The package's own name is struck out, but what gives it away otherwise (an Element, a "
        "TestCase) is not.",
    ),
    citation="Python Software Foundation, The Python Standard Library.",
)
