"""Losses: how wrong a prediction is, as one number to make small."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...arithmetic import minimum, where
from ...autograd import Array, record, unbroadcast
from ...reductions import log_softmax
from .normalization import pairwise_distance

if TYPE_CHECKING:
    from ...tensors import Tensor


def reduced(loss: Tensor, reduction: str) -> Tensor:
    """The mean or the sum of a loss, or with "none" the loss of each element."""
    if reduction == "mean":
        return loss.mean()
    if reduction == "sum":
        return loss.sum()
    if reduction == "none":
        return loss
    raise ValueError(f"reduction is 'mean', 'sum' or 'none', got {reduction!r}")


def _matched(name: str, input: Tensor, target: Tensor) -> None:
    if input._array.shape != target._array.shape:
        raise RuntimeError(
            f"{name}: the prediction has shape {input._array.shape} and the target "
            f"{target._array.shape}; they must be equal (broadcasting them would compare every "
            "prediction with every target)"
        )


def mse_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The squared difference, averaged."""
    _matched("mse_loss", input, target)
    x, y = input._array, target._array
    difference = x - y
    if reduction == "none":
        return (input - target).square()
    out = (difference * difference).sum()
    count = max(x.size, 1) if reduction == "mean" else 1
    if reduction not in ("mean", "sum"):
        return reduced(input, reduction)  # raises

    def backward(g: Array) -> tuple:
        slope = difference * (2 * g / np.asarray(count, g.dtype))
        return (
            slope if input.requires_grad else None,
            -slope if target.requires_grad else None,
        )

    total = out / np.asarray(count, out.dtype) if x.size or reduction == "sum" else out * np.nan
    return record(total, (input, target), backward, (input, target))


def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The absolute difference, averaged."""
    _matched("l1_loss", input, target)
    return reduced((input - target).abs(), reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    """Half the squared difference up to `delta`, and a straight line beyond."""
    _matched("huber_loss", input, target)
    error = (input - target).abs()
    return reduced(
        where(error <= delta, 0.5 * error * error, delta * (error - 0.5 * delta)), reduction
    )


def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """`huber_loss` divided by `beta`: slope 1 far out."""
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return huber_loss(input, target, reduction, beta) / beta


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The negative log of the probability that softmax gives to the right class, averaged.

    Shapes: logits (classes,), (n, classes) or (n, classes, ...), and integer targets without the
    class dimension, or probabilities of the logits' own shape.
    """
    logits, classes = input._array, target._array
    if classes.dtype.kind == "f" and classes.shape == logits.shape:
        return _soft_cross_entropy(input, target, weight, reduction, label_smoothing)
    if (
        weight is not None or label_smoothing or logits.ndim != 2 or reduction != "mean"
        or 0 <= ignore_index < logits.shape[1]
        or classes.shape != logits.shape[:1] or not classes.size or classes.dtype.kind not in "iu"
        or classes.min() < 0 or classes.max() >= logits.shape[1]
    ):  # fmt: skip
        over = 1 if logits.ndim > 1 else 0
        return _nll(
            log_softmax(input, over), target, weight, ignore_index, reduction, label_smoothing
        )
    # The common case as one step: loss and gradient from a single softmax.
    rows = np.arange(len(classes))
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=1)
    out = (np.log(total) - shifted[rows, classes]).mean()

    def backward(g: Array) -> tuple:
        scale = g / np.asarray(len(classes), p.dtype)
        dx = p * (scale / total)[:, None]
        dx[rows, classes] -= scale
        return (dx,)

    return record(out, (input,), backward, (target,))


def _soft_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None, reduction: str, label_smoothing: float
) -> Tensor:
    over = 1 if input.ndim > 1 else 0
    classes = input._array.shape[over]
    if label_smoothing:
        target = target * (1 - label_smoothing) + label_smoothing / classes
    loss = -target * log_softmax(input, over)
    if weight is not None:
        loss = loss * _along(weight, input, over)
    loss = loss.sum(over)
    return loss.sum() / max(loss.numel(), 1) if reduction == "mean" else reduced(loss, reduction)


