"""Small images share one axes, side by side and whole."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from course.widgets.thumbnails import thumbnails


def test_images_stand_in_rows_and_none_is_cut_off() -> None:
    axes = Figure().add_subplot()
    images = np.linspace(0, 1, 5 * 16).reshape(5, 4, 4)
    thumbnails(axes, images, columns=2, titles=list("abcde"))
    places = [tuple(np.round(image.get_extent(), 9)) for image in axes.images]
    assert len(set(places)) == 5
    assert np.array_equal([image.get_array() for image in axes.images], images)
    (low, high), (foot, top) = axes.get_xlim(), axes.get_ylim()
    for left, right, below, above in places:
        assert low <= left < right <= high and top <= above < below <= foot
    assert places[1][0] > places[0][1] and places[2][3] > places[0][2]  # to the right; below
    assert [text.get_text() for text in axes.texts] == list("abcde")
