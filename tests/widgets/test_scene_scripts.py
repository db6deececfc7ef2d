"""Scenes in a real browser: drawn, dragged, moved by keyboard; training played and watched."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from toy_scenes import direct, live

from course.widgets.live import _Clock

pytestmark = pytest.mark.browser

CANVAS = "document.querySelector('canvas')"
PICTURE = f"{CANVAS}.toDataURL()"
# Its pixels but for the edge, which may be a part of one only.
INSIDE = f"[...{CANVAS}.getContext('2d').getImageData(0, 0, 800, 350).data].join()"


def drawn(page: Any) -> Any:
    """Wait until there is more than one colour on the canvas."""
    page.wait_for_function(
        f"""() => {{
          const c = {CANVAS};
          const pixels = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
          return new Set(new Uint32Array(pixels.buffer)).size > 20;
        }}"""
    )
    return page


def test_a_scene_is_drawn_and_has_an_alternative(show: Callable[..., Any]) -> None:
    page = drawn(show(direct()))
    picture = page.get_by_role("img")
    assert picture.get_attribute("aria-label") == (
        "Fit. The line rises 0.5 a unit; the loss is 0.142."
    )
    assert page.problems == []


def test_a_handle_is_moved_by_the_arrow_keys(show: Callable[..., Any]) -> None:
    widget = direct()
    page = drawn(show(widget))
    dot = page.get_by_role("slider", name="Model")
    assert dot.get_attribute("aria-valuetext") == "x 0.5, y 0"
    dot.press("ArrowRight")
    page.wait_for_function("window.model.get('values').slope.text === '0.58'")
    dot.press("ArrowDown")
    page.wait_for_function("window.model.get('values').height.text === '-0.08'")
    dot.press("Shift+ArrowDown")
    page.wait_for_function("window.model.get('values').height.text === '-0.088'")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Model"
    end = page.get_by_role("slider", name="Right end of the line")
    assert end.get_attribute("aria-orientation") == "vertical"
    end.press("ArrowUp")
    page.wait_for_function("Number(window.model.get('values').slope.text) > 0.63")
    assert page.problems == []


def test_a_handle_is_dragged_and_lands_where_it_was_let_go(show: Callable[..., Any]) -> None:
    widget = direct()
    page = drawn(show(widget))
    dot = page.get_by_role("slider", name="Model")
    box = dot.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for n in range(1, 13):
        page.mouse.move(x + 5 * n, y - 4 * n)
    page.mouse.up()
    page.wait_for_function("window.model.sent.at(-1).number === window.model.get('answered')")
    scene = widget._scene
    _left, _top, width, height = scene.inner(1)
    assert widget.parameters.slope == pytest.approx(0.5 + 60 * 4 / width, abs=0.05)
    assert widget.parameters.height == pytest.approx(48 * 4 / height, abs=0.05)
    page.mouse.move(x, y)  # let go: it does not follow any more
    assert widget.parameters.slope > 1.0


def test_drags_are_gathered_while_one_is_under_way(show: Callable[..., Any]) -> None:
    page = drawn(show(direct()))
    page.evaluate("window.deaf = true")
    box = page.get_by_role("slider", name="Model").bounding_box()
    page.mouse.move(box["x"] + 8, box["y"] + 8)
    page.mouse.down()
    for n in range(6):
        page.mouse.move(box["x"] + 8 + 10 * n, box["y"] + 8)
    page.mouse.up()
    assert page.evaluate("window.model.sent.length") == 1
    page.evaluate("window.model.update({answered: window.model.sent[0].number})")
    assert len(page.evaluate("window.model.sent.at(-1).acts")) == 1


def test_a_spot_is_pressed_by_keyboard(show: Callable[..., Any]) -> None:
    widget = direct()
    page = drawn(show(widget))
    spot = page.get_by_role("button", name="Absolute")
    assert spot.get_attribute("aria-pressed") == "false"
    spot.press("Enter")
    page.wait_for_function("document.querySelector('.tbh-spot').ariaPressed === 'true'")
    assert widget.parameters.power == "one"


def test_a_spot_that_asks_for_it_is_set_by_pointing_at_it(show: Callable[..., Any]) -> None:
    widget = direct(power="one")
    page = drawn(show(widget))
    page.get_by_role("button", name="Squared").hover()
    page.wait_for_function("window.model.get('values').power.value === 'two'")
    page.mouse.move(5, 5)
    page.get_by_role("button", name="Absolute").hover()
    assert widget.parameters.power == "two"
    page.get_by_role("button", name="Absolute").click()
    page.wait_for_function("document.querySelector('.tbh-spot').ariaPressed === 'true'")
    page.get_by_role("button", name="Squared").focus()
    page.wait_for_function("window.model.get('values').power.value === 'two'")


def test_the_theme_and_the_width_of_the_page_are_followed(show: Callable[..., Any]) -> None:
    page = drawn(show(direct(), theme="dark"))
    corner = f"[...{CANVAS}.getContext('2d').getImageData(1, 1, 1, 1).data]"
    assert page.evaluate(corner) == [24, 24, 24, 255]
    page.emulate_media(color_scheme="light")
    page.wait_for_function(f"{corner}[0] === 255")
    page.set_viewport_size({"width": 420, "height": 900})
    page.wait_for_function(f"{CANVAS}.clientWidth < 420")
    handle = page.get_by_role("slider", name="Model").bounding_box()
    assert handle["x"] + handle["width"] < 420


def test_the_line_of_code_is_shown(show: Callable[..., Any]) -> None:
    page = show(direct(height=1.0))
    page.get_by_role("button", name="Share").press("Enter")
    assert page.get_by_text("direct(height=1.0)").is_visible()


def send_frame(page: Any, widget: Any) -> int:
    """What Jupyter does by itself: bring a frame of the widget to the page; its number."""
    sent: list[Any] = []
    widget.send = lambda *message: sent.append(message)
    widget._send_frame(_Clock(0))
    content, (numbers,) = sent[0]
    page.evaluate("(frame) => window.hear(...frame)", [content, b64encode(numbers).decode()])
    return int(content["frame"])


ACKNOWLEDGED = "(n) => window.model.sent.some((m) => m.kind === 'ack' && m.frame === n)"


def test_the_buttons_of_training(show: Callable[..., Any]) -> None:
    widget = live(pace=1000)
    page = drawn(show(widget))
    page.get_by_role("button", name="Step").press("Enter")
    page.get_by_text("1 updates", exact=True).wait_for()
    page.get_by_label("Speed").select_option("100")
    page.get_by_role("button", name="Play").press("Enter")
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_timeout(300)
    assert widget.playing and widget.pace == 100 and 1 < widget.training.steps < 100
    number = send_frame(page, widget)
    page.wait_for_function(ACKNOWLEDGED, arg=number)
    page.get_by_role("button", name="Pause").press("Enter")
    page.get_by_role("button", name="Play").wait_for()
    assert not widget.playing
    page.get_by_role("button", name="Start over").click()
    page.get_by_text("0 updates", exact=True).wait_for()
    assert page.problems == []


def test_frames_are_drawn_over_the_state_and_the_last_one_is_acknowledged(
    show: Callable[..., Any],
) -> None:
    widget = live()
    page = drawn(show(widget))
    before = page.evaluate(INSIDE)
    for _ in range(8):
        widget.training.step()
        widget.training.steps += 1
        number = send_frame(page, widget)
    page.wait_for_function(ACKNOWLEDGED, arg=number)
    page.wait_for_timeout(50)
    assert widget._acknowledged == widget.frame == 8
    acks = page.evaluate("window.model.sent.filter((m) => m.kind === 'ack').length")
    assert acks < 8, "every message makes the kernel busy, so not every frame has one"
    after = page.evaluate(INSIDE)
    assert after != before
    # What a page draws that is told the whole state is the same picture, but for the rounding of what the
    # frames copy from a sheet.
    widget.run(0)
    told, framed = (
        np.array(text.split(","), dtype=int)
        for text in (drawn(show(widget)).evaluate(INSIDE), after)
    )
    assert np.abs(told - framed).max() <= 16  # of 255


def test_training_that_is_done_says_so(show: Callable[..., Any]) -> None:
    widget = live(rate=0.1)
    widget.run_to_end()
    page = drawn(show(widget))
    assert page.get_by_role("button", name="Play").is_disabled()
    assert page.get_by_text(f"{widget.steps} updates, done").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", [direct, live])
def test_axe_has_no_serious_finding(
    make: Callable[[], Any], theme: str, show: Callable[..., Any], axe: Callable[[Any], list[str]]
) -> None:
    page = drawn(show(make(), theme=theme))
    for name in ("Show as table", "Share"):
        page.get_by_role("button", name=name).click()
    assert axe(page) == []
