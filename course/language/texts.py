"""Real texts that need no network, each with its datasheet.

As with the images of `course.datasets`, nothing of a text lies in this project: names come out of
an installed package, the manual out of Python itself.
"""

import random
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path

from course.datasets import DatasetError, Datasheet


@dataclass(frozen=True, repr=False)
class Text:
    """A text to learn from, and where it comes from."""

    name: str
    text: str
    datasheet: Datasheet

    def __repr__(self) -> str:
        return f"<Text {self.name}: {len(self.text):,} characters>"


@cache
def names() -> Text:
    """American first names, one a line in lower case, in a mixed but fixed order.

    Raises DatasetError where the package `names` is not installed.
    """
    try:  # by its record, not by import: anybody may have a names.py of their own
        package = metadata.distribution("names")
    except metadata.PackageNotFoundError as error:
        raise DatasetError(
            "The census lists come with the package names, which is not installed here. Run "
            "`pip install names`, then try again; the manual (`texts.manual()`) needs nothing."
        ) from error
    lines: set[str] = set()
    for file in ("dist.female.first", "dist.male.first"):
        path = Path(str(package.locate_file(f"names/{file}")))
        rows = path.read_text(encoding="ascii").splitlines()
        lines |= {row.split()[0].lower() for row in rows if row.strip()}
    order = sorted(lines)
    random.Random(0).shuffle(order)
    return Text("names", "\n".join(order) + "\n", NAMES)


@cache
def manual() -> Text:
    """Python's reference manual as plain text: the pages that `help("topics")` lists."""
    import pydoc_data.topics as pages

    return Text("manual", "\n\n".join(pages.topics[key] for key in sorted(pages.topics)), MANUAL)


@cache
def prose() -> Text:
    """The manual's paragraphs of prose, a line each; tables, grammar and examples are left out."""
    kept = []
    for paragraph in manual().text.split("\n\n"):
        line = " ".join(paragraph.split())
        letters = sum(c.isalpha() or c == " " for c in line)
        if len(line) > 60 and letters > 0.9 * len(line) and "::=" not in line and "|" not in line:
            kept.append(line)
    return Text("prose", "\n".join(dict.fromkeys(kept)) + "\n", PROSE)


NAMES = Datasheet(
    title="First names of the 1990 census of the United States",
    source=(
        "US Census Bureau, Frequently Occurring First Names and Surnames From the 1990 Census "
        "(1995): dist.female.first and dist.male.first, as carried by the package names"
    ),
    licence="Public domain (a work of the US government)",
    size="5,163 different names: 4,275 of women and 1,219 of men, some of them in both lists",
    known_problems=(
        "Names of people counted in one country in 1990; names that few people bear are left out.",
        "Letters A to Z alone: accents, hyphens and spaces were dropped by the Bureau.",
        "Two sexes, as the census form of 1990 asked.",
    ),
    citation="US Census Bureau, Population Division, Population Analysis & Evaluation Staff, 1995.",
)

MANUAL = Datasheet(
    title="Python's reference manual, the topics of its built-in help",
    source="The module pydoc_data.topics of the Python that runs this",
    licence="PSF License Version 2; examples in it also under Zero-Clause BSD",
    size="About 0.5 to 0.9 million characters, differing with the version of Python",
    known_problems=(
        "Another version of Python has another text, so results differ a little between them.",
        "Technical English and program code: a model trained on it knows nothing else.",
    ),
    citation="Python Software Foundation, The Python Language Reference.",
)

PROSE = replace(
    MANUAL,
    title=f"{MANUAL.title}: paragraphs of prose",
    size="About a quarter of a million characters, differing with the version of Python",
    known_problems=(
        *MANUAL.known_problems,
        "Paragraphs were chosen by their share of letters: some code is left, some prose is lost.",
    ),
)
