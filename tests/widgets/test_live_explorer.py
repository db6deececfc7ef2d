"""Live training: what each button does, that nothing is lost, and that nobody trains unwatched."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from toy_scenes import LiveExplorer, live

from course.widgets import live as module
from course.widgets.scene import Panel, Scene


def in_a_loop(work: Any) -> None:
    asyncio.run(asyncio.wait_for(work(), 30))


async def frames(widget: LiveExplorer, count: int, acknowledge: bool = True) -> None:
    """Wait until ``count`` more frames have come."""
    last = widget.frame + count
    while widget.frame < last:
        await asyncio.sleep(0.001)
        if acknowledge:
            widget.handle({"kind": "ack", "frame": widget.frame})


async def until_it_stops(widget: LiveExplorer) -> None:
    while widget.playing:
        await asyncio.sleep(0.001)


def test_without_a_page_it_runs_so_many_steps_or_to_the_end() -> None:
    widget = live()
    widget.run(10)
    assert widget.steps == widget.training.steps == 10 and "After 10 updates" in widget.sentence
    widget.run_to_end()
    assert widget.done and widget.table["rows"][0][0] == str(widget.steps)
    with pytest.raises(ValueError, match="not done after 5 updates"):
        live().run_to_end(5)
    with pytest.raises(RuntimeError, match="needs a running kernel"):
        live().play()


def test_play_trains_until_paused() -> None:
    async def work() -> None:
        widget = live(pace=1000)
        widget.handle({"kind": "play", "number": 1})
        assert widget.playing and widget.answered == 1
        await frames(widget, 3)
        widget.handle({"kind": "pause"})
        await asyncio.sleep(0.05)
        at = widget.training.steps
        await asyncio.sleep(0.05)
        assert widget.training.steps == at == widget.steps > 3 and not widget.playing

    in_a_loop(work)


def test_it_stops_when_done_and_shows_the_last_state() -> None:
    async def work() -> None:
        widget = live(rate=0.1)
        widget.play()
        await until_it_stops(widget)
        await asyncio.sleep(0.01)
        assert widget.done and widget.sentence == widget.training.describe()

    in_a_loop(work)


def test_one_step_then_start_over_then_reset() -> None:
    widget = live()
    widget.handle({"kind": "step"})
    assert widget.steps == 1
    widget.handle({"kind": "set", "changes": {"rate": {"text": "0.1"}}})
    assert widget.steps == 1  # the run went on with it
    widget.handle({"kind": "restart"})
    assert widget.steps == 0 and widget.parameters.rate == 0.1
    widget.handle({"kind": "step"})
    widget.handle({"kind": "set", "changes": {"start": {"text": "1"}}})
    assert widget.steps == 0 and widget.training.x == 1.0
    widget.handle({"kind": "reset"})
    assert widget.parameters.rate == 0.01 and widget.training.x == 2.0


def test_only_so_many_frames_are_under_way() -> None:
    async def work() -> None:
        widget = live(rate=0.001, pace=1000)
        before = widget.frame
        widget.play()
        await frames(widget, module.IN_FLIGHT, acknowledge=False)
        at = widget.training.steps
        while widget.training.steps < at + 100:  # time for several more frames
            await asyncio.sleep(0.001)
        assert widget.frame - before == module.IN_FLIGHT and widget.playing
        widget.handle({"kind": "ack", "frame": widget.frame})
        await frames(widget, 1, acknowledge=False)
        widget.pause()

    in_a_loop(work)


def told(widget: LiveExplorer, monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict, bytes]]:
    """The frames sent to the page, as they come."""
    sent: list[tuple[dict, bytes]] = []
    monkeypatch.setattr(widget, "send", lambda content, buffers: sent.append((content, buffers[0])))
    return sent


def test_a_frame_says_what_is_new_since_the_state_that_a_page_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def work() -> None:
        widget = live(rate=0.001, pace=1000)
        sent = told(widget, monkeypatch)
        before = widget.numbers
        widget.play()
        await frames(widget, 2)
        assert widget.numbers == before  # the state stays as a page knows it
        (first, _), (second, numbers) = sent[:2]
        assert (first["frame"], second["frame"]) == (1, 2)
        assert first["base"] == second["base"] == widget.base
        assert list(second["panels"]) == ["0", "1"] and second["panels"]["0"]["marks"][0] == 0
        start, count, _ = second["panels"]["1"]["marks"][0]["points"]
        assert len(numbers) >= start + 8 * count
        widget.handle({"kind": "restart"})
        assert widget.base == first["base"] + 1 and widget.numbers == before

    in_a_loop(work)


def test_a_picture_of_another_size_is_sent_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        widget = live(rate=0.001, pace=1000)
        sent, base, run = told(widget, monkeypatch), widget.base, widget.training
        monkeypatch.setattr(run, "scene", lambda: Scene(Panel(), width=300, height=200))
        widget.play()
        await frames(widget, 2)
        widget.pause()
        assert widget.width == 300 and len(widget.scene["panels"]) == 1
        assert [frame["base"] for frame, _ in sent[:2]] == [base + 1, base + 1]

    in_a_loop(work)


def test_it_stops_when_nobody_watches_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SILENCE", 0.2)

    async def work() -> None:
        widget = live(pace=1000, rate=0.001)
        widget.play()
        await until_it_stops(widget)
        assert "no page has shown it" in widget.notice
        widget.handle({"kind": "play"})
        assert widget.notice == "" and widget.playing
        widget.pause()

    in_a_loop(work)


def test_it_stops_when_it_is_closed() -> None:
    async def work() -> None:
        widget = live(pace=1000, rate=0.001)
        widget.play()
        widget.close()
        await asyncio.sleep(0.05)
        assert not widget.playing and widget._task is not None and widget._task.done()

    in_a_loop(work)


def test_a_slider_pulled_while_it_trains_is_applied_between_bursts() -> None:
    async def work() -> None:
        widget = live(pace=1000, rate=0.001)
        widget.play()
        for position in (0, 5, 9, 2):
            widget.handle({"kind": "set", "changes": {"rate": {"position": position}}})
            await frames(widget, 1)
            assert widget.training.parameters.rate == widget.parameters.rate
        assert widget.playing
        widget.handle({"kind": "set", "changes": {"start": {"text": "nonsense"}}})
        assert "“nonsense” is not" in widget.wrong["start"] and widget.playing
        widget.handle({"kind": "set", "changes": {"start": {"text": "-1"}}})
        assert widget.training.x == -1.0 and widget.playing
        widget.pause()

    in_a_loop(work)


def test_an_exception_while_it_trains_is_shown_and_stops_it() -> None:
    async def work() -> None:
        widget = live(rate=1.5)
        widget.handle({"kind": "play"})
        await until_it_stops(widget)
        assert "the loss is no longer a number" in widget.error
        widget.handle({"kind": "set", "changes": {"rate": {"text": "0.1"}}})
        assert widget.error == ""
        widget.handle({"kind": "play"})
        await until_it_stops(widget)
        await asyncio.sleep(0.01)
        assert widget.done and widget.error == ""

    in_a_loop(work)


def test_a_pace_is_kept() -> None:
    async def work() -> None:
        widget = live(rate=0.001)
        widget.handle({"kind": "pace", "pace": 20})
        widget.play()
        began = time.perf_counter()
        await frames(widget, 8)
        widget.pause()
        assert widget.training.steps <= 20 * (time.perf_counter() - began) + 2

    in_a_loop(work)


@pytest.mark.parametrize(
    "message",
    [{"kind": "ack"}, {"kind": "ack", "frame": "x"}, {"kind": "ack", "frame": 10**9},
     {"kind": "pace", "pace": "fast"}, {"kind": "pace", "pace": -1}, {"kind": "pace"},
     {"kind": "set", "changes": {"rate": 3}}, {"kind": 7}],
)  # fmt: skip
def test_a_message_without_sense_changes_nothing(message: dict[str, Any]) -> None:
    widget = live()
    before = widget.parameters
    widget.handle(message)
    assert widget.parameters == before and widget.error == "" and widget.pace == 0.0


def test_the_still_picture_has_trained_a_little_and_the_widget_has_not() -> None:
    widget = live()
    data, _ = widget._repr_mimebundle_()
    assert "After 20 updates" in data["text/plain"] and data["image/png"]
    assert widget.steps == 0 and "After 0 updates" in widget.sentence
