"""The kit's scripts in a real browser, with the real Python widgets behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from toy_explorer import explorer

from course.optimization.explorers import optimizer_race
from course.widgets import Prediction, Question, prediction, right, slider, wrong

pytestmark = pytest.mark.browser


def answered(page: Any, number: int) -> None:
    page.wait_for_function(f"window.model.get('answered') >= {number}")


def test_the_keyboard_moves_a_slider_and_all_follows(show: Callable[..., Any]) -> None:
    widget = explorer()
    page = show(widget)
    slider_ = page.get_by_role("slider", name="Balls")
    before = page.get_by_role("img").get_attribute("src")
    slider_.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("6 balls at 10 m/s").first.wait_for()
    assert widget.parameters.count == 6
    assert slider_.get_attribute("aria-valuetext") == "6"
    page.wait_for_function("old => document.querySelector('img').src !== old", arg=before)
    assert page.get_by_role("img").get_attribute("alt") == "Throw. 6 balls at 10 m/s on moon."
    assert page.problems == []


def test_the_last_position_is_shown_however_fast_the_moves(show: Callable[..., Any]) -> None:
    widget = explorer(count=1)
    page = show(widget)
    page.get_by_role("slider", name="Balls").focus()
    for _ in range(11):
        page.keyboard.press("ArrowRight")
    page.get_by_text("12 balls").first.wait_for()
    assert widget.parameters.count == 12
    assert page.get_by_role("slider", name="Balls").input_value() == "11"


def test_moves_are_gathered_while_one_is_under_way(show: Callable[..., Any]) -> None:
    page = show(explorer(count=1))
    page.evaluate("window.deaf = true")
    page.get_by_role("slider", name="Balls").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_label("Place").select_option("earth")
    assert page.evaluate("window.model.sent.length") == 1
    page.get_by_text("Working").wait_for()
    page.evaluate("window.model.update({answered: window.model.sent[0].number})")
    last = page.evaluate("window.model.sent.at(-1)")
    assert last["changes"] == {"count": {"position": 5}, "place": {"value": "earth"}}


def test_a_kernel_that_is_slow_is_waited_for_and_one_that_is_silent_named(
    show: Callable[..., Any],
) -> None:
    page = show(explorer())
    busy, root = page.locator(".tbh-busy"), page.locator(".tbh")
    page.evaluate("window.deaf = true")
    page.clock.install(time=datetime(2026, 1, 1))
    page.clock.pause_at(datetime(2026, 1, 2))  # from here it only goes as it is told
    page.get_by_role("slider", name="Balls").press("ArrowRight")
    page.clock.run_for(100)
    assert busy.inner_text() == "" and root.get_attribute("aria-busy") is None
    page.clock.run_for(100)
    assert busy.inner_text() == "Working…" and root.get_attribute("aria-busy") == "true"
    page.clock.run_for(12_000)
    assert busy.inner_text().startswith("No answer yet. Is another cell running?")
    page.evaluate("window.model.update({answered: window.model.sent[0].number})")
    assert busy.inner_text() == "" and root.get_attribute("aria-busy") is None


def test_every_kind_of_control_has_its_label_with_the_unit(show: Callable[..., Any]) -> None:
    page = show(explorer())
    speed = page.get_by_role("slider", name="Speed (m/s)", exact=True)
    assert speed.get_attribute("aria-valuetext") == "10 m/s"
    assert page.get_by_text("Speed (m/s)", exact=True).first.is_visible()
    page.get_by_role("textbox", name="Speed (m/s), exact value").fill("12,5")
    page.keyboard.press("Enter")  # with a decimal comma
    page.get_by_text("at 12.5 m/s").first.wait_for()
    assert page.get_by_role("combobox", name="Place").is_visible()
    assert page.get_by_role("group", name="Marks").get_by_role("checkbox", name="End").is_visible()
    page.get_by_role("checkbox", name="Air").check()
    page.wait_for_function("window.model.get('values').air.value === true")
    assert page.get_by_role("group", name="Throw").count() == 1


def test_an_old_answer_does_not_pull_the_slider_back(show: Callable[..., Any]) -> None:
    page = show(explorer(count=1))
    page.evaluate("window.deaf = true")
    slider_ = page.get_by_role("slider", name="Balls")
    slider_.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    old = {"position": 1, "text": "2"}
    page.evaluate(
        """(old) => window.model.update({
          values: { ...window.model.get("values"), count: old },
          answered: window.model.sent[0].number,
        })""",
        old,
    )
    assert slider_.input_value() == "4"


def test_a_bad_number_is_named_beside_its_field(show: Callable[..., Any]) -> None:
    widget = explorer()
    page = show(widget)
    field = page.get_by_role("textbox", name="Balls, exact value")
    field.fill("many")
    field.press("Enter")
    alert = page.get_by_text("Balls must be a whole number between 1 and 20")
    alert.wait_for()
    assert field.get_attribute("aria-invalid") == "true" and field.input_value() == "many"
    assert widget.parameters.count == 5
    field.fill("8")
    field.press("Enter")
    page.get_by_text("8 balls").first.wait_for()
    assert alert.count() == 0


def test_a_text_is_followed_as_it_is_typed_and_stays_while_it_is_wrong(
    show: Callable[..., Any],
) -> None:
    widget = explorer()
    page = show(widget)
    field = page.get_by_role("textbox", name="Thrower")
    field.fill("")
    page.get_by_text("Thrower: type at least 1 character.").wait_for()
    assert field.get_attribute("aria-invalid") == "true" and widget.parameters.who == "Ann"
    field.press_sequentially("Bob")
    page.wait_for_function("window.model.get('values').who.value === 'Bob'")
    assert field.input_value() == "Bob" and field.get_attribute("aria-invalid") is None
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("document.querySelector('.tbh-text').value === 'Ann'")


def test_an_error_is_shown_and_goes(
    show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("course.widgets.front.raises_errors", lambda: False)
    page = show(explorer(count=12))
    page.get_by_role("slider", name="Balls").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("thirteen balls are too many").wait_for()
    page.get_by_role("button", name="Reset").click()
    page.get_by_text("thirteen balls are too many").wait_for(state="hidden")


def test_the_table_opens_and_reset_goes_back(show: Callable[..., Any]) -> None:
    widget = explorer()
    page = show(widget)
    button = page.get_by_role("button", name="Show as table")
    assert button.get_attribute("aria-expanded") == "false"
    button.press("Enter")
    assert page.get_by_role("table", name="Throws").is_visible()
    assert page.get_by_role("columnheader", name="Speed (m/s)").is_visible()
    page.get_by_role("checkbox", name="Air").check()
    page.get_by_role("checkbox", name="End").check()
    page.wait_for_function("window.model.get('values').marks.value.length === 2")
    assert widget.parameters.air is True
    page.get_by_role("button", name="Reset").click()
    page.wait_for_function("window.model.get('values').marks.value.length === 1")
    assert not page.get_by_role("checkbox", name="Air").is_checked()


def test_a_screen_reader_hears_the_sentence_once_it_rests(show: Callable[..., Any]) -> None:
    page = show(explorer())
    page.locator("[aria-live=polite]", has_text="5 balls at 10 m/s").wait_for(state="attached")


def test_jupyterlab_leaves_the_keys_to_every_control(show: Callable[..., Any]) -> None:
    page = show(explorer())
    bare = "input:not([data-lm-suppress-shortcuts]), select:not([data-lm-suppress-shortcuts])"
    assert page.locator("main input").count() > 5
    assert page.locator(bare).count() == 0


def test_the_notebook_around_cannot_take_enter_away(show: Callable[..., Any]) -> None:
    # JupyterLab's notebook prevents the default action of Enter as it bubbles up.
    widget = explorer()
    page = show(widget)
    page.evaluate("document.body.addEventListener('keydown', (event) => event.preventDefault())")
    field = page.get_by_role("textbox", name="Balls, exact value")
    field.fill("8")
    field.press("Enter")
    page.get_by_text("8 balls").first.wait_for()
    page.get_by_role("button", name="Reset").press("Enter")
    page.get_by_text("5 balls").first.wait_for()


def test_a_dark_page_gets_a_dark_picture(show: Callable[..., Any]) -> None:
    widget = explorer()
    page = show(widget, theme="dark")
    answered(page, 1)
    assert widget._theme == "dark"
    assert page.locator(".tbh").get_attribute("data-theme") == "dark"
    page.emulate_media(color_scheme="light")
    answered(page, 2)
    assert widget._theme == "light"


def test_leaving_the_page_leaves_nothing_behind(show: Callable[..., Any]) -> None:
    page = show(explorer())
    page.evaluate("window.end()")
    assert page.evaluate("Object.values(window.model.heard).flat().length") == 0


def quiz() -> Question:
    return Question(
        "What does `zero_grad` do?",
        [wrong("It trains.", "No: `step` does."), right("It clears.", "They add up otherwise.")],
    )


def test_a_question_is_answered_by_keyboard_and_explains_itself(show: Callable[..., Any]) -> None:
    asked = quiz()
    page = show(asked)
    page.get_by_role("radio", name="It trains.").focus()
    page.keyboard.press("Space")
    page.get_by_text("Not this one. No: step does.").wait_for()
    page.keyboard.press("ArrowDown")
    page.get_by_text("Right. They add up otherwise.").wait_for()
    page.wait_for_function("window.model.get('chosen') === 1")
    assert asked.solved and page.problems == []


def test_a_question_explains_itself_without_a_kernel(show: Callable[..., Any]) -> None:
    page = show(quiz())
    page.evaluate("window.deaf = true")
    page.get_by_role("radio", name="It clears.").check()
    page.get_by_text("Right. They add up otherwise.").wait_for(timeout=5000)
    page.evaluate(GONE)
    page.get_by_role("radio").last.check()
    assert page.problems == []


def card() -> Prediction:
    control = slider(0.1, 0.01, 1.0, label="Learning rate", log=True)
    return Prediction("Which rate is the largest stable one?", control, key="browser")


def test_a_prediction_is_committed_and_changed_on_purpose(
    show: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prediction, "STORE", {})
    asked = card()
    page = show(asked)
    slider_ = page.get_by_role("slider")
    slider_.focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Commit prediction").press("Enter")
    page.get_by_text("Your prediction: 1.").wait_for()
    assert asked.guess == 1.0 and slider_.is_disabled()
    page.get_by_role("button", name="Change prediction").click()
    page.get_by_role("textbox").fill("none")
    page.get_by_role("button", name="Commit prediction").click()
    page.get_by_text("Learning rate must be a number between 0.01 and 1").wait_for()
    page.get_by_role("textbox").fill("0.5")
    page.get_by_role("button", name="Commit prediction").click()
    page.get_by_text("Your prediction: 0.5.").wait_for()
    assert asked.guess == 0.5 and page.problems == []


def test_a_light_page_after_a_dark_one_has_a_light_picture(show: Callable[..., Any]) -> None:
    told = "window.model.get('look').theme === '{}'"
    show(explorer(), theme="dark").wait_for_function(told.format("dark"))
    widget = explorer()
    assert widget.look["theme"] == "dark"  # as the page before was
    page = show(widget, theme="light")
    page.wait_for_function(told.format("light"))
    page.emulate_media(color_scheme="dark")
    page.emulate_media(color_scheme="light")  # before the answer: the last one counts
    page.wait_for_function("window.model.sent.at(-1).number === window.model.get('answered')")
    assert widget.look["theme"] == "light"


GONE = "() => { window.model.send = () => { throw new Error('gone'); }; }"  # as Jupyter does


@pytest.mark.parametrize(("make", "press"), [(explorer, "Reset"), (card, "Commit prediction")])
def test_a_kernel_that_is_gone_is_named(
    make: Callable[[], Any], press: str, show: Callable[..., Any]
) -> None:
    page = show(make())
    page.evaluate(GONE)
    page.get_by_role("button", name=press).click()
    page.get_by_text("restarted or shut down. Run this cell again.").wait_for(timeout=3000)
    assert page.problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("make", [explorer, optimizer_race, quiz, card])
def test_axe_has_no_serious_finding(
    make: Callable[[], Any], theme: str, show: Callable[..., Any], axe: Callable[[Any], list[str]]
) -> None:
    page = show(make(), theme=theme)
    for button in page.get_by_role("button", name="Show as table").all():
        button.click()
    for radio in page.get_by_role("radio").all()[:1]:
        radio.check()
    assert axe(page) == []
