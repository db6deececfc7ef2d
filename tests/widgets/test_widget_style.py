"""Lines can be told apart without colour, and colours can be seen on their ground."""

from __future__ import annotations

import itertools

import pytest
from matplotlib.colors import to_rgb

from course.widgets import style


def luminance(colour: str) -> float:
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_keeps_three_to_one_against_its_ground(theme: style.Theme) -> None:
    ground = style.rc(theme)["figure.facecolor"]
    low = {c: contrast(c, ground) for c in style.PALETTE[theme] if contrast(c, ground) < 3}
    assert not low


def test_no_two_lines_share_dashes_and_marker() -> None:
    looks = [(str(s["linestyle"]), s["marker"]) for s in map(style.series, range(7))]
    assert all(a != b for a, b in itertools.combinations(looks, 2))
