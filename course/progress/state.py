"""What is remembered of a learner: scores of checks, answers to questions, predictions.

A state grows by events, and two states merge. Merging is idempotent and never loses the better
score: the best is the larger, the last is the later.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

_LONGEST = 2000  # characters of a name or text; whatever is longer did not come from the course


@dataclass
class Check:
    """An exercise's scores: ``tries`` counts up to the first full marks, ``misses`` since the last."""

    best: float = 0.0
    points: float = 1.0
    last: float = 0.0
    tries: int = 0
    misses: int = 0
    when: float = 0.0
    diagnoses: dict[str, int] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """True when the exercise has earned all its points at least once."""
        return self.best >= self.points


@dataclass
class Answer:
    """The option chosen last in a question, and how often one was chosen."""

    chosen: str = ""
    right: bool = False
    tries: int = 0
    when: float = 0.0


@dataclass
class Guess:
    """A committed prediction: a number, or the name of a choice."""

    value: Any = None
    when: float = 0.0


@dataclass
class State:
    """Everything remembered, by the names of exercises, questions and predictions."""

    checks: dict[str, Check] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    guesses: dict[str, Guess] = field(default_factory=dict)

    def add(self, event: dict[str, Any]) -> None:
        """Take one event in; raises ValueError when it is none."""
        what = event.get("what")
        if what == "state":
            self.merge(read_state(event.get("state")))
        elif what == "check":
            self._checked(event)
        elif what == "answer":
            known = self.answers.setdefault(_text(event, "name"), Answer())
            known.chosen, known.right = _text(event, "chosen"), bool(event.get("right"))
            known.tries, known.when = known.tries + 1, _number(event, "when")
        elif what == "guess":
            self.guesses[_text(event, "name")] = Guess(_value(event), _number(event, "when"))
        else:
            raise ValueError(f"no event of this course: {what!r}")

    def _checked(self, event: dict[str, Any]) -> None:
        value, points = _number(event, "value"), _number(event, "points")
        diagnosis = _text(event, "diagnosis")
        known = self.checks.setdefault(_text(event, "name"), Check(points=points))
        known.points = points
        known.tries += not known.done
        known.best, known.last = max(known.best, value), value
        known.misses = 0 if value >= points else known.misses + 1
        known.when = _number(event, "when")
        if diagnosis and value < points:
            known.diagnoses[diagnosis] = known.diagnoses.get(diagnosis, 0) + 1

    def merge(self, other: State) -> None:
        """Take in what another state knows; the same state again changes nothing."""
        for name, theirs in other.checks.items():
            mine = self.checks.setdefault(name, Check(points=theirs.points))
            later = theirs if theirs.when > mine.when else mine
            mine.last, mine.misses, mine.points = later.last, later.misses, later.points
            mine.best, mine.tries = max(mine.best, theirs.best), max(mine.tries, theirs.tries)
            mine.when = later.when
            for key, count in theirs.diagnoses.items():
                mine.diagnoses[key] = max(mine.diagnoses.get(key, 0), count)
        for name, answer in other.answers.items():
            kept = self.answers.setdefault(name, Answer())
            if answer.when > kept.when:
                kept.chosen, kept.right, kept.when = answer.chosen, answer.right, answer.when
            kept.tries = max(kept.tries, answer.tries)
        for name, guess in other.guesses.items():
            if name not in self.guesses or guess.when > self.guesses[name].when:
                self.guesses[name] = guess

    def __bool__(self) -> bool:
        return bool(self.checks or self.answers or self.guesses)

    def as_dict(self) -> dict[str, Any]:
        """The state as plain data for JSON; :func:`read_state` reads it back."""
        return asdict(self)


def read_state(data: Any) -> State:
    """The state in plain data; raises ValueError, naming it, for a part that cannot be."""
    if not isinstance(data, dict):
        raise ValueError("no progress is in it")
    state = State()
    for name, entry in _entries(data, "checks"):
        numbers = {k: _number(entry, k) for k in ("best", "points", "last", "when")}
        counts = {k: _count(entry, k) for k in ("tries", "misses")}
        met = {
            key: _count(dict(_pairs(entry, "diagnoses")), key)
            for key, _ in _pairs(entry, "diagnoses")
        }
        check = Check(**numbers, **counts, diagnoses=met)  # type: ignore[arg-type]
        if not 0 <= check.best <= check.points:
            raise ValueError(f"{name!r} has {check.best:g} of {check.points:g} points")
        state.checks[name] = check
    for name, entry in _entries(data, "answers"):
        right, tries = bool(entry.get("right")), _count(entry, "tries")
        state.answers[name] = Answer(_text(entry, "chosen"), right, tries, _number(entry, "when"))
    for name, entry in _entries(data, "guesses"):
        state.guesses[name] = Guess(_value(entry), _number(entry, "when"))
    return state


def _pairs(data: dict[str, Any], key: str) -> list[tuple[str, Any]]:
    found = data.get(key, {})
    if not isinstance(found, dict):
        raise ValueError(f"{key!r} is {found!r:.60}, not a table")
    return list(found.items())


def _entries(data: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    pairs = _pairs(data, key)
    for name, entry in pairs:
        if not isinstance(entry, dict) or len(name) > _LONGEST:
            raise ValueError(f"{key!r} has the entry {name!r:.60}: {entry!r:.60}")
    return pairs


def _number(data: dict[str, Any], key: str) -> float:
    found = data.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise ValueError(f"{key!r} is {found!r:.60}, not a number")
    return float(found)


def _count(data: dict[str, Any], key: str) -> int:
    found = _number(data, key)
    if found < 0 or found != int(found):
        raise ValueError(f"{key!r} is {found:g}, not a count")
    return int(found)


def _text(data: dict[str, Any], key: str) -> str:
    found = data.get(key)
    if not isinstance(found, str) or len(found) > _LONGEST:
        raise ValueError(f"{key!r} is {found!r:.60}, not a short text")
    return found


def _value(data: dict[str, Any]) -> Any:
    found = data.get("value")
    if not isinstance(found, str | int | float) or (
        isinstance(found, str) and len(found) > _LONGEST
    ):
        raise ValueError(f"the prediction {found!r:.60} is neither a number nor a short text")
    return found
