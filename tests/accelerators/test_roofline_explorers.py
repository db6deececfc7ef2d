"""The explorers of rooflines and tiles, and measured peaks held to what a roof computes."""

from __future__ import annotations

import pytest

from course.accelerators import explorers, first_tpu, operations, tiling, workloads
from course.accelerators.explorers import any_chip as roofline
from course.accelerators.explorers import roofs, six_applications, tiles
from course.accelerators.reached import reached
from course.accelerators.workloads import WORKLOADS
from course.facts.chips import chip
from course.widgets.scene import Text


def words(scene) -> str:
    return " ".join(m.text for p in scene.panels for m in p.marks if isinstance(m, Text))


def press(widget, name: str) -> None:
    spot = widget._scene.spots[name]
    widget.handle({"kind": "set", "acts": [{"name": name, "x": spot.x, "y": spot.y}]})


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_operation_on_every_chip_in_every_precision(name):
    for found in workloads.named():
        for precision in chip(found).peaks:
            p = roofline.RooflineParameters(found, name, 7, 640, precision, True)
            s = roofline.simulate(p)
            assert s.precision == precision and s.place.time > 0
            operation = s.place.operation
            top = s.roof.attainable(operation.intensity)
            assert s.place.attainable == pytest.approx(top)
    said = roofline.describe(s)
    assert s.work.label in said and roofs.bound(s.place) in said


def test_the_picture_is_of_the_operation_that_operations_count():
    s = roofline.simulate(
        roofline.RooflineParameters("NVIDIA A100 SXM 80GB", batch=512, width=1024)
    )
    same = operations.matmul(512, 1024, 1024, "bf16")
    assert (s.place.operation.flops, s.place.operation.bytes) == (same.flops, same.bytes)
    assert s.place.time == max(same.flops / 312e12, same.bytes / 2039e9)
    assert [p.operation.flops for p in s.path][:2] == [2 * 1024**2, 4 * 1024**2]
    rows = {row[0]: row for row in roofline.table(s).rows}
    assert set(rows) == {"FP32", "TF32", "FP16", "BF16", "INT8"} and rows["BF16"][1] == "312"


def test_the_shapes_are_those_that_the_words_say():
    b, w, pairs = 2, 640, 2048 * 2049 // 2
    flops = {
        "matmul": 2 * b * w * w,
        "batched": 2 * b * 128 * w * 128,
        "elementwise": 4 * b * w,
        "reduction": b * (w - 1),
        "convolution": 2 * b * 28 * 28 * w * w * 9,
        "attention": b * 5 * pairs * (4 * 128 + 6),
        "token": b * 5 * 2048 * (4 * 128 + 6),
        "embedding": 0,
        "normalisation": b * (7 * w + 2),
    }
    for name, work in WORKLOADS.items():
        assert work.make(b, w, "bf16", True).flops == flops[name], name
        apart = work.make(b, w, "bf16", False).bytes > work.make(b, w, "bf16", True).bytes
        assert (apart == work.fuses and "640" in work.shapes(b, w)) or "5 heads" in work.shapes(
            b, w
        )


def test_a_chips_precisions_are_buttons_and_fusing_is_one():
    widget = explorers.roofline(operation="normalisation")
    press(widget, "fp8")
    assert widget.parameters.precision == "fp8" and "in FP8" in widget.sentence
    before = widget.result.place.time
    press(widget, "fused")
    assert not widget.parameters.fused and widget.result.place.time > 2 * before
    widget.set(operation="matmul")
    assert "fused" not in widget._scene.spots


def test_a_precision_that_the_chip_lacks_gives_way_and_is_said():
    widget = explorers.roofline(chip="google tpu v1")
    assert widget.result.precision == "int8"
    assert "No dense peak for BF16 is published" in widget.sentence
    widget.set(chip="Raspberry Pi 5 (4x Cortex-A76 2.4 GHz)")
    assert widget.result.precision == "fp32"
    assert "not published as such: fp32, bandwidth" in widget.sentence


def test_dense_and_sparse_peaks_are_told_apart_and_measured_ones_shown():
    shown = words(roofline.scene(roofline.simulate(roofline.RooflineParameters())))
    for text in ("roof in BF16, published", "sparse peak, published", "best product that others measured", "here, computed"):  # fmt: skip
        assert text in shown
    s = roofline.simulate(roofline.RooflineParameters())
    # The dense peak decides; the sparse one is only shown.
    assert s.sparse == pytest.approx(2 * s.roof.peak, rel=1e-3)
    assert s.roof.peak == chip("NVIDIA H100 SXM").peaks["bf16"]
    shown = words(roofline.scene(roofline.simulate(roofline.RooflineParameters("Google TPU v4"))))
    assert "sparse" not in shown and "measured" not in shown


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"chip": "H100"}, "the nearest: 'NVIDIA H100 SXM'"),
        ({"chip": "Apple Neural Engine M4"}, "no published dense peak"),
        ({"chip": "NVIDIA Jetson AGX Orin 64GB"}, "no published dense peak"),
        ({"chip": "Google Coral Edge TPU"}, "no memory bandwidth"),
        ({"operation": "sort"}, "Operation is one of"),
        ({"batch": 0}, "Batch must be a whole number between 1 and 65536; 0 is not"),
        ({"precision": "fp12"}, "Numbers in is one of"),
    ],
)
def test_what_cannot_be_placed_is_said_in_words(asked, said):
    with pytest.raises(ValueError, match=said):
        explorers.roofline(**asked)


