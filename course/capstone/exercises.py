"""The checks of lesson 14: a budget, a broken log, one's own choices, card and whole hand-over."""

from __future__ import annotations

import atexit
import math
import shutil
import tempfile
from pathlib import Path
from typing import Any

from course.capstone import sample
from course.capstone.handover import MARKDOWN, RECORD, Handover, open_folder
from course.capstone.reviewing import checks, review
from course.capstone.workshop import FOLDER, Workshop, run_of
from course.checks import Exercise, as_exercise, case, probe, slip
from course.checks.score import PASSED
from course.progress.record import learner_folder
from course.trust.audit import GENESIS, digest
from course.trust.cards import ModelCard, build_card
from course.trust.papers import said_nothing

_SOLUTION = "../solutions/14_capstone.ipynb"

# ---------------------------------------------------------------------------------- missed_limits


def limits_with_bugs(measured: Any, limits: Any) -> Any:
    """The lesson's faulty version: accuracy upside down, nothing and NaN let through."""
    missed = []
    for name, limit in limits.items():
        if measured.get(name, 0) > limit:
            missed.append(name)
    return missed


_LIMITS = {"accuracy": 97.0, "latency": 1.0, "size": 3.0}


@as_exercise(
    cases=[
        case({"accuracy": 98.0, "latency": 0.5, "size": 2.0}, _LIMITS).named("everything is kept"),
        case({"accuracy": 90.0, "latency": 0.5, "size": 4.0}, _LIMITS).named(
            "too large, and wrong"
        ),
        case({"accuracy": 97.0, "latency": 1.0, "size": 3.0}, _LIMITS).named(
            "all exactly at the limit"
        ),
        case({"accuracy": 99.0, "latency": 0.5}, _LIMITS).named("the size was never measured"),
        case({"accuracy": 99.0, "latency": math.nan, "size": 1.0}, _LIMITS).named(
            "the latency is NaN"
        ),
    ],
    mistakes=[
        (limits_with_bugs, "All three are still there. Which of the names must be *reached*?"),
        slip(
            "Two are repaired; accuracy is still judged as if less were better.",
            'value >= limit if name == "accuracy" else value <= limit',
            "value <= limit",
        ),
        slip(
            "A figure that nobody measured counts as 0 here, and 0 keeps every “at most”. It should count as missed.",
            "measured.get(name, math.nan)",
            "measured.get(name, 0.0)",
        ),
        slip(
            "NaN slips through: every comparison with it is false. Ask what *keeps* the limit, then turn it round.",
            'kept = value >= limit if name == "accuracy" else value <= limit\n        if not kept:',
            'bad = value < limit if name == "accuracy" else value > limit\n        if bad or name not in measured:',
        ),
        slip(
            "A figure exactly at the limit keeps it: “at least” and “at most” include it.",
            'value >= limit if name == "accuracy" else value <= limit',
            'value > limit if name == "accuracy" else value < limit',
        ),
    ],
    hints=[
        "Accuracy must be at least its limit, everything else at most.",
        "`nan > limit` and `nan <= limit` are both false. So write down when a limit is kept, and count the rest as missed.",
        "A missing figure can become `math.nan`, and is missed by itself: `measured.get(name, math.nan)`.",
    ],
    points=2,
    solution=_SOLUTION,
)
def missed_limits(measured: Any, limits: Any) -> Any:
    missed = []
    for name, limit in limits.items():
        value = measured.get(name, math.nan)
        kept = value >= limit if name == "accuracy" else value <= limit
        if not kept:
            missed.append(name)
    return missed


# ---------------------------------------------------------------------------------- first_broken


def chain(*contents: str) -> list[dict[str, Any]]:
    """A sound log in small: each entry with a content, the hash before, and its own."""
    entries: list[dict[str, Any]] = []
    previous = GENESIS
    for content in contents:
        record = {"content": content, "previous": previous}
        previous = digest(record)
        entries.append({**record, "hash": previous})
    return entries


def _edited(place: int, again: bool) -> list[dict[str, Any]]:
    log = chain("run 1: 71 %", "run 2: 64 %", "run 3: 80 %", "run 4: 79 %")
    log[place]["content"] = "run 2: 94 %"
    if again:  # whoever edits it thinks of the entry's own hash
        record = {k: log[place][k] for k in ("content", "previous")}
        log[place]["hash"] = digest(record)
    return log


