"""An explorer answers every message, keeps its last good picture and says what is wrong."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from toy_explorer import explorer

from course.widgets import Table
from course.widgets.base import HomeLoop


def test_it_starts_with_picture_sentence_and_table() -> None:
    widget = explorer(speed=20.0)
    assert widget.picture.startswith(b"\x89PNG")
    assert widget.sentence == "5 balls at 20 m/s on moon."
    assert widget.alt == "Throw. 5 balls at 20 m/s on moon."
    assert widget.table["rows"] == [["20", "5"]]


def test_a_wrong_start_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match=r"Speed must be a number between 0\.1 and 100"):
        explorer(speed=-1.0)
    with pytest.raises(ValueError, match="has no parameter 'sped'"):
        explorer().set(sped=1)


def test_messages_move_the_parameters_and_are_answered() -> None:
    widget = explorer()
    before = widget.picture
    widget.handle({"kind": "set", "changes": {"count": {"position": 8}}, "number": 1})
    assert (widget.parameters.count, widget.answered) == (9, 1)
    assert widget.picture != before
    widget.handle({"kind": "set", "changes": {"speed": {"text": "2,5"}}, "number": 2})
    assert (widget.parameters.speed, widget.parameters.count) == (2.5, 9)
    widget.handle({"kind": "reset", "number": 3})
    assert (widget.parameters.speed, widget.parameters.count) == (10.0, 5)


def test_a_bad_number_is_named_and_not_applied() -> None:
    widget = explorer()
    message = {"count": {"text": "many"}, "place": {"value": "earth"}}
    widget.handle({"kind": "set", "changes": message, "number": 1})
    assert "“many” is not" in widget.wrong["count"]
    assert (widget.parameters.count, widget.parameters.place) == (5, "earth")
    widget.handle({"kind": "set", "changes": {"count": {"position": 2}}, "number": 2})
    assert widget.wrong == {} and widget.parameters.count == 3


def test_an_error_is_shown_in_words_and_the_old_picture_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("course.widgets.front.raises_errors", lambda: False)
    widget = explorer()
    picture = widget.picture
    widget.handle({"kind": "set", "changes": {"count": {"position": 12}}, "number": 1})
    assert "thirteen balls are too many" in widget.error
    assert widget.picture == picture and widget.answered == 1
    widget.handle({"kind": "reset", "number": 2})
    assert widget.error == ""


def test_an_error_raises_under_test_and_is_still_answered() -> None:
    widget = explorer()
    with pytest.raises(RuntimeError, match="thirteen"):
        widget.handle({"kind": "set", "changes": {"count": {"position": 12}}, "number": 7})
    assert widget.answered == 7


@pytest.mark.parametrize(
    "message",
    [{}, {"kind": "dance"}, {"kind": "set"}, {"kind": "set", "changes": {"no": {"text": "1"}}}],
)
def test_a_message_without_sense_changes_nothing(message: dict[str, Any]) -> None:
    widget = explorer()
    widget.handle(message)
    assert widget.parameters.count == 5


def test_themes_differ_and_a_dense_screen_gets_more_pixels() -> None:
    widget = explorer()
    # A new widget starts with the look that the page told last, which may be another test's.
    widget.handle({"kind": "look", "theme": "light", "scale": 1})
    light = widget.picture
    widget.handle({"kind": "look", "theme": "dark", "scale": 1})
    dark = widget.picture
    widget.handle({"kind": "look", "theme": "dark", "scale": 2})
    assert light != dark and len(widget.picture) > len(dark)
    widget.handle({"kind": "look", "theme": "light", "scale": 1})
    assert widget.picture == light


def test_share_is_code_that_opens_the_same_state() -> None:
    widget = explorer()
    widget.set(count=7, marks=("top", "end"))
    assert widget.share() == "explorer(count=7, marks=('top', 'end'))"
    assert eval(widget.share(), {"explorer": explorer}).parameters == widget.parameters


def test_without_widgets_there_is_a_picture_a_sentence_and_a_table() -> None:
    widget = explorer()
    data, _ = widget._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert "5 balls" in data["text/plain"] and "Speed (m/s)" in data["text/plain"]
    assert (
        data["image/png"] and "<table>" in data["text/html"] and 'alt="Throw.' in data["text/html"]
    )
    assert widget._ipython_display_ is None


def test_calls_from_another_thread_run_on_the_home_loop() -> None:
    async def main() -> list[int]:
        home, seen, done = HomeLoop(), [], asyncio.Event()

        def note() -> None:
            seen.append(threading.get_ident())
            done.set()

        threading.Thread(target=home.call, args=(note,)).start()
        await asyncio.wait_for(done.wait(), 10)
        return seen

    assert asyncio.run(main()) == [threading.get_ident()]


def test_calls_without_a_loop_run_at_once() -> None:
    seen: list[int] = []
    HomeLoop().call(seen.append, 1)
    assert seen == [1]


def test_a_table_with_a_short_row_is_refused() -> None:
    with pytest.raises(ValueError, match="a row has 1 cells, there are 2 columns"):
        Table("T", ("a", "b"), [(1,)])