def test_what_is_true_of_operations():
    def place(name, **asked):
        return roofline.simulate(roofline.RooflineParameters(operation=name, **asked)).place

    assert place("embedding").attainable == 0
    for name in ("elementwise", "reduction", "normalisation", "token", "embedding"):
        assert place(name, batch=65_536).bound == "memory"
    for name in ("matmul", "convolution"):
        assert place(name, batch=4096).bound == "compute"
    # One new token: a batch of sequences does not help, for each has keys of its own.
    assert place("token", batch=1).operation.intensity == place("token", batch=512).operation.intensity  # fmt: skip
    assert place("attention").bound == "compute" and place("attention", fused=False).bound == "memory"  # fmt: skip


def test_numbers_and_times_in_words():
    assert [roofs.seconds(x) for x in (2, 0.0123, 4e-6, 5e-9)] == ["2 s", "12.3 ms", "4 µs", "5 ns"]
    assert (roofs.rate(2.5e12), roofs.rate(3e9), roofs.rate(4e6)) == ("2.5 TFLOP/s", "3 GFLOP/s", "4 MFLOP/s")  # fmt: skip
    assert (roofs.count(12_300, "B"), roofs.count(7, "B")) == ("12.3 kB", "7 B")


def test_the_six_applications_are_published_and_computed_apart():
    s = six_applications.simulate(six_applications.FirstTpuParameters())
    assert s.as_built and s.published == s.changed == first_tpu.land()
    said = six_applications.describe(s)
    assert "Bound by memory: MLP0, MLP1, LSTM0, LSTM1; by arithmetic: CNN0, CNN1." in said
    assert "LSTM1 (43 %) and CNN1 (15 %) do not, and the roof does not say why" in said
    shown = words(six_applications.scene(s))
    assert "reached, published" in shown and "at most, computed" in shown
    headings = six_applications.table(s).columns
    assert all("published" in h or "computed" in h for h in headings[1:-1])


def test_with_faster_memory_the_slope_moves_and_the_flat_part_stays():
    s = six_applications.simulate(six_applications.FirstTpuParameters(bandwidth=4.0))
    for row, new in zip(s.published, s.changed, strict=True):
        assert row.achieved == new.achieved  # what was measured stays
        expected = min(4 * row.intensity * 34e9, 92e12)
        assert new.attainable == pytest.approx(expected)
    assert "Nobody measured that: it is computed." in six_applications.describe(s)
    half = first_tpu.land(batch=0.5)
    assert all(2 * h.intensity == r.intensity for h, r in zip(half, s.published, strict=True))
    with pytest.raises(ValueError, match="more than 0, not 0 and 1"):
        first_tpu.land(0)


def test_measured_peaks_beside_the_roof(capsys):
    rows = reached()
    with capsys.disabled():
        print("\nBF16: what the roof allows a large product, what was measured, what is left open")
        for r in rows:
            print(
                f"  {r.row.device:9} roof {r.computed / 1e12:7.1f} ({r.place.bound}) measured "
                f"{r.measured / 1e12:7.1f} = {r.share:4.0%}; {1 - r.share:4.0%} not explained by the roof"
            )
    assert len(rows) == 6
    for r in rows:
        # Memory is no excuse: at this size every chip is bound by arithmetic, far from its ridge.
        assert r.place.bound == "compute" and r.computed == pytest.approx(
            chip(r.row.chip).peak("bf16")
        )
        assert 0.5 < r.share < 1
    assert [r.share for r in rows] == sorted((r.share for r in rows), reverse=True)
    assert "H100 SXM" in str(rows) and "<caption>Measured: " in rows._repr_html_()


def test_tiles_are_stepped_through_and_counted_twice():
    widget = explorers.tiled_product(side=6, step=0)
    assert widget.result.moved == widget.result.formula and "as the formula says" in widget.sentence
    for number in range(1, 9):
        press(widget, "next")
        assert widget.parameters.step == number
    press(widget, "next")
    assert widget.parameters.step == 8 and "The product equals A @ B" in widget.sentence
    press(widget, "back")
    assert widget.parameters.step == 7
    press(widget, "end")
    assert widget.result.shown == 8


def test_what_was_fetched_in_the_picture_is_what_the_traffic_counts():
    for stays in "ABC":
        t = tiles.simulate(tiles.TilingParameters(5, stays, tiles._LAST))
        seen = tiles._fetches(t)
        assert seen["A"].sum() == t.moved[0].a and seen["B"].sum() == t.moved[0].b
        # The first time a tile of C comes, it is empty: nothing moves.
        assert seen["C"].sum() - tiles.SIZE**2 == t.moved[0].c
        assert t.others[4] == t.moved[0].numbers
        assert t.intensity == 2 * tiles.SIZE**3 / (4 * t.moved[0].numbers)
    assert tiles.simulate(tiles.TilingParameters(12)).moved[0].numbers == tiling.least(12, 12, 12)


def test_a_wrong_count_would_be_said():
    t = tiles.simulate(tiles.TilingParameters())
    wrong = tiles.Tiled(t.parameters, t.steps, t.moved, t.moved[::-1], False, t.others)
    assert "unlike the formula" in tiles.describe(wrong) and "differs from A @ B" in tiles.describe(wrong)  # fmt: skip
