"""Hold an exercise to its promises; every exercise has a test that calls this."""

from __future__ import annotations

import dataclasses
from typing import Any

from course.checks.exercise import Exercise
from course.checks.plain import Raised


def verify(exercise: Exercise) -> None:
    """Raise AssertionError unless reference, stub and mistakes are each scored as what they are.

    The reference earns full marks, the stub none ("not attempted yet"), each mistake its own
    message. The reference may raise in no case by accident: a case in which it should is to be
    named (``case(...).named("an empty batch raises ValueError")``).
    """
    fresh = dataclasses.replace(exercise, _misses=0, _known=None)
    full = fresh.judge(exercise.reference)
    if not (full.passed and float(full) == exercise.points):
        raise AssertionError(f"{exercise.name}: the reference does not pass its own check:\n{full}")
    for trial, outcome in zip(fresh.cases, fresh._expected()[0], strict=True):
        if isinstance(outcome.result, Raised) and outcome.result.kind not in trial.title:
            label = trial.label(exercise.name)
            raise AssertionError(
                f"{exercise.name}: the reference raises {outcome.result.kind} "
                f"({outcome.result.text}) in the case {label}; if it should, name it in the title"
            )
    empty = fresh.judge(stub_of(exercise))
    if float(empty) != 0 or empty.diagnosis != "not attempted":
        raise AssertionError(f"{exercise.name}: the stub is not 'not attempted yet' but:\n{empty}")
    for number, (wrong, message) in enumerate(exercise.wrong_answers(), start=1):
        score = fresh.judge(wrong)
        if any(
            isinstance(outcome.result, Raised) and outcome.result.kind == "NameError"
            for outcome in fresh._expected()[number]
        ):
            raise AssertionError(f"{exercise.name}: mistake {number} ({message!r}) is a NameError")
        if score.passed or score.diagnosis != f"mistake {number}" or score.message != message:
            raise AssertionError(
                f"{exercise.name}: mistake {number} ({message!r}) is not told apart:\n{score}"
            )


def stub_of(exercise: Exercise) -> Any:
    """What the student edition has in the reference's place: it raises when it is used."""

    def stub(*args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    if isinstance(exercise.reference, type):
        return type(exercise.name, (), {"__init__": stub})
    return stub