def _along(weight: Tensor, input: Tensor, over: int) -> Tensor:
    return weight.reshape(*(-1 if i == over else 1 for i in range(input.ndim)))


def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """The negative of the log-probability at the right class, averaged (by `weight`)."""
    return _nll(input, target, weight, ignore_index, reduction, 0.0)


def _nll(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None,
    ignore_index: int,
    reduction: str,
    label_smoothing: float,
) -> Tensor:
    logp, classes = input._array, target._array
    over = 1 if logp.ndim > 1 else 0
    expected = logp.shape[:over] + logp.shape[over + 1 :]
    if classes.dtype.kind not in "iu" or classes.shape != expected:
        raise RuntimeError(
            f"cross_entropy: for predictions of shape {logp.shape} the target must be integers of "
            f"shape {expected}, or probabilities of shape {logp.shape}; got {classes.dtype} of "
            f"shape {classes.shape}"
        )
    count = logp.shape[over]
    used = classes != ignore_index
    if not ((classes[used] >= 0) & (classes[used] < count)).all():
        wrong = classes[used][(classes[used] < 0) | (classes[used] >= count)][0]
        raise IndexError(
            f"cross_entropy: class {wrong} is out of range: {count} classes go from 0 to "
            f"{count - 1}"
        )
    places = np.expand_dims(np.where(used, classes, 0), over)
    scale = used.astype(logp.dtype)
    each = np.ones(count, logp.dtype) if weight is None else weight._array
    share = scale * each[np.squeeze(places, over)]
    loss = (
        -np.squeeze(np.take_along_axis(logp, places, over), over)
        * share
        * np.asarray(1 - label_smoothing, logp.dtype)
    )
    if label_smoothing:
        spread = each.reshape([-1 if i == over else 1 for i in range(logp.ndim)])
        loss -= (label_smoothing / count) * scale * (logp * spread).sum(axis=over)
    with np.errstate(all="ignore"):
        whole = share.sum() if reduction == "mean" else np.asarray(1, logp.dtype)
        loss = loss if reduction == "none" else loss.sum() / whole
    if reduction not in ("none", "mean", "sum"):
        reduced(input, reduction)  # raises

    def backward(g: Array) -> tuple:
        g = np.broadcast_to(g / whole, classes.shape)
        dx = np.zeros_like(logp)
        np.put_along_axis(
            dx, places, np.expand_dims(-g * share * (1 - label_smoothing), over), over
        )
        if label_smoothing:
            dx -= (label_smoothing / count) * np.expand_dims(g * scale, over) * spread
        return (dx,)

    saved = (target,) if weight is None else (target, weight)
    return record(loss, (input,), backward, saved)


def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    *,
    reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """The cross-entropy of yes-or-no predictions given as logits, without overflow."""
    _matched("binary_cross_entropy_with_logits", input, target)
    x, y = input._array, target._array
    softplus = np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)  # log(1 + exp(-x))
    positive = np.asarray(1, x.dtype) if pos_weight is None else pos_weight._array
    boost = 1 + (positive - 1) * y

    def backward(g: Array) -> tuple:
        low = np.exp(-softplus)  # sigmoid(x)
        dy = (
            unbroadcast(g * (-x + (positive - 1) * softplus), y.shape)
            if target.requires_grad
            else None
        )
        return g * ((1 - y) - boost * (1 - low)), dy

    loss = record((1 - y) * x + boost * softplus, (input, target), backward, (input, target))
    return reduced(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean"
) -> Tensor:
    """The cross-entropy of yes-or-no predictions given as probabilities; logs stop at -100."""
    _matched("binary_cross_entropy", input, target)
    p, y = input._array, target._array
    if p.size and not (p.min() >= 0 and p.max() <= 1):
        raise RuntimeError(
            "binary_cross_entropy: predictions must be probabilities from 0 to 1; apply sigmoid"
        )
    with np.errstate(divide="ignore"):
        yes, no = np.maximum(np.log(p), -100), np.maximum(np.log1p(-p), -100)

    def backward(g: Array) -> tuple:
        dp = g * (p - y) / np.maximum((1 - p) * p, 1e-12)
        return dp, g * (no - yes) if target.requires_grad else None

    loss = record(-(y * yes + (1 - y) * no), (input, target), backward, (input, target))
    return reduced(loss if weight is None else loss * weight, reduction)


