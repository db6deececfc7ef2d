"""What checks, questions and predictions write down, and read back; a failing store stops none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

from course.progress.state import State
from course.progress.store import Store

PLACE = "COURSE_PROGRESS"
OFF = "off"
FILE = ".progress"
HOME = ".train-by-hand"  # the hidden folder in which a learner's folder keeps its records


def learner_folder(start: Path | None = None) -> Path | None:
    """The learner's folder that ``start`` (the working directory) lies in, or None."""
    here = (start or Path.cwd()).absolute()
    return next((at for at in (here, *here.parents) if (at / HOME).is_dir()), None)


def place(start: Path | None = None) -> Path | None:
    """Where progress is kept: ``COURSE_PROGRESS``, else in the learner's folder, else in ``start``
    or the nearest folder above it that keeps some.

    None where nothing is to be kept: ``COURSE_PROGRESS=off``, or nbgrader is grading.
    """
    chosen = os.environ.get(PLACE, "")
    if chosen == OFF or (not chosen and os.environ.get("NBGRADER_EXECUTION")):
        return None
    if chosen:
        return Path(chosen).expanduser()
    here = (start or Path.cwd()).absolute()
    home = learner_folder(here)
    keeping = (at for at in (here, *here.parents) if (at / FILE).is_file())
    return (home or next(keeping, here)) / FILE


def record(event: dict[str, Any]) -> str:
    """Write an event down; return "" or a line that says what went wrong. Never raises."""
    store = None

    def write() -> str:
        nonlocal store
        where = place()
        if where is not None:
            store = Store(where)
            store.add(event)
        return store.notice if store else ""

    return _quietly(write)


def check(name: str, value: float, points: float, diagnosis: str) -> str:
    """Note a check's score; returns what :func:`record` does."""
    event = {"name": name, "value": value, "points": points, "diagnosis": diagnosis}
    return record({"what": "check", **event})


def answer(name: str, chosen: str, right: bool) -> str:
    """Note the option chosen in a question; returns what :func:`record` does."""
    return record({"what": "answer", "name": name, "chosen": chosen, "right": right})


def state() -> State:
    """What is remembered; an empty state where nothing can be read. Never raises."""
    found = State()

    def read() -> str:
        nonlocal found
        where = place()
        found = Store(where).read() if where is not None else found
        return ""

    _quietly(read)
    return found


def _quietly(act: Callable[[], str]) -> str:
    try:
        return act()
    except OSError as error:
        return f"Your progress could not be saved ({error.strerror or type(error).__name__})."
    except Exception as error:
        return f"Your progress could not be saved ({type(error).__name__})."


class Guesses(MutableMapping[str, Any]):
    """Committed predictions by name: the store's, and this kernel's where the store fails."""

    def __init__(self) -> None:
        self._mine: dict[str, Any] = {}

    def _all(self) -> dict[str, Any]:
        return {**self._mine, **{name: guess.value for name, guess in state().guesses.items()}}

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __setitem__(self, name: str, guess: Any) -> None:
        self._mine[name] = guess
        record({"what": "guess", "name": name, "value": guess})

    def __delitem__(self, name: str) -> None:
        raise TypeError(
            "a prediction is not taken back; forget all with `course progress --forget`"
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())