_WHOLE = chain("run 1: 71 %", "run 2: 64 %", "run 3: 80 %")


@as_exercise(
    cases=[
        case(_WHOLE).named("a log that is whole"),
        case(_edited(1, False)).named("entry 2 was edited"),
        case(_edited(1, True)).named("entry 2 was edited and given a new hash of its own"),
        case(_WHOLE[:1] + _WHOLE[2:]).named("entry 2 was taken out"),
        case(_WHOLE[1:]).named("the first entry was taken out"),
        case([]).named("an empty log"),
    ],
    mistakes=[
        slip(
            "An edited entry that got a new hash of its own passes. Compare each `previous` with the hash before it, too.",
            ' or entry["previous"] != previous',
            "",
        ),
        slip(
            "Only the links are checked: an edited entry whose hash was left alone passes. Compute its hash again.",
            'digest(record) != entry["hash"] or ',
            "",
        ),
        slip(
            "The place is counted from 0; count as people do, from 1. 0 means that the log is whole.",
            "start=1",
            "start=0",
        ),
        slip(
            "The first entry must follow `GENESIS`, the hash that stands before every log: else entries can be cut off the front.",
            "previous = GENESIS",
            'previous = entries[0]["previous"] if entries else GENESIS',
        ),
    ],
    hints=[
        'The record that was hashed is the entry without its hash: `{"content": …, "previous": …}`.',
        "Keep the hash of the entry before in a variable; before the first it is `GENESIS`.",
        "Two questions an entry: is `digest(record)` its hash, and is its `previous` the hash before?",
    ],
    points=2,
    solution=_SOLUTION,
)
def first_broken(entries: Any) -> Any:
    previous = GENESIS
    for place, entry in enumerate(entries, start=1):
        record = {"content": entry["content"], "previous": entry["previous"]}
        if digest(record) != entry["hash"] or entry["previous"] != previous:
            return place
        previous = entry["hash"]
    return 0


# ---------------------------------------------------------------------------------- my_choices


def _inside(answer: Any) -> dict[str, str]:
    """your choices, trained and measured on the rows to tune with"""
    return run_of(answer()).standing.verdicts()


@as_exercise(
    cases=[probe(_inside)],
    mistakes=[
        (
            lambda: sample.FIRST_TRY,
            "It knows its training rows by heart and is too large besides: fewer units and epochs, or fewer inputs.",
        ),
        (
            lambda: {**sample.CHOICES, "features": "all"},
            "Four are kept; the fifth is not. Which inputs carry the difference, and what would weighting or the threshold do?",
        ),
        (
            lambda: {**sample.CHOICES, "threshold": 0.3},
            "Only the accuracy is missed. Move the threshold: the fifth criterion pulls the other way.",
        ),
        (
            lambda: {"brief": "digits", "width": 48, "epochs": 40, "threshold": 0.7},
            "Only the size is missed: fewer units, fewer inputs, or fewer bits a weight.",
        ),
        (
            lambda: {"brief": "heart", "width": 16, "epochs": 30, "bits": 8, "threshold": 0.8},
            "Only the delay is missed. Most of it is waiting for the values after the beat: which inputs need fewer of them?",
        ),
    ],
    hints=[
        "Open the dashboard with your brief, and change one thing at a time. It shows which limit is nearest.",
        "Small is often enough: try width 0 or 8 and 20 epochs first, then the threshold, then `features`.",
        "Loans: leave the neighbourhood out, threshold near 0.85. Digits: about 32 units, 40 epochs, 8 bits, threshold 0.7. "
        "Heart: the middle values, 16 units, 30 epochs, 8 bits, threshold 0.8.",
    ],
    points=3,
    seconds=90.0,
    solution=_SOLUTION,
)
def my_choices() -> Any:
    return dict(sample.CHOICES)


# ---------------------------------------------------------------------------------- my_card


def _said(answer: Any) -> dict[str, str]:
    """the sections of your card"""
    words = answer()
    if not isinstance(words, dict):
        raise TypeError(f"the card's words are a dict of sections, not {type(words).__name__}")
    made = build_card("mine", **words)
    needed = [name for name, spec in ModelCard.sections().items() if spec.required] + ["licence"]
    return {name: said_nothing(getattr(made, name)) or "says something" for name in needed}


def _card_without(name: str, instead: Any = "") -> Any:
    return lambda: {**sample.card(), name: instead}


