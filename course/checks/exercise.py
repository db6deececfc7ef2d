"""An exercise: reference, cases and known mistakes, and the check that a lesson's cell calls."""

from __future__ import annotations

import re
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from course.checks.cases import Case, Outcome, same, try_case
from course.checks.compare import difference
from course.checks.diagnose import diagnose
from course.checks.drawing import KINDS, drawn
from course.checks.limits import is_ours, learner_line
from course.checks.plain import Raised, kind_of, plain, show
from course.checks.score import MISSED, NOT_ATTEMPTED, PARTLY, PASSED, Score, Shown
from course.checks.slips import Slip
from course.progress import record
from course.repository import web

MISSING: Any = object()
_TRIES_BEFORE_SOLUTION = 3
_NO_TRY = ("broken", "interrupted")
_MOST_ROWS = 6


@dataclass
class Exercise:
    """A function or class for the learner to write, and everything needed to judge it kindly.

    ``reference`` is a right answer; ``cases`` (:func:`case`, :func:`probe`) are run on it and on
    the learner's. ``mistakes`` are pairs (plausible wrong answer, message): whoever's results
    equal a mistake's in every case reads its message. Most are shortest as :func:`slip`: the
    reference with a text replaced. Each further miss reveals one of ``hints``; after three,
    ``solution`` ("../solutions/NN_slug.ipynb") is linked. The score is ``points`` times the share of cases passed. With
    ``picture`` ("curve" or "image") expected and got are also drawn.

    Raises ValueError without cases or points, and for a picture that cannot be drawn.
    """

    name: str
    reference: Callable[..., Any]
    cases: Sequence[Case]
    mistakes: Sequence[tuple[Callable[..., Any], str] | Slip] = ()
    hints: Sequence[str] = ()
    points: float = 1.0
    solution: str = ""
    seconds: float = 5.0
    picture: str = ""
    _misses: int = field(default=0, repr=False)
    _known: list[list[Outcome]] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.cases:
            raise ValueError(f"exercise {self.name!r} has no cases: give at least one")
        if not self.points > 0:
            raise ValueError(f"exercise {self.name!r}: points must be above 0, not {self.points}")

        if self.picture and self.picture not in KINDS:
            raise ValueError(
                f"exercise {self.name!r}: picture must be one of {', '.join(KINDS)}, "
                f"not {self.picture!r}"
            )

    def wrong_answers(self) -> list[tuple[Callable[..., Any], str]]:
        """Each known mistake as (wrong answer, message)."""
        return [
            (known.of(self.reference), known.message) if isinstance(known, Slip) else known
            for known in self.mistakes
        ]

    def check(self, answer: Any = MISSING) -> Score:
        """Judge ``answer`` (by default what the caller calls :attr:`name`) and return its Score.

        Never raises, whatever the answer is or does.
        """
        if answer is MISSING:
            frame = sys._getframe(1)
            answer = frame.f_locals.get(self.name, frame.f_globals.get(self.name, MISSING))
        # Hints go on where they stopped before the kernel was restarted.
        known = record.state().checks.get(self.name)
        self._misses = max(self._misses, known.misses) if known else self._misses
        score = self.judge(answer)
        if score.verdict != NOT_ATTEMPTED and score.diagnosis not in _NO_TRY:
            # A report names a known mistake in words: "mistake 2" says nothing to its reader.
            known_mistake = score.diagnosis.startswith("mistake ")
            met = _first_clause(score.message) if known_mistake else score.diagnosis
            trouble = record.check(self.name, float(score), self.points, met)
            score.note = f"{score.note} {trouble}".strip()
        return score

    def judge(self, answer: Any) -> Score:
        """Judge ``answer`` as :meth:`check` does, and write nothing into the learner's progress."""
        try:
            return self._judge(answer)
        except Exception as error:
            said = f"The check itself failed ({type(error).__name__}: {error}). "
            said += "This is our mistake, not yours: please report it."
            return self._score(0, said, "broken")

    def _judge(self, answer: Any) -> Score:
        refused = self._refuse(answer)
        if refused:
            return self._score(0, *refused)
        got = self._run_all(answer)
        known = self._expected()
        expected = known[0]
        for trial, outcome in zip(self.cases, expected, strict=True):
            if outcome.stopped:
                raise RuntimeError(f"the reference did not finish on {trial.label(self.name)}")
        right = [same(w, h, c.rtol) for c, w, h in zip(self.cases, expected, got, strict=False)]
        passed = sum(right)
        if passed == len(self.cases):
            return self._score(passed, self._praise(), "passed")
        first = right.index(False)
        if _is_stub(got[first].ran.error):
            return self._stub(passed, got[first].ran.error)
        key, message = self._explain(first, got, known)
        score = self._score(passed, message, key, shown=self._shown(first, expected, got))
        if self.picture:
            score.picture = drawn(self.picture, expected[first].result, got[first].result)
        return score

    def _refuse(self, answer: Any) -> tuple[str, str] | None:
        """(message, key) for what cannot be run at all."""
        wanted = "class" if isinstance(self.reference, type) else "function"
        if answer is MISSING:
            said = f"There is no `{self.name}` yet: run the cell that defines the {wanted} first."
            return said, "not defined"
        if wanted == "class" and not issubclass(type(answer), type):
            said = f"`{self.name}` should be a class; it is now {_a(answer)}."
            return said, "not a class"
        if not callable(answer):
            what = "nothing (None)" if answer is None else _a(answer)
            said = f"`{self.name}` should be a {wanted}; it is now {what}. "
            return said + "Was the name used again for something else?", "not a function"
        return None

    def _run_all(self, answer: Any) -> list[Outcome]:
        """The answer's outcome in each case, up to the first that had to be stopped."""
        end = time.monotonic() + self.seconds
        outcomes: list[Outcome] = []
        for trial in self.cases:
            outcomes.append(try_case(trial, answer, max(end - time.monotonic(), 0.05)))
            if outcomes[-1].stopped:
                break
        return outcomes

    def _expected(self) -> list[list[Outcome]]:
        """The outcomes of the reference and of each mistake; computed once."""
        if self._known is None:
            answers = [self.reference, *(wrong for wrong, _ in self.wrong_answers())]
            self._known = [self._run_all(a) for a in answers]
        return self._known

    def _explain(
        self, first: int, got: list[Outcome], known: list[list[Outcome]]
    ) -> tuple[str, str]:
        """(key, message) for the first thing that is wrong."""
        for n, outcomes in enumerate(known[1:], start=1):
            pairs = list(zip(self.cases, outcomes, got, strict=False))
            if len(outcomes) == len(got) and all(same(w, h, c.rtol) for c, w, h in pairs):
                known_as = self.mistakes[n - 1]
                said = known_as.message if isinstance(known_as, Slip) else known_as[1]
                return f"mistake {n}", said
        outcome, expected = got[first], known[0][first]
        if outcome.stopped:
            return self._stopped(outcome)
        if isinstance(outcome.result, Raised):
            return f"exception {outcome.result.kind}", self._exception(outcome, expected)
        found = difference(expected.result, outcome.result, self.cases[first].rtol)
        if found is None:
            return self._damage(first, expected, outcome)
        if found.kind in ("value", "shape", "length"):
            slip = self._slip(known[0], got)
            if slip:
                return slip
        return f"wrong {found.kind}", found.message

    def _slip(self, expected: list[Outcome], got: list[Outcome]) -> tuple[str, str] | None:
        pairs = [(w.result, h.result) for w, h in zip(expected, got, strict=False)]
        # After the reference's call: an in-place reference has no untouched input to compare with.
        inputs = [w.inputs for w, _ in zip(expected, got, strict=False)]
        return diagnose(pairs, inputs)

    def _stopped(self, outcome: Outcome) -> tuple[str, str]:
        if outcome.ran.ending == "interrupted":
            return "interrupted", "The check was interrupted. Run the cell again to repeat it."
        said = f"It did not finish within {self.seconds:g} seconds and was stopped. "
        said += "Does every loop come to an end?"
        if outcome.ran.ending == "unstoppable":
            said += " It still runs in the background: restart the kernel to be rid of it."
        return "endless", said

    def _exception(self, outcome: Outcome, expected: Outcome) -> str:
        raised, error = outcome.result, outcome.ran.error
        where = learner_line(error) if error is not None else None
        text = f": {raised.text}" if raised.text else ""
        if isinstance(expected.result, Raised):
            lead = f"It raised `{raised.kind}{text}`; here it should raise {expected.result.kind}."
        elif raised.kind == "RecursionError":
            lead = "It calls itself without end (`RecursionError`)."
        elif raised.kind == "TypeError" and where is None and "argument" in raised.text:
            return f"`{self.name}` could not be called as the exercise calls it{text}."
        else:
            lead = f"It raised `{raised.kind}{text}`."
        if "bitwise_xor" in raised.text or "for ^" in raised.text:
            lead += " In Python `^` is no power: write `**`."
        if where is None:
            return lead
        return lead + f"\nLine {where[0]}" + (f": `{where[1]}`" if where[1] else "")

    def _damage(self, first: int, expected: Outcome, got: Outcome) -> tuple[str, str]:
        trial = self.cases[first]
        names = [f"number {n}" for n in range(1, len(trial.args) + 1)] + list(trial.kwargs)
        before = [*trial.args, *trial.kwargs.values()]
        for name, given, want, have in zip(names, before, expected.inputs, got.inputs, strict=True):
            found = difference(want, have, trial.rtol)
            if not found:
                continue
            if difference(plain(given), want, trial.rtol):
                said = f"The result is right, but input {name} should be updated in place: "
                return "input not updated", said + found.message
            said = f"It changed its input in place: input {name} was {show(want, 80)} and is "
            said += f"{show(have, 80)} afterwards. Work on a copy."
            return "input changed", said
        raise RuntimeError("no difference between inputs where one was found before")

    def _shown(self, first: int, expected: list[Outcome], got: list[Outcome]) -> list[Shown]:
        want, have = expected[first], got[first]
        rows = _entries(want.result, have.result, self.cases[first].rtol)
        if rows:
            label = self.cases[first].label(self.name)
            return [Shown(f"{label}: {key}", show(w), show(h)) for key, w, h in rows[:_MOST_ROWS]]
        if have.stopped:
            text = "stopped before it ended"
        elif difference(want.result, have.result, self.cases[first].rtol) is None:
            text = "the same result, other inputs afterwards"
        else:
            text = show(have.result)
        expects = (
            f"raises {want.result.kind}" if isinstance(want.result, Raised) else show(want.result)
        )
        return [Shown(self.cases[first].label(self.name), expects, text)]

    def _stub(self, passed: int, error: BaseException | None) -> Score:
        where = learner_line(error) if error is not None else None
        line = f" (line {where[0]} raises NotImplementedError)" if where else ""
        said = f"Write `{self.name}`{line}, run its cell, then run this check again."
        return self._score(passed, said, "not attempted")

    def _praise(self) -> str:
        count = len(self.cases)
        words = {1: "It is right in the case tried.", 2: "Right in both cases."}
        return words.get(count, f"Right in all {count} cases.")

    def _score(self, passed: int, message: str, key: str, shown: Sequence[Shown] = ()) -> Score:
        share = passed / len(self.cases)
        if key == "passed":
            verdict, self._misses = PASSED, 0
        elif key in ("not attempted", "not defined"):
            verdict = NOT_ATTEMPTED if not passed else PARTLY
        else:
            verdict = PARTLY if passed else MISSED
            self._misses += key not in _NO_TRY
        missed = 0 if verdict == PASSED else self._misses
        hints = self.hints[:missed]
        left = len(self.hints) - len(hints)
        note = ""
        if key not in ("passed", "broken") and 0 < passed < len(self.cases):
            note = f"{passed} of {len(self.cases)} cases are right. "
        if missed and left:
            note += "Another try shows the next hint."
        link = web(self.solution) if missed >= _TRIES_BEFORE_SOLUTION else ""
        return Score(
            share * self.points,
            exercise=self.name,
            points=self.points,
            verdict=verdict,
            message=message,
            diagnosis=key,
            shown=shown,
            hints=hints,
            note=note.strip(),
            link=link,
        )


