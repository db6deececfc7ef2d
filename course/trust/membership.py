"""Membership inference: who was in the training data, told from the model's loss alone.

The attack is the simplest there is (Yeom et al., 2018): whoever's loss lies below a threshold is
taken for a member. Better attacks exist, so what this one fails to find is no proof of safety.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course import scratch
from course.trust import accountant, readers
from course.trust.noise import check_delta, check_epsilon
from course.trust.private_training import DELTA

Floats = NDArray[np.float64]
STEPS = 150


@dataclass(frozen=True)
class Attack:
    """The attack at every threshold: false and true positive rates, and three summaries of them.

    auc: chance that a random member has the lower loss. advantage: true minus false positive rate
    at the threshold that a real attacker could know, the mean loss of members. at_one_percent: the
    true positive rate where 1 % of the others are accused. error: the standard error of advantage,
    from the numbers of people alone.
    """

    false_rate: Floats
    true_rate: Floats
    auc: float
    threshold: float
    advantage: float
    at_one_percent: float
    error: float


def attack(member_losses: Any, other_losses: Any) -> Attack:
    """Try every threshold on the losses of members and of others.

    Raises ValueError for an empty side or losses that are no numbers.
    """
    members = np.asarray(member_losses, dtype=np.float64)
    others = np.asarray(other_losses, dtype=np.float64)
    if not len(members) or not len(others) or np.isnan(members).any() or np.isnan(others).any():
        raise ValueError("give the losses of at least one member and one other, without NaN.")
    values = np.unique(np.concatenate([members, others]))
    true = np.searchsorted(np.sort(members), values, side="right") / len(members)
    false = np.searchsorted(np.sort(others), values, side="right") / len(others)
    true, false = np.r_[0.0, true], np.r_[0.0, false]
    auc = float(((false[1:] - false[:-1]) * (true[1:] + true[:-1]) / 2).sum())
    threshold = float(members.mean())
    hit, slip = float((members <= threshold).mean()), float((others <= threshold).mean())
    error = math.sqrt(hit * (1 - hit) / len(members) + slip * (1 - slip) / len(others))
    return Attack(false, true, auc, threshold, hit - slip, float(true[false <= 0.01].max()), error)


def bound(false_rate: Any, epsilon: float, delta: float) -> Floats:
    """The most any attack can reach at a false positive rate on an (epsilon, delta)-private model.

    true <= e^epsilon * false + delta, and the same with the roles exchanged (Kairouz et al., 2015).
    """
    check_epsilon(epsilon)
    check_delta(delta)
    false = np.asarray(false_rate, dtype=np.float64)
    grow = math.exp(min(epsilon, 500.0))
    one = grow * false + delta
    two = 1 - (1 - delta - false) / grow
    return np.clip(np.minimum(one, two), 0.0, 1.0)


@dataclass(frozen=True)
class Leak:
    """A model trained on some images, and the attack on it.

    epsilon: of its training, infinite where that was ordinary.
    """

    images: int
    noise: float
    steps: int
    member_losses: Floats
    other_losses: Floats
    member_accuracy: float
    other_accuracy: float
    epsilon: float
    attack: Attack


@lru_cache(maxsize=256)
def leak(images: int, steps: int, noise: float = 0.0) -> Leak:
    """Train a reader on ``images`` digits for ``steps`` whole passes, then attack it.

    With ``noise`` above 0 it is trained with DP-SGD instead: every gradient clipped to 1, noise
    added to their sum. Every pass uses every image, so no sampling makes it cheaper. Raises
    ValueError for a number of images that the digits do not have, steps below 1, noise below 0.
    """
    data = readers.digits()
    most = len(data.train_labels)
    if not 1 <= images <= most or steps < 1 or noise < 0:
        raise ValueError(
            f"images must be 1 to {most}, steps 1 or more, noise 0 or more; not {images}, "
            f"{steps}, {noise}."
        )
    x, y = data.train_images[:images], data.train_labels[:images]
    if noise:
        model = _privately_trained(x, y, steps, noise)
        spent = accountant.epsilon(noise, 1.0, steps, DELTA)
    else:
        model, spent = readers.fresh(), math.inf
        optimizer = scratch.optim.Adam(model.parameters(), lr=1e-2)
        for _ in range(steps):
            readers.step(model, optimizer, x, y)
    mine, theirs = _losses(model, x, y), _losses(model, data.held_out_images, data.held_out_labels)
    return Leak(
        images,
        noise,
        steps,
        mine[0],
        theirs[0],
        mine[1],
        theirs[1],
        spent,
        attack(mine[0], theirs[0]),
    )


def _losses(model: Any, x: Any, y: NDArray[np.int64]) -> tuple[Floats, float]:
    z = readers.scores(model, x)
    z = z - z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]
    return losses, float((z.argmax(axis=1) == y).mean())


def _privately_trained(x: Any, y: NDArray[np.int64], steps: int, noise: float) -> Any:
    """DP-SGD on all images at once: two linear layers, so each image's gradient has a closed form."""
    model = readers.fresh()
    w1, b1, w2, b2 = (p.detach().numpy().copy() for p in model.parameters())
    flat, rng = x.reshape(len(x), -1).astype(np.float64), np.random.default_rng(0)
    rows = np.arange(len(y))
    for _ in range(steps):
        hidden = np.maximum(flat @ w1.T + b1, 0)
        errors = hidden @ w2.T + b2
        errors = np.exp(errors - errors.max(axis=1, keepdims=True))
        errors /= errors.sum(axis=1, keepdims=True)
        errors[rows, y] -= 1
        back = (errors @ w2) * (hidden > 0)
        # Of a linear layer an example's gradient is error times input; +1 is the bias's.
        size = (errors**2).sum(axis=1) * ((hidden**2).sum(axis=1) + 1)
        size += (back**2).sum(axis=1) * ((flat**2).sum(axis=1) + 1)
        factor = np.minimum(1.0, 1.0 / np.maximum(np.sqrt(size), 1e-12))[:, None]
        errors, back = errors * factor, back * factor
        sums = (back.T @ flat, back.sum(axis=0), errors.T @ hidden, errors.sum(axis=0))
        for weight, total in zip((w1, b1, w2, b2), sums, strict=True):
            weight -= 0.5 * (total + noise * rng.normal(size=weight.shape)) / len(x)
    names = model.state_dict().keys()
    model.load_state_dict(
        {n: scratch.from_numpy(w) for n, w in zip(names, (w1, b1, w2, b2), strict=True)}
    )
    return model
