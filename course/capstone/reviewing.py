"""The review of a handed-over folder: facts are computed again, and what does not hold is named.

No figure is taken on trust. Quality and size come from the saved model and the data, the model is
trained again from its choices, time and energy are measured again (with a wide factor, for computers
differ), and the report is made again and compared line by line.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

import numpy as np

from course.capstone import data, report, rubric
from course.capstone.briefs import BRIEFS, number
from course.capstone.budget import MISSED, Standing
from course.capstone.choices import Choices
from course.capstone.handover import (
    HTML,
    MARKDOWN,
    Handover,
    HandoverError,
    open_folder,
)
from course.capstone.measuring import figures
from course.capstone.training import Training
from course.capstone.workshop import code_version, fingerprint

FACTOR = 25  # two computers may differ by so much in time and energy
SAME_ANSWERS = 0.98  # of a model trained again: rounding differs between processors
LEAST_WORDS = 25


@dataclass(frozen=True)
class Finding:
    """One fact: what is checked, its points, the share that is earned, and what was found."""

    fact: str
    points: float
    earned: float
    said: str

    @property
    def holds(self) -> bool:
        """Whether all its points are earned."""
        return self.earned >= self.points


@dataclass(frozen=True)
class Review:
    """All findings on a folder; shows itself as a table, with the rubric for the human part."""

    folder: Path
    findings: tuple[Finding, ...]
    standing: Standing | None

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(f.earned for f in self.findings)

    @property
    def most(self) -> float:
        """Points that there are."""
        return sum(f.points for f in self.findings)

    @property
    def holds(self) -> bool:
        """Whether every fact holds."""
        return all(f.holds for f in self.findings)

    def facts(self) -> dict[str, str]:
        """By fact: "holds", or what was found."""
        return {f.fact: "holds" if f.holds else f.said for f in self.findings}

    @property
    def sentence(self) -> str:
        """The sum in words."""
        wrong = [f.fact for f in self.findings if not f.holds]
        said = f"{self.points:g} of {self.most:g} points for facts"
        return said + (f"; does not hold: {', '.join(wrong)}." if wrong else "; every fact holds.")

    def __str__(self) -> str:
        lines = [self.sentence]
        for f in self.findings:
            mark = "● holds    " if f.holds else "✕ not so   "
            lines.append(f"{mark} {f.earned:g}/{f.points:g}  {f.fact}: {f.said}")
        return "\n".join([*lines, "", rubric.table()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{escape(f.fact)}</th><td>{"● holds" if f.holds else "✕ not so"}</td>'
            f"<td>{f.earned:g} of {f.points:g}</td><td>{escape(f.said)}</td></tr>"
            for f in self.findings
        )
        head = "".join(f'<th scope="col">{h}</th>' for h in ("fact", "verdict", "points", "found"))
        marks = "".join(
            f'<tr><th scope="row">{escape(row[0])}</th>'
            + "".join(f"<td>{escape(c)}</td>" for c in row[1:])
            + "</tr>"
            for row in rubric.rows()
        )
        top = "".join(f'<th scope="col">{escape(c)}</th>' for c in rubric.COLUMNS)
        return (
            f"<table><caption>{escape(self.sentence)}</caption><tr>{head}</tr>{rows}</table>"
            f"<table><caption>The rubric</caption><tr>{top}</tr>{marks}</table>"
        )


def review(folder: str | Path) -> Review:
    """Check every fact of a folder; what cannot be opened is one finding that earns nothing."""
    folder = Path(folder)
    try:
        found = open_folder(folder)
    except HandoverError as error:
        return Review(folder, (Finding("the folder can be opened", 20.0, 0.0, str(error)),), None)
    findings = tuple(
        Finding(name, points, points * share, said)
        for name, points, check in CHECKS
        for share, said in (check(found),)
    )
    return Review(folder, findings, found.standing)


@lru_cache(maxsize=2)
def _trained(choices: Choices) -> Training:
    """The run of these choices, trained again here; two checks ask for it."""
    return Training(data.load(choices.brief), choices).run()


Check = Callable[[Handover], tuple[float, str]]


def _log(found: Handover) -> tuple[float, str]:
    if found.log_trouble:
        return 0.0, found.log_trouble
    if not found.log or found.log[-1].hash != found.record["head"]:
        return 0.0, (
            "the chain is whole, but it does not end with the hash that the record keeps: entries were cut "
            "off, added afterwards, or the whole log was written anew"
        )
    runs = [entry.run for entry in found.log]
    if found.record["run"] not in runs or "held-out rows opened" not in runs[-1]:
        return 0.0, f"the log has no entry for {found.record['run']!r} and the opening after it"
    return 1.0, f"{len(runs)} entries, each with the hash of the one before"


def _data(found: Handover) -> tuple[float, str]:
    here = fingerprint(found.record["brief"])
    other = [entry.run for entry in found.log if entry.data_hash != here]
    if other or not found.log:
        return 0.0, f"{other[0] if other else 'the log'}: another data hash than the data here have"
    return 1.0, f"data hash {here[:12]}… as here"


def _model(found: Handover) -> tuple[float, str]:
    again = _trained(found.choices).model()
    shapes = [w.shape for w in again.weights] == [w.shape for w in found.model.weights]
    if not shapes or bool(again.codes) != bool(found.model.codes):
        return 0.0, "the saved model has other layers than these choices give"
    inputs = found.case.prepared(found.case.held.inputs, found.choices.features)
    both = (again.scores(inputs), found.model.scores(inputs))
    same = float((both[0].argmax(axis=1) == both[1].argmax(axis=1)).mean())
    apart = float(np.abs(both[0] - both[1]).max() / (np.abs(both[0]).max() + 1e-9))
    if same < SAME_ANSWERS or apart > 0.2:
        return 0.0, (
            f"trained again from these choices, the model gives the same answer on {same:.1%} of the held-out "
            f"rows, and scores up to {apart:.0%} apart: it is not the model that the record describes"
        )
    return 1.0, f"trained again from the choices: {same:.1%} of the answers are the same"


def _figures(found: Handover) -> tuple[float, str]:
    if found.log_trouble or not found.log:
        return 0.0, "there is no sound log to compare with"
    wrong = []
    for key in ("accuracy", "fifth", "size"):
        line = found.standing[key]
        logged = found.log[-1].metrics.get(key, math.nan)
        if not abs(logged - line.figure.value) <= 0.01 * max(abs(line.figure.value), 1.0):
            wrong.append(
                f"{line.criterion.name}: logged {number(logged)}, recomputed {line.measured}"
            )
    return (
        (0.0, "; ".join(wrong)) if wrong else (1.0, "recomputed from the saved model and the data")
    )


def _time_and_energy(found: Handover) -> tuple[float, str]:
    c = found.choices
    done = _trained(c)
    now, _ = figures(
        found.case, found.model, c.features, c.threshold, found.case.tune, done.reading
    )
    wait = found.case.delay(c.features)
    for key, base in (("latency", wait), ("energy", 0.0)):
        said = found.standing[key].figure.value - base
        here = min(now[key].value, now[key].low) - base
        logged = found.log[-1].metrics.get(key, math.nan) - base if found.log else math.nan
        name = found.standing[key].criterion.name
        if not abs(said - logged) <= 1e-6 * max(abs(logged), 1e-12):
            return (
                0.0,
                f"{name}: the record says {number(said + base)}, the log {number(logged + base)}",
            )
        # Only too pretty is a finding: a busy computer may make any figure worse.
        if not said >= here / FACTOR:
            return 0.0, (
                f"{name}: recorded {number(said + base)}, measured again {number(here + base)} at the least; "
                f"more than {FACTOR} times better than here"
            )
    return 1.0, f"as logged, and measured again: not better than here by more than {FACTOR} times"


def _limits(found: Handover) -> tuple[float, str]:
    asked = BRIEFS[found.record["brief"]]
    wrong = [
        f"{c.name}: the client asked for {c.bound}, the record says {found.brief[c.key].bound}"
        for c in asked.criteria
        if found.brief[c.key].limit != c.limit
    ]
    return (0.0, "; ".join(wrong)) if wrong else (1.0, "the client's")


def _report(found: Handover) -> tuple[float, str]:
    for name, wanted in report.files(found).items():
        path = found.folder / name
        if not path.is_file():
            return 0.0, f"{name} is missing"
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            return 0.0, f"{name} is no text"
        if text != wanted:
            words = f"{name} was changed after it was made. {_first_difference(wanted, text)}"
            if found.log and found.log[-1].code != code_version():
                words += f". Or another version of the course made it: {found.log[-1].code}"
            return 0.0, words
    return 1.0, f"{MARKDOWN} and {HTML} are what the files give"


def _first_difference(wanted: str, text: str) -> str:
    """The first line that differs, cut to the words around the difference."""
    right, have = wanted.splitlines(), text.splitlines()
    for place, (a, b) in enumerate(zip(right, have, strict=False), start=1):
        if a != b:
            return f"Line {place}: it says “{_around(b, a)}”; the files give “{_around(a, b)}”"
    return f"It has {len(have)} lines; the files give {len(right)}"


def _around(line: str, other: str) -> str:
    start = next(
        (n for n, (a, b) in enumerate(zip(line, other, strict=False)) if a != b),
        min(len(line), len(other)),
    )
    tail = difflib.SequenceMatcher(None, line[start : start + 200], other[start : start + 200])
    size = max(tail.find_longest_match().a, 30)
    plain = re.sub(r"<[^>]*>?", " ", line[max(start - 40, 0) : start + min(size, 60)])
    return " ".join(plain.split())


def _card(found: Handover) -> tuple[float, str]:
    problems = found.card.problems()
    if problems:
        return 0.0, "; ".join(str(p) for p in problems)
    return 1.0, "every section says something; figures are the computed ones"


def _risks(found: Handover) -> tuple[float, str]:
    count = len(found.register)
    if count < 2:
        return 0.5 * count, f"{count} on record; name at least two, each with an owner and a day"
    late = found.register.overdue(found.record["date"])
    if late:
        return 0.5, f"to be reviewed before the report's own day: {late[0].harm}"
    return 1.0, f"{count}, each with an owner and a day"


def _budget(found: Handover) -> tuple[float, str]:
    lines = found.standing.lines
    kept = sum(line.kept for line in lines)
    return kept / len(lines), found.standing.sentence


def _decision(found: Handover) -> tuple[float, str]:
    words = len(str(found.record["reason"]).split())
    if words < LEAST_WORDS:
        return 0.0, f"the reason has {words} words; defend the decision in {LEAST_WORDS} or more"
    missed = [line.criterion.name for line in found.standing.lines if line.verdict == MISSED]
    if missed and found.record["decision"] == "launch":
        return 0.0, f"it launches without conditions, and this is not met: {', '.join(missed)}"
    return (
        1.0,
        "it has a reason, and does not contradict the figures; whether it convinces, a person judges",
    )


CHECKS: tuple[tuple[str, float, Check], ...] = (
    ("the audit log is whole", 3.0, _log),
    ("the data are the ones logged", 1.0, _data),
    ("the model comes from its choices", 3.0, _model),
    ("quality and size can be computed again", 2.0, _figures),
    ("time and energy are plausible", 1.0, _time_and_energy),
    ("the limits are the client's", 1.0, _limits),
    ("the report was not edited", 3.0, _report),
    ("the card is complete", 2.0, _card),
    ("residual risks are owned", 1.0, _risks),
    ("the model is inside the budget", 2.0, _budget),
    ("the decision fits the figures", 1.0, _decision),
)


def checks() -> Iterator[tuple[str, float]]:
    """The facts that are checked, with their points."""
    for name, points, _ in CHECKS:
        yield name, points
