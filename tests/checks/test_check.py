"""A check tells what is wrong in the learner's terms, and survives whatever it is handed."""

from __future__ import annotations

import asyncio
import os
import pickle
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.checks import Exercise, Score, case, probe, verify


def reference(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
    return weights - rate * gradient


def uphill(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
    return weights + rate * gradient


def no_rate(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
    return weights - gradient


def make(**changes: Any) -> Exercise:
    given_: dict[str, Any] = {
        "name": "step",
        "reference": reference,
        "cases": [
            case(1.0, 2.0),
            case(np.array([1.0, 2.0, 4.0]), np.array([3.0, -1.0, 0.5]), rate=0.5),
        ],
        "mistakes": [(uphill, "You walk uphill."), (no_rate, "The rate is missing.")],
        "hints": ["First hint.", "Second hint."],
        "points": 2.0,
        "solution": "../solutions/03.ipynb",
        "seconds": 0.4,
    }
    return Exercise(**{**given_, **changes})


def test_the_exercise_keeps_its_promises() -> None:
    verify(make())


def test_the_answer_is_looked_up_where_the_check_is_called() -> None:
    space: dict[str, Any] = {"exercise": make()}
    exec("score = exercise.check()", space)
    assert space["score"].diagnosis == "not defined"
    exec("def step(w, g, rate=0.1):\n    return w - rate * g\nscore = exercise.check()", space)
    assert space["score"].passed


def in_place(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
    weights -= rate * gradient
    return weights


def forgets_return(weights: Any, gradient: Any, rate: float = 0.1) -> None:
    weights - rate * gradient


def divides_by_zero(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
    return 1 / 0


def needs_more(weights: Any) -> Any:
    return weights


def calls_itself(*args: Any, **kwargs: Any) -> Any:
    return calls_itself(*args, **kwargs)


def leaves(*args: Any, **kwargs: Any) -> Any:
    sys.exit(3)


def loops(*args: Any, **kwargs: Any) -> Any:
    while True:
        pass


def sleeps(*args: Any, **kwargs: Any) -> Any:
    time.sleep(60)


def loops_and_catches_everything(*args: Any, **kwargs: Any) -> Any:
    while True:
        try:  # noqa: SIM105
            time.sleep(60)
        except:  # noqa: E722
            pass


def endless(*args: Any, **kwargs: Any) -> Iterator[int]:
    while True:
        yield 1


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (in_place, "changed its input in place: input number 1"),
        (forgets_return, "Did you forget `return`?"),
        (divides_by_zero, "`ZeroDivisionError: division by zero`"),
        (divides_by_zero, "`return 1 / 0`"),
        (needs_more, "could not be called as the exercise calls it"),
        (calls_itself, "calls itself without end"),
        (leaves, "`SystemExit: 3`"),
        (loops, "did not finish within 0.4 seconds"),
        (sleeps, "did not finish within 0.4 seconds"),
        (loops_and_catches_everything, "did not finish within 0.4 seconds"),
        (endless, "returned a generator of 1000+ items; a number is expected"),
        (lambda w, g, rate=0.1: "3", "It returned text; a number is expected"),
        (lambda w, g, rate=0.1: [w], "It returned a list of 1 items; a number is expected"),
        (lambda w, g, rate=0.1: np.ones((2, 2)), "The shape is (2, 2); () (a single number)"),
        (lambda w, g, rate=0.1: w * float("nan"), "The result is NaN"),
        (lambda w, g, rate=0.1: w * float("inf"), "The result is infinite"),
        (lambda w, g, rate=0.1: 3 * (w - rate * g), "3 times too big"),
        (lambda w, g, rate=0.1: (w - rate * g) / 4, "4 times too small"),
        (lambda w, g, rate=0.1: -(w - rate * g), "sign is flipped"),
        (lambda w, g, rate=0.1: w - rate * g + 1, "off by one"),
        (lambda w, g, rate=0.1: g, "one of its inputs unchanged"),
        (uphill, "You walk uphill."),
        (no_rate, "The rate is missing."),
        (7, "`step` should be a function; it is now an int"),
        (None, "it is now nothing (None)"),
    ],
)
def test_each_slip_is_named(answer: Any, said: str) -> None:
    score = make().check(answer)
    assert said in score.message
    assert not score.passed and score.diagnosis != "broken"
    assert "course/checks" not in str(score)


def test_partial_credit_is_the_share_of_cases() -> None:
    score = make().check(in_place)
    assert float(score) == 1.0 and score.verdict == "partly right"
    assert "1 of 2 cases are right" in score.note


def test_a_stub_is_not_attempted_and_costs_no_hint() -> None:
    def step(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
        raise NotImplementedError("your code here")

    exercise = make()
    for _ in range(4):
        score = exercise.check(step)
    assert (float(score), score.verdict, score.hints) == (0.0, "not attempted yet", ())


def test_hints_come_one_at_a_time_and_then_the_solution() -> None:
    exercise = make()
    seen = [exercise.check(uphill) for _ in range(4)]
    assert [len(s.hints) for s in seen] == [1, 2, 2, 2]
    assert [bool(s.link) for s in seen] == [False, False, True, True]
    assert "next hint" in seen[0].note and "next hint" not in seen[1].note
    assert exercise.check(reference).hints == ()
    assert len(exercise.check(uphill).hints) == 1


def test_the_case_is_shown_with_expected_and_got() -> None:
    score = make().check(uphill)
    (row,) = score.shown
    assert (row.case, row.expected, row.got) == ("step(1, 2)", "0.8", "1.2")
    html = score._repr_html_()
    assert "Expected" in html and "<td" in html and "step(1, 2)" in html


def test_a_score_is_a_number_to_nbgrader_and_a_panel_to_a_reader() -> None:
    score = make().check(uphill)
    assert repr(score) == "0.0" and float(repr(make().check(reference))) == 2.0
    assert "You walk uphill." in str(score)
    assert str(pickle.loads(pickle.dumps(score))) == str(score)
    assert Score(1.5) + 1 == 2.5


def test_what_a_learner_writes_is_escaped() -> None:
    html = make().check(lambda w, g, rate=0.1: "<script>alert(1)</script>")._repr_html_()
    assert "<script>" not in html and "&lt;script&gt;" in html


def chatty(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
    print("on stdout")
    print("on stderr", file=sys.stderr)
    sys.stdout.close()
    np.log(np.array(-1.0))
    return reference(weights, gradient, rate)


def test_printing_and_warnings_are_swallowed_and_no_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert make().check(chatty).passed
    assert capsys.readouterr() == ("", "")


def test_what_programs_and_c_code_write_is_swallowed(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
        os.system("echo noise && echo trouble >&2")
        os.write(2, b"trouble")
        return weights - rate * gradient

    assert make().check(noisy).passed
    os.system("echo heard >&2")
    assert capfd.readouterr() == ("", "heard\n")


def test_an_answer_that_closes_the_output_leaves_it_open(capfd: pytest.CaptureFixture[str]) -> None:
    def closes(weights: Any, gradient: Any, rate: float = 0.1) -> Any:
        os.close(2)
        return weights - rate * gradient

    make(cases=[case(1.0, 2.0)]).check(closes)
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_random_numbers_are_the_same_for_both_and_the_callers_are_left_alone() -> None:
    exercise = make(reference=lambda: np.random.rand(3), cases=[case()], mistakes=())
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    assert exercise.check(lambda: np.random.rand(3)).passed
    assert (np.random.get_state()[1] == before).all()


@pytest.mark.parametrize("answer", [loops, sleeps])
def test_the_time_limit_works_away_from_the_main_thread(answer: Callable[..., Any]) -> None:
    scores: list[Score] = []
    worker = threading.Thread(target=lambda: scores.append(make().check(answer)))
    worker.start()
    worker.join(20)
    assert scores and scores[0].diagnosis == "endless"


def test_an_in_place_exercise_expects_the_input_updated() -> None:
    def fill(values: list[float]) -> None:
        values[:] = [0.0] * len(values)

    exercise = make(reference=fill, cases=[case([1.0, 2.0])], mistakes=())
    assert exercise.check(fill).passed
    assert "should be updated in place" in exercise.check(lambda values: None).message
    original = [1.0, 2.0]
    make(reference=fill, cases=[case(original)], mistakes=()).check(fill)
    assert original == [1.0, 2.0]


class Counter:
    """Counts by a step."""

    def __init__(self, by: int) -> None:
        self.by, self.total = by, 0

    def step(self) -> None:
        self.total += self.by


class Forgetful(Counter):
    def step(self) -> None:
        self.total = self.by


def two_steps(cls: Any) -> int:
    """two steps of Counter(3)"""
    counter = cls(3)
    counter.step()
    counter.step()
    return int(counter.total)


def test_a_class_is_checked_by_a_probe() -> None:
    exercise = Exercise(
        "Counter", Counter, [probe(two_steps)], [(Forgetful, "It forgets the total so far.")]
    )
    verify(exercise)
    assert exercise.check(Forgetful).shown[0].case == "two steps of Counter(3)"
    assert "should be a class; it is now a function" in exercise.check(two_steps).message

    class Half(Counter):
        def step(self) -> None:
            raise NotImplementedError

    assert exercise.check(Half).diagnosis == "not attempted"


def test_an_exception_that_is_asked_for_counts_as_right() -> None:
    def root(x: float) -> float:
        if x < 0:
            raise ValueError("negative")
        return float(x**0.5)

    cases = [case(4.0), case(-1.0).named("root(-1) raises ValueError")]
    exercise = make(name="root", reference=root, cases=cases, mistakes=())
    verify(exercise)
    silent = exercise.check(lambda x: abs(x) ** 0.5)
    assert "should raise ValueError" in silent.message and silent == 1.0
    with pytest.raises(AssertionError, match="name it in the title"):
        verify(make(name="root", reference=root, cases=[case(-1.0)], mistakes=()))


def test_verify_catches_a_mistake_that_is_no_mistake() -> None:
    with pytest.raises(AssertionError, match="mistake 1"):
        verify(make(mistakes=[(reference, "never wrong")]))
    with pytest.raises(AssertionError, match="mistake 2"):
        verify(make(mistakes=[(uphill, "one"), (uphill, "the same again")]))


def test_a_broken_reference_is_said_to_be_our_fault() -> None:
    score = make(reference=loops, mistakes=()).check(uphill)
    assert score.diagnosis == "broken" and "our mistake" in score.message


def test_an_exercise_without_cases_or_points_is_refused() -> None:
    with pytest.raises(ValueError, match="no cases"):
        make(cases=[])
    with pytest.raises(ValueError, match="points must be above 0"):
        make(points=0)


def asks_a_library(*args: Any, **kwargs: Any) -> Any:
    return asyncio.AbstractEventLoop().run_forever()


def test_a_library_that_raises_not_implemented_is_no_stub() -> None:
    assert make().check(asks_a_library).diagnosis == "exception NotImplementedError"


class Evil:
    """Everything that can go wrong in an object that is only looked at."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def __iter__(self) -> Any:
        raise RuntimeError

    def __repr__(self) -> str:
        raise RuntimeError

    def __eq__(self, other: object) -> bool:
        raise RuntimeError

    __hash__ = None  # type: ignore[assignment]

    @property
    def __class__(self) -> Any:  # type: ignore[override]
        raise RuntimeError


class EvilError(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def raises_evil(*args: Any, **kwargs: Any) -> Any:
    raise EvilError


NASTY: list[Callable[[], Any]] = [  # made in the test: pytest itself trips over some of them
    Evil,
    EvilError,
    lambda: type,
    lambda: Evil,
    lambda: sys,
    lambda: [[]],
    lambda: {1: {2: {3: Evil()}}},
    lambda: b"x",
    lambda: 10**5000,
]


@pytest.mark.parametrize("make_value", NASTY)
def test_nasty_objects_give_a_score_as_answer_and_as_result(make_value: Callable[[], Any]) -> None:
    value = make_value()
    for answer in (value, lambda *a, **k: value):
        score = make().check(answer)
        assert isinstance(score, Score) and score.diagnosis != "broken"
        assert score._repr_html_() and str(score)


def test_an_exception_that_cannot_be_printed_gives_a_score() -> None:
    assert make().check(raises_evil).diagnosis == "exception EvilError"


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.complex_numbers(),
        st.text(),
        st.binary(),
        st.just(np.array([])),
        st.just(np.array(["a"], dtype=object)),
        st.builds(object),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(), inner, max_size=3),
        st.tuples(inner),
        st.builds(iter, st.lists(inner, max_size=3)),
        st.builds(lambda v: np.array([v], dtype=object), inner),
    ),
    max_leaves=6,
)


@settings(deadline=None, max_examples=150)
@given(ANYTHING)
def test_an_answer_can_be_anything(value: Any) -> None:
    for answer in (value, lambda *a, **k: value):
        score = make().check(answer)
        assert isinstance(score, Score) and 0 <= score <= 2
        assert score.diagnosis != "broken", score
        assert float(repr(score)) == float(score) and score._repr_html_()
