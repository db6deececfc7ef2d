"""Parameters know what they may be, and say so in words."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_explorer import Throw

from course.widgets import choices, slider
from course.widgets.parameters import checked, controls_of

CONTROLS = controls_of(Throw)
ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text(), max_size=3)
)


@pytest.mark.parametrize(
    ("typed", "value"), [("3", 3), (" 20 ", 20), ("1e1", 10), (7, 7), (7.0, 7)]
)
def test_whole_numbers_are_read_as_typed(typed: Any, value: int) -> None:
    got = CONTROLS["count"].accept(typed)
    assert got == value and isinstance(got, int)


def test_a_decimal_comma_is_understood() -> None:
    assert CONTROLS["speed"].accept("2,5") == 2.5


@pytest.mark.parametrize("typed", ["", "abc", "nan", "inf", "0", "21", "1.5", "1e999", None, True])
def test_nonsense_is_named_with_the_range(typed: Any) -> None:
    with pytest.raises(ValueError, match="Balls must be a whole number between 1 and 20"):
        CONTROLS["count"].accept(typed)


@given(st.sampled_from(sorted(CONTROLS)), ANYTHING)
def test_every_value_is_accepted_or_refused_in_words(name: str, value: Any) -> None:
    try:
        accepted = CONTROLS[name].accept(value)
    except ValueError as error:
        assert CONTROLS[name].label in str(error)
    else:
        assert CONTROLS[name].accept(accepted) == accepted


def test_log_stops_run_from_end_to_end_and_rise() -> None:
    stops = CONTROLS["speed"].stops
    assert (stops[0], stops[-1]) == (0.1, 100.0)
    assert all(a < b for a, b in itertools.pairwise(stops)) and len(stops) > 50


@given(st.integers(0, 60))
def test_every_stop_is_a_value_that_is_accepted_from_its_text(position: int) -> None:
    for control in (CONTROLS["speed"], CONTROLS["count"]):
        value = control.at(position)
        assert control.accept(control.text(value)) == pytest.approx(value, rel=1e-5)


def test_a_wrong_default_is_named_at_once() -> None:
    with pytest.raises(ValueError, match=r"Rate must be a number between 0 and 1; 2\.0 is not"):
        slider(2.0, 0.0, 1.0, label="Rate")
    with pytest.raises(ValueError, match="not a range"):
        slider(0.5, 1.0, 0.0, label="Rate")
    with pytest.raises(ValueError, match="choose at least one"):
        choices((), {"a": "A"}, label="Letters")


def test_a_field_that_is_no_control_is_named() -> None:
    @dataclasses.dataclass
    class Plain:
        size: int = 3

    with pytest.raises(TypeError, match="size is no control"):
        controls_of(Plain())


def test_choices_come_in_the_options_order() -> None:
    assert checked(Throw(marks=("end", "top"))).marks == ("top", "end")


@pytest.mark.parametrize(
    ("typed", "words"),
    [("", "type at least 1 character"), ("a" * 13, "room for 12 characters, not 13"), (3, "not 3")],
)
def test_a_text_that_does_not_fit_is_named(typed: Any, words: str) -> None:
    with pytest.raises(ValueError, match=f"Thrower.*{words}"):
        CONTROLS["who"].accept(typed)