def kl_div(
    input: Tensor, target: Tensor, *, reduction: str = "mean", log_target: bool = False
) -> Tensor:
    """The Kullback-Leibler divergence of `target` from exp(`input`); use "batchmean"."""
    _matched("kl_div", input, target)
    if log_target:
        loss = target.exp() * (target - input)
    else:
        safe = where(target > 0, target, 1.0)
        loss = where(target > 0, safe * safe.log(), 0.0) - target * input
    if reduction == "batchmean":
        return loss.sum() / max(input._array.shape[0] if input.ndim else 1, 1)
    return reduced(loss, reduction)


def hinge_embedding_loss(
    input: Tensor, target: Tensor, margin: float = 1.0, *, reduction: str = "mean"
) -> Tensor:
    """`input` where the target is 1, and what it lacks to `margin` where the target is -1."""
    apart = where(target != 1, (margin - input).clamp(min=0), 0.0)
    loss = apart + where(target != -1, input, 0.0)
    return reduced(loss, reduction)


def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor,
    full: bool = False,
    eps: float = 1e-6,
    reduction: str = "mean",
) -> Tensor:
    """The negative log-likelihood of `target` under a normal distribution (`input`, `var`)."""
    if isinstance(var, float | int):
        var = input.detach() * 0 + var
    if (var._array < 0).any():
        raise ValueError(f"gaussian_nll_loss: var must not be negative, got {var._array.min()}")
    if var._array.shape == input._array.shape[:-1]:
        var = var.unsqueeze(-1)  # one variance for each row
    # Held at `eps` from below, but the gradient passes as if it were not.
    held = record(np.maximum(var._array, eps), (var,), lambda g: (g,))
    loss = 0.5 * (held.log() + (input - target).square() / held)
    return reduced(loss + 0.5 * math.log(2 * math.pi) if full else loss, reduction)


def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, *, reduction: str = "mean"
) -> Tensor:
    """What `input1` lacks to be `margin` above `input2` (target 1) or below (target -1)."""
    _matched("margin_ranking_loss", input1, input2)
    return reduced((margin - target * (input1 - input2)).clamp(min=0), reduction)


def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, *, reduction: str = "mean"
) -> Tensor:
    """How far pairs of vectors are from one direction (target 1) or stay above `margin` (-1)."""
    squares = ((input1 * input1).sum(-1) + 1e-12) * ((input2 * input2).sum(-1) + 1e-12)
    cosine = (input1 * input2).sum(-1) / squares.sqrt()
    loss = where(target == 1, 1 - cosine, 0.0)
    return reduced(loss + where(target == -1, (cosine - margin).clamp(min=0), 0.0), reduction)


def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    *,
    reduction: str = "mean",
) -> Tensor:
    """What `negative` lacks to be `margin` farther from `anchor` than `positive`; rows are vectors.

    With `swap` the distance from `positive` to `negative` counts where it is the shorter one.
    """
    apart = pairwise_distance(anchor, negative, p, eps)
    if swap:
        apart = minimum(apart, pairwise_distance(positive, negative, p, eps))
    loss = pairwise_distance(anchor, positive, p, eps) - apart + margin
    return reduced(loss.clamp(min=0), reduction)
