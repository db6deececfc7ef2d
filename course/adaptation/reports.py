"""What adapting the text encoder gave, as a table; where the encoder is missing, a smaller stand-in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from types import ModuleType

from course.adaptation import encoder, ranks, text_tuning
from course.adaptation.docstrings import PACKAGES, docstrings


@dataclass(frozen=True, repr=False)
class Report:
    """A title, columns, rows of text and a last sentence; ``real`` is False for the stand-in."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    said: str
    real: bool
    tuned: dict[str, text_tuning.Tuned]

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[n]) for line in lines) for n in range(len(self.columns))]
        body = ["  ".join(t.ljust(w) for t, w in zip(s, widths, strict=True)) for s in lines]
        return "\n".join([self.title, *(line.rstrip() for line in body), self.said])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(c)}</th>' for c in self.columns)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        return (
            f"<table><caption>{escape(self.title)}</caption><tr>{head}</tr>{body}</table>"
            f"<p>{escape(self.said)}</p>"
        )


def adapt_texts(
    engine: ModuleType, methods: Sequence[str] = ("head", "lora"), *, progress: bool = True
) -> Report:
    """Adapt the pretrained encoder to the docstrings with ``engine``, in each of ``methods``.

    Where the encoder is not installed the report says how to get it, and shows the same on the
    small network that is adapted to mirrored digits. Raises ValueError for an unknown method.
    """
    why = encoder.available()
    if why:
        return _stand_in(why, methods)
    given = text_tuning.features(engine, progress)
    tuned = {m: text_tuning.tune(engine, given, m, progress=progress) for m in methods}
    count = len(docstrings().held_out)
    error = 100 * math.sqrt(0.7 * 0.3 / count)
    rows = [
        ("always the same package", "0", f"{1 / len(PACKAGES):.1%}", ""),
        ("word counts, logistic regression", "-", f"{text_tuning.bag_of_words():.1%}", ""),
    ]
    rows += [
        (
            f"encoder, {method}",
            f"{t.footprint.trainable:,} of {t.footprint.numbers:,}",
            f"{t.accuracy:.1%}",
            f"{t.seconds:.1f} s",
        )
        for method, t in tuned.items()
    ]
    said = (
        f"Judged on {count} docstrings of files that training never saw; the standard error of such a "
        f"share is about {error:.1f} points. The frozen layers took {given.seconds:.1f} s, once for all."
    )
    columns = ("Way", "Numbers trained, of the top layers'", "Held-out accuracy", "Time here")
    return Report("Which package is a docstring from?", columns, rows, said, True, tuned)


def _stand_in(why: str, methods: Sequence[str]) -> Report:
    found = [ranks.adapted(method, 8 if method == "lora" else 0) for method in methods]
    rows = [
        (a.method, f"{a.footprint.trainable:,} of {a.footprint.numbers:,}", f"{a.accuracy:.1%}")
        for a in found
    ]
    columns = ("Way", "Numbers trained", "Held-out accuracy")
    title = "A stand-in: the small digits network, adapted to mirrored digits"
    return Report(title, columns, rows, why, False, {})
