"""The explorers of the array, the formats, the sums, the threads and the scaled loss."""

from __future__ import annotations

import numpy as np
import pytest

from course.accelerators import explorers, systolic
from course.accelerators.explorers import latency, numbers, scaling, summing
from course.accelerators.explorers import systolic as array
from course.accelerators.formats import FORMATS
from course.widgets.scene import Text


def texts(scene) -> list[str]:
    return [m.text for panel in scene.panels for m in panel.marks if isinstance(m, Text)]


def press(widget, name: str) -> None:
    spot = widget._scene.spots[name]
    act = {"name": name, "x": spot.x, "y": spot.y}
    widget.handle({"kind": "set", "acts": [act]})


@pytest.mark.parametrize("overlap", [False, True])
def test_the_largest_product_fits_the_slider(overlap: bool) -> None:
    assert systolic.cycles(8, 8, 8, 2, 2, overlap) <= array._LONGEST
    w = array.simulate(array.SystolicParameters(array._LONGEST, 2, 8, 8, 8, overlap))
    assert w.cycle == w.last == systolic.cycles(8, 8, 8, 2, 2, overlap)


def test_the_array_is_walked_with_its_buttons_and_ends_with_the_product() -> None:
    widget = explorers.systolic_array(step=0)
    seen = set()
    for cycle in range(1, 17):
        press(widget, "next")
        assert widget.parameters.step == cycle
        seen.add(widget.sentence)
    assert len(seen) >= 15
    assert "equals A @ B. It took 16 cycles, 16 by formula" in widget.sentence
    press(widget, "next")
    assert widget.parameters.step == 16
    press(widget, "back")
    assert widget.parameters.step == 15
    press(widget, "start")
    assert widget.parameters.step == 0


def test_a_value_is_seen_moving_from_cell_to_cell() -> None:
    def places(step: int) -> list[tuple[int, int]]:
        w = array.simulate(array.SystolicParameters(step, 3, 1, 3, 3))
        found = texts(array.scene(w))
        # What a cell shows is what the machine holds: value, weight and sum, each by its number.
        for value, here in zip(w.now.sums.ravel(), w.now.present.ravel(), strict=True):
            assert not here or f"\u2193 {value}" in found
        return [tuple(map(int, p)) for p in np.argwhere(w.now.present)]

    assert places(4) == [(0, 0)]
    assert places(5) == [(0, 1), (1, 0)]
    assert places(6) == [(0, 2), (1, 1), (2, 0)]


def test_the_tile_that_is_named_is_the_one_at_work() -> None:
    def tile(step: int, overlap: bool) -> int:
        return array.simulate(array.SystolicParameters(step, 3, 5, 6, 5, overlap)).tile

    # Three cycles to load, then five rows a tile; or one after the other, 12 cycles each.
    assert [tile(step, True) for step in (0, 3, 8, 9, 13, 14, 18, 19)] == [0, 0, 0, 1, 1, 2, 2, 3]
    assert [tile(step, False) for step in (0, 12, 13, 24, 25)] == [0, 0, 1, 1, 2]


def test_a_wrong_product_would_be_said(monkeypatch) -> None:
    w = array.simulate(array.SystolicParameters(step=array._LONGEST))
    w.now.product[0, 0] += 1
    try:
        assert "differs from A @ B" in array.describe(w)
    finally:
        w.now.product[0, 0] -= 1


def test_pressing_a_bit_turns_it() -> None:
    widget = explorers.number_formats(format="fp16", value=1.0)
    press(widget, "bit15")  # the last of the mantissa
    assert widget.parameters.value == 1 + 2**-10
    press(widget, "bit0")
    assert widget.parameters.negative and "stores -1.00097656 as" in widget.sentence
    press(widget, "bit0")
    press(widget, "bit15")
    assert widget.parameters.value == 1.0 and not widget.parameters.negative
    press(widget, "bit1")  # the exponent would be all ones: infinity is no value to store
    assert widget.parameters.value == 1.0


@pytest.mark.parametrize("name", FORMATS)
def test_each_formats_words_fit_its_number(name: str) -> None:
    for value in (1e-45, 1e-6, 0.1, 1.0, 448.0, 1e5, 3e38):
        stored = numbers.simulate(numbers.NumberParameters(name, value))
        assert len(stored.bits) == FORMATS[name].bits
        code = int("".join(str(bit) for _, bit in stored.bits), 2)
        assert code == stored.code
        said = numbers.describe(stored)
        assert ("largest number" in said) == (not np.isfinite(stored.kept))
        assert ("exactly" in said) == (stored.kept == value)
        assert numbers.formula(stored)
    assert len(numbers.table(stored).rows) == len(FORMATS)


def test_how_a_number_is_read() -> None:
    def read(name: str, value: float) -> str:
        return numbers.formula(numbers.simulate(numbers.NumberParameters(name, value)))

    assert read("fp16", 0.1) == "(1 + 614/1024) \u00b7 2^(11 - 15) = 0.0999755859"
    assert read("e4m3", 0.005) == "subnormal: (0 + 3/8) \u00b7 2^(1 - 7) = 0.005859375"
    assert "all ones: infinity" in read("e5m2", 1e9) and "all ones: NaN" in read("e4m3", 1e9)
    assert "no infinity here" in read("e4m3", 448.0)


def test_the_sums_words() -> None:
    found = summing.simulate(summing.SummingParameters())
    said = summing.describe(found)
    assert said == (
        "Of 1,000,000 terms, all 1, whose sum is 1,000,000, FP8 E5M2 counts 8 and FP32 1,000,000."
    )
    rows = {row[0]: row[1:] for row in summing.table(found).rows}
    assert rows["BF16"] == ("256", "100 %")
    pairs = summing.simulate(summing.SummingParameters(way="pairwise"))
    assert "FP16 and FP8 E4M3 and FP8 E5M2 overflow" in summing.describe(pairs)


def test_the_threads_words_are_littles_law() -> None:
    h = latency.simulate(latency.LatencyParameters())
    said = latency.describe(h)
    assert "in 31 % of the cycles; 26 are enough" in said
    assert "7.69 requests on average: 0.0385 a cycle times 200 cycles each" in said
    assert h.settled.issued == pytest.approx(h.machine.busy)
    for row in latency.table(h).rows[:-1]:
        assert row[1] == row[2]


def test_a_scale_changed_on_the_way_saves_the_run() -> None:
    widget = explorers.loss_scaling()
    widget.run(60)
    run = widget.training
    assert np.mean(run.mine.losses[-10:]) > 2.2 and np.mean(run.exact.losses[-10:]) < 1.5
    widget.set(power=14)
    assert widget.training.steps == 60 and run.mine.scale == 2**14
    widget.run(80)
    assert np.mean(run.mine.losses[-10:]) < 1.0
    widget.set(format="e4m3")
    assert widget.training.steps == 0


def test_the_mean_of_the_last_losses() -> None:
    np.testing.assert_allclose(scaling._smooth(np.arange(5.0), 2), [0, 0.5, 1.5, 2.5, 3.5])
