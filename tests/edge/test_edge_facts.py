"""Parameters and products counted from the architectures, held to every published row."""

import dataclasses
import math

import pytest

from course.edge.architectures import architecture, names
from course.edge.counting import Counter
from course.edge.mobile_architectures import mobilenet_v1
from course.facts import small_models as facts

PUBLISHED = [*facts.image_models(), *facts.quantized_models()]


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda r: f"{r.name}")
def test_parameters_exact_and_products_to_the_printed_digit(row):
    counted = architecture(row.name)
    print(row.name, counted.parameters - row.params, counted.macs / 1e9 - row.gmacs)
    assert counted.parameters == row.params
    # The table rounds to three decimals.
    assert abs(counted.macs / 1e9 - row.gmacs) <= 0.0005 + 1e-9


@pytest.mark.parametrize(
    ("width", "params", "macs"), [(1.0, 4.2, 569), (0.75, 2.6, 325), (0.25, 0.5, 41)]
)
def test_mobilenet_v1_by_its_paper(width, params, macs):
    rows = {r.name: r for r in facts.mobile_papers()}
    row = rows[f"MobileNetV1 {width:g}-224" if width < 1 else "MobileNetV1 1.0-224"]
    assert (row.params_millions, row.macs_millions) == (params, macs)
    counted = mobilenet_v1(width)
    assert counted.parameters / 1e6 == pytest.approx(params, abs=0.05)
    assert counted.macs / 1e6 == pytest.approx(macs, abs=0.5)


def test_a_smaller_picture_needs_fewer_products_and_no_fewer_parameters():
    full, small = mobilenet_v1(1.0, 224), mobilenet_v1(1.0, 112)
    assert full.parameters == small.parameters
    assert small.macs < full.macs / 3.8  # 7 pixels round up to 4


def test_layers_by_definition_against_pytorch():
    import torch

    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, (3, 5), 2, (1, 2), groups=1, bias=True),
        torch.nn.BatchNorm2d(8),
        torch.nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        torch.nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
        torch.nn.Flatten(),
        torch.nn.LazyLinear(7),
    )
    x = torch.zeros(1, 3, 21, 30)
    model(x)
    counted = Counter(3, 21, 30).conv(8, (3, 5), 2, (1, 2), bias=True).pool(3, 2, 1, ceil=True)
    counted.conv(8, 3, groups=8, norm=False)
    assert (1, 8, counted.height, counted.width) == model[:4](x).shape
    counted.linear(7)
    assert counted.parameters == sum(p.numel() for p in model.parameters())


def test_products_equal_pytorchs_own_counter():
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    from course import models

    with FlopCounterMode(display=False) as counter:
        models.cnn(torch.nn)(torch.zeros(1, 1, 28, 28))
    c = Counter(1, 28, 28).conv(8, 3, bias=True, norm=False).pool(2, 2)
    c.conv(16, 3, bias=True, norm=False).pool(2, 2).linear(10)
    assert 2 * c.macs == counter.get_total_flops()


def test_memory_alive_at_once():
    c = Counter(1, 8, 8).conv(4, 3).conv(2, 3)
    assert c.peak_activations == 4 * 64 + 2 * 64
    person = mobilenet_v1(0.25, 96, 2)
    assert person.peak_activations == 48 * 48 * (8 + 16)


def test_nonsense_is_refused_in_words():
    with pytest.raises(ValueError, match="groups do not divide"):
        Counter(6).conv(8, 3, groups=4)
    with pytest.raises(ValueError, match="too small"):
        Counter(3, 4, 4).conv(8, 7, padding=0)
    with pytest.raises(KeyError, match="nearest: ResNet18"):
        architecture("resnet-18")
    with pytest.raises(ValueError, match="multiplier must be above 0"):
        mobilenet_v1(0)
    assert "MobileNet_V1" in names()


def test_every_row_has_positive_numbers_and_a_source():
    every = [
        *PUBLISHED,
        *facts.mobile_quantization(),
        *facts.mobile_papers(),
        *facts.tiny_models(),
        *facts.microcontrollers(),
    ]
    assert len(every) == 28 + 14 + 4 + 16 + 11 + 2
    for row in every:
        assert len(row.source) > 8 and row.evidence
        for field in dataclasses.fields(row):
            value = getattr(row, field.name)
            if isinstance(value, float):
                assert math.isfinite(value) and value > 0, (row, field.name)


def test_int8_files_are_a_quarter_except_where_the_note_warns():
    for row in facts.quantized_models():
        ratio = row.fp32_file_mib / row.int8_file_mib
        if "not smaller" in row.note:
            assert ratio < 1
        else:
            assert 3.4 < ratio < 4.6
        assert row.drop == pytest.approx(row.fp32_top1 - row.int8_top1)