@as_exercise(
    cases=[probe(_said)],
    mistakes=[
        (
            _card_without("limitations"),
            "The limitations are empty. Every model has some; an empty list means that nobody looked.",
        ),
        (
            _card_without("limitations", "None known."),
            "“None known” says nothing. Where was it never tried, and for whom is the interval longest?",
        ),
        (
            _card_without("people_affected"),
            "Nobody is affected? Who is judged by it, whose work changes, and whom can they ask?",
        ),
        (
            lambda: {"description": "A model.", "licence": "MIT"},
            "A description and a licence are no card yet. The sections are listed above the exercise.",
        ),
    ],
    hints=[
        "One or two plain sentences a section are enough; a list of sentences becomes bullets.",
        "Limitations: what is not in the data, which group is small, what was not tried.",
        "`contact` is a role that answers, not a name that leaves.",
    ],
    points=2,
    solution=_SOLUTION,
)
def my_card() -> Any:
    return sample.card()


# ---------------------------------------------------------------------------------- my_capstone


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="capstone-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _facts(answer: Any) -> dict[str, str]:
    """the folder that you hand over, reviewed"""
    folder = _temporary() / "mine"
    given = answer(folder)
    path = given.folder if isinstance(given, Handover) else folder
    found = review(path)
    holds = {f.fact: "holds" if f.holds else "not so" for f in found.findings}
    return {name: holds.get(name, "not so") for name, _ in checks()}


def edited(folder: Any) -> Any:
    """A hand-over whose report was made prettier afterwards."""
    found = sample.hand_over(folder)
    path = found.folder / MARKDOWN
    path.write_text(path.read_text(encoding="utf-8").replace("18.5", "8.5"), encoding="utf-8")
    return found


def overwritten(folder: Any) -> Any:
    """A hand-over whose limits were moved to where the model is."""
    found = sample.hand_over(folder)
    path = found.folder / RECORD
    path.write_text(
        path.read_text(encoding="utf-8").replace('"fifth": 23.0', '"fifth": 40.0'), encoding="utf-8"
    )
    return open_folder(found.folder)


def _first_try_launched(folder: Any) -> Any:
    workshop = Workshop("loans", folder)
    run = workshop.train(sample.FIRST_TRY)
    return workshop.hand_over(run, **{**sample.good(), "decision": "launch"})


def _without_risks(folder: Any) -> Any:
    workshop = Workshop("loans", folder)
    return workshop.hand_over(workshop.train(sample.CHOICES), **{**sample.good(), "risks": []})


@as_exercise(
    cases=[probe(_facts)],
    mistakes=[
        (
            edited,
            "A number in the report is not the one that the files give. Hand over again instead of editing.",
        ),
        (
            overwritten,
            "The limits are not the client's: they were moved to where the model is, and the report was made before that.",
        ),
        (
            _first_try_launched,
            "It launches a model that misses limits. Train again, or decide otherwise and say why.",
        ),
        (
            _without_risks,
            "No residual risk is on record: at least two, each with an owner and a day.",
        ),
    ],
    hints=[
        "`workshop = Workshop(brief, folder)`, then `run = workshop.train(my_choices())`, then `workshop.hand_over(run, ...)`.",
        "`hand_over` wants card, risks, decision (launch, conditions or stop) and reason; `sample.risks()` shows the form of a risk.",
        "A reason of 25 words or more: figures, intervals, the strongest argument against, and what would change your mind.",
    ],
    points=3,
    seconds=180.0,
    solution=_SOLUTION,
)
def my_capstone(folder: Any) -> Any:
    return sample.hand_over(folder)


ALL: tuple[Exercise, ...] = (missed_limits, first_broken, my_choices, my_card, my_capstone)


def deliver(score: Any, own: Any) -> Handover:
    """The learner's hand-over, where its check has passed; until then the example's.

    It lies in the learner's folder, in my-capstone/ under the time of now; outside such a folder in a
    temporary one.
    """
    from datetime import datetime

    home = learner_folder()
    base = home / FOLDER if home is not None else _temporary()
    folder = base / datetime.now().strftime("%Y-%m-%d-%H%M%S")
    if getattr(score, "verdict", "") != PASSED:
        print("Yours is not there yet, so this is the example's:")
        return sample.hand_over(folder)
    given = own(folder)
    return given if isinstance(given, Handover) else open_folder(folder)
