"""What an exercise is tried on: calls with given inputs, and probes that use the answer."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from course.checks.compare import difference
from course.checks.limits import Ran, run_limited
from course.checks.plain import Raised, plain, show


@dataclass(frozen=True)
class Case:
    """One trial of an answer: ``probe(answer)``, or without one ``answer(*args, **kwargs)``."""

    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    probe: Callable[[Any], Any] | None = None
    title: str = ""
    rtol: float | None = None

    def named(self, title: str) -> Case:
        """The same case, shown to the learner as ``title``."""
        return dataclasses.replace(self, title=title)

    def within(self, rtol: float) -> Case:
        """The same case, compared with the relative tolerance ``rtol``."""
        return dataclasses.replace(self, rtol=rtol)

    def label(self, name: str) -> str:
        """What the learner reads in the table's first column."""
        if self.title:
            return self.title
        if self.probe is not None:
            said = (self.probe.__doc__ or self.probe.__name__.replace("_", " ")).strip()
            return said.splitlines()[0]
        given = [show(plain(a), 60) for a in self.args]
        given += [f"{k}={show(plain(v), 60)}" for k, v in self.kwargs.items()]
        return f"{name}({', '.join(given)})"


def case(*args: Any, **kwargs: Any) -> Case:
    """A case that calls the answer with copies of these inputs.

    Compared are the result and, afterwards, the inputs: what the reference leaves alone the answer
    must leave alone, and what the reference updates in place the answer must update alike.
    """
    return Case(args, kwargs)


def probe(function: Callable[[Any], Any], title: str = "") -> Case:
    """A case that gives the answer to ``function`` and compares what that returns.

    For classes, generators, training steps: ``probe(lambda SGD: two_steps(SGD))``. The label is
    ``title``, else the first line of the function's docstring, else its name.
    """
    return Case(probe=function, title=title)


@dataclass(frozen=True)
class Outcome:
    """What one answer did in one case, as plain data; ``ran`` tells how the call ended."""

    ran: Ran
    result: Any
    inputs: tuple[Any, ...] = ()

    @property
    def stopped(self) -> bool:
        """True when the answer did not end by itself."""
        return self.ran.ending in ("time", "interrupted", "unstoppable")


def try_case(trial: Case, answer: Any, seconds: float) -> Outcome:
    """Run one case on one answer, within ``seconds``, whatever the answer does."""
    args, kwargs = _copies(trial)

    def call() -> tuple[Any, tuple[Any, ...]]:
        if trial.probe is not None:
            return plain(trial.probe(answer)), ()
        result = plain(answer(*args, **kwargs))
        return result, tuple(plain(v) for v in (*args, *kwargs.values()))

    ran = run_limited(call, seconds)
    if ran.ending == "returned":
        return Outcome(ran, *ran.value)
    if ran.ending == "raised":
        return Outcome(ran, as_raised(ran.error))
    return Outcome(ran, None)


def as_raised(error: BaseException | None) -> Raised:
    """An exception as plain data; the text is cut, and made without trusting the exception."""
    try:
        text = str(error)[:300]
    except BaseException:
        text = ""
    return Raised(type(error).__name__, frozenset(c.__name__ for c in type(error).__mro__), text)


def _copies(trial: Case) -> tuple[list[Any], dict[str, Any]]:
    memo: dict[int, Any] = {}  # one memo, so that inputs that share an object still share its copy
    return [_copied(a, memo) for a in trial.args], {
        k: _copied(v, memo) for k, v in trial.kwargs.items()
    }


def _copied(value: Any, memo: dict[int, Any]) -> Any:
    try:
        return copy.deepcopy(value, memo)
    except Exception:  # a module, a lock: what cannot be copied is handed over as it is
        return value


def same(expected: Outcome, got: Outcome, rtol: float | None) -> bool:
    """True when two outcomes agree in their result and in what they did to the inputs."""
    if expected.stopped or got.stopped:
        return expected.stopped == got.stopped
    if difference(expected.result, got.result, rtol):
        return False
    if isinstance(expected.result, Raised) or len(expected.inputs) != len(got.inputs):
        return isinstance(expected.result, Raised)
    pairs = zip(expected.inputs, got.inputs, strict=True)
    return not any(difference(want, have, rtol) for want, have in pairs)
