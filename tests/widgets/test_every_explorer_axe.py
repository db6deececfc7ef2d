"""axe-core finds nothing serious or critical on any explorer: in either theme, wide or narrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sweep import called, makers

from course.widgets.front import Front

pytestmark = pytest.mark.browser

PICTURE = """() => {
  const picture = document.querySelector("main canvas, main img");
  return picture && (picture.complete ?? picture.width > 0);
}"""


@pytest.mark.parametrize("make", makers(), ids=called)
def test_axe_has_no_serious_finding_in_either_theme_or_width(
    make: Callable[[], Front], show: Callable[..., Any], axe: Callable[[Any], list[str]]
) -> None:
    page = show(make(), theme="light")
    for name in ("Show as table", "Share"):
        page.get_by_role("button", name=name).click()
    page.wait_for_function(PICTURE)
    assert axe(page) == []
    page.emulate_media(color_scheme="dark")
    page.locator(".tbh[data-theme=dark]").wait_for()
    page.set_viewport_size({"width": 420, "height": 900})
    page.wait_for_function("document.querySelector('.tbh').clientWidth <= 420")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 420, "cut off on the right"
    assert page.problems == []


def test_axe_finds_what_is_wrong(show: Callable[..., Any], axe: Callable[[Any], list[str]]) -> None:
    page = show(makers()[0]())
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<input>')")
    page.evaluate("document.querySelector('.tbh-title, .tbh p').style.color = '#ddd'")
    found = "".join(axe(page))
    assert "label:" in found and "color-contrast:" in found
