"""Published chips: dense and sparse peaks apart, no figure without its source, names in words."""

import dataclasses
import math

import pytest

from course.facts import chips, measured_peaks, tpu_v1

EVERY = [
    *chips.chips(),
    *measured_peaks.measured_peaks(),
    *tpu_v1.applications(),
    *tpu_v1.latencies(),
    *tpu_v1.means(),
]


def test_every_row_says_where_and_when_it_is_from():
    assert len(EVERY) == 51 + 6 + 6 + 6 + 6
    for row in EVERY:
        assert len(row.source) > 8 and row.evidence
        assert row.date.removeprefix("read ")[:4].isdigit(), row


def test_names_are_unique_and_numbers_positive():
    names = [chip.name for chip in chips.chips()]
    assert len(set(names)) == len(names)
    for chip in chips.chips():
        for field in dataclasses.fields(chip):
            value = getattr(chip, field.name)
            if isinstance(value, float):
                assert math.isfinite(value) and value > 0, (chip.name, field.name)
        assert set(chip.derived.split()) <= {"fp32", "fp16", "bandwidth"}


def test_sparse_peaks_are_no_dense_ones():
    h100 = chips.chip("NVIDIA H100 SXM")
    # 1,830 MHz, 528 tensor cores of 512 multiply-adds.
    assert h100.peak("bf16") == pytest.approx(1830e6 * 512 * 528 * 2, rel=1e-3)
    assert h100.sparse_peaks["bf16"] == pytest.approx(2 * h100.peak("bf16"), rel=1e-3)
    orin = chips.chip("NVIDIA Jetson AGX Orin 64GB")
    assert orin.peaks == {} and orin.sparse_peaks == {"int8": 275e12} and not orin.placeable
    for chip in chips.chips():
        for precision, sparse in chip.sparse_peaks.items():
            dense = chip.peaks.get(precision)
            assert dense is None or sparse == pytest.approx(2 * dense, rel=0.01), chip.name


def test_the_tpu_reaches_its_peak_by_clock_and_cells():
    tpu = chips.chip("google tpu v1")
    assert tpu.peak("int8") == pytest.approx(700e6 * 65536 * 2, rel=0.003)
    assert tpu.bandwidth == 34e9


def test_what_is_calculated_is_marked():
    derived = {chip.name for chip in chips.chips() if chip.derived}
    # The L4's note tells of another list's "clock-derived" figures, which are not used.
    noted = {c.name for c in chips.chips() if "derived" in c.note.lower().replace("k-derived", "")}
    assert derived == noted and len(derived) == 8


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("H100", "'NVIDIA H100 SXM'"),
        ("Gogle TPU v4", "'Google TPU v4'"),
        ("", "see course.facts.chips"),
        (7, "no chip 7"),
    ],
)
def test_an_unknown_chip_names_the_nearest(name, said):
    with pytest.raises(KeyError, match=said):
        chips.chip(name)


def test_an_unknown_precision_names_those_there_are():
    with pytest.raises(ValueError, match=r"no published dense peak for 'bf61'.*'bf16'\?"):
        chips.chip("Google TPU v4").peak("bf61")
    with pytest.raises(ValueError, match="it has none at all"):
        chips.chip("Apple Neural Engine M4").peak("int8")
    with pytest.raises(ValueError, match="no memory bandwidth"):
        _ = chips.chip("Apple Neural Engine M4").bandwidth


@pytest.mark.parametrize("row", measured_peaks.measured_peaks(), ids=lambda row: row.device)
def test_the_printed_share_is_measured_over_peak(row):
    assert 100 * row.share == pytest.approx(row.printed_pct, abs=0.1)
    # Of the MI300X the two lists print 1,300 and 1,307.
    assert chips.chip(row.chip).peak("bf16") == pytest.approx(
        1e12 * row.bf16_peak_tflops, rel=0.006
    )


@pytest.mark.parametrize("row", tpu_v1.applications(), ids=lambda row: row.name)
def test_ratios_of_the_six_applications_agree(row):
    # Printed with two digits, so that a quotient of two of them is off by up to a tenth.
    assert row.tpu_vs_cpu / row.gpu_vs_cpu == pytest.approx(row.tpu_vs_gpu, rel=0.11)
    cycles = row.array_active_pct + row.weight_stall_pct + row.weight_shift_pct
    assert cycles + row.non_matrix_pct == pytest.approx(100, abs=0.3)


def test_the_means_are_those_of_the_rows():
    rows = tpu_v1.applications()
    geometric = math.exp(sum(math.log(row.tpu_vs_cpu) for row in rows) / len(rows))
    printed = {mean.quantity: mean.value for mean in tpu_v1.means()}
    assert geometric == pytest.approx(printed["TPU/CPU geometric mean"], rel=0.02)