def _entries(want: Any, have: Any, rtol: float | None) -> list[tuple[str, Any, Any]]:
    """The entries that differ, where both results are tables with the same entries."""
    if not (isinstance(want, dict) and isinstance(have, dict) and set(want) == set(have)):
        return []
    return [(str(k), want[k], have[k]) for k in want if difference(want[k], have[k], rtol)]


def _first_clause(message: str) -> str:
    clause = re.split(r"[.:;?]\s", f"{message} ", maxsplit=1)[0]
    clause = re.sub(r" \([^)]*\)", "", clause.replace("`", "")).rstrip(" .:;?")
    return textwrap.shorten(clause, 70, placeholder=" …")


def _a(value: Any) -> str:
    kind = kind_of(value)
    return f"an {kind}" if kind[:1].lower() in "aeiou" else f"a {kind}"


def _is_stub(error: BaseException | None) -> bool:
    """True for the NotImplementedError of a stub; false for one that a library raised."""
    if not isinstance(error, NotImplementedError):
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    module = str(trace.tb_frame.f_globals.get("__name__", "")) if trace else ""
    return not is_ours(module) or module == "course.checks.verify"


def as_exercise(**options: Any) -> Callable[[Callable[..., Any]], Exercise]:
    """Make an Exercise of the reference that is defined below, under its name.

    ``options`` are the Exercise's, less ``name`` and ``reference``::

        @as_exercise(cases=[case(3.0)], mistakes=[slip("It adds.", "2 *", "2 +")], points=2)
        def double(x):
            return 2 * x
    """
    return lambda reference: Exercise(reference.__name__, reference, **options)
