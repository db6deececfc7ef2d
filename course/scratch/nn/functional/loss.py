"""Losses: how wrong a prediction is, as one number to make small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...arithmetic import where
from ...autograd import Array, record
from ...reductions import log_softmax
from .activation import logsigmoid

if TYPE_CHECKING:
    from ...tensors import Tensor


def _reduced(loss: Tensor, reduction: str) -> Tensor:
    """The mean or the sum of a loss, or with "none" the loss of each element."""
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction is 'mean', 'sum' or 'none', got {reduction!r}")
    return loss if reduction == "none" else getattr(loss, reduction)()


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
    difference = input._array - target._array
    if reduction != "mean" or not difference.size:
        return _reduced((input - target).square(), reduction)
    # The common case as one step: three passes over the data instead of six.
    count = difference.dtype.type(difference.size)

    def backward(g: Array) -> tuple:
        slope = difference * (2 * g / count)
        return slope if input.requires_grad else None, -slope if target.requires_grad else None

    out = (difference * difference).sum() / count
    return record(out, (input, target), backward, (input, target))


def l1_loss(input: Tensor, target: Tensor, *, reduction: str = "mean") -> Tensor:
    """The absolute difference, averaged."""
    _matched("l1_loss", input, target)
    return _reduced((input - target).abs(), reduction)


def huber_loss(
    input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0
) -> Tensor:
    """Half the squared difference up to `delta`, and a straight line beyond."""
    _matched("huber_loss", input, target)
    error = (input - target).abs()
    loss = where(error <= delta, 0.5 * error * error, delta * (error - 0.5 * delta))
    return _reduced(loss, reduction)


def smooth_l1_loss(
    input: Tensor, target: Tensor, *, reduction: str = "mean", beta: float = 1.0
) -> Tensor:
    """`huber_loss` divided by `beta`: slope 1 far out."""
    if beta == 0:
        return l1_loss(input, target, reduction=reduction)
    return huber_loss(input, target, reduction, beta) / beta


def cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, ignore_index: int = -100,
    reduction: str = "mean", label_smoothing: float = 0.0,
) -> Tensor:  # fmt: skip
    """The negative log of the probability that softmax gives to the right class, averaged.

    Shapes: logits (classes,), (n, classes) or (n, classes, ...), and integer targets without the
    class dimension, or probabilities of the logits' own shape.
    """
    logits, classes = input._array, target._array
    over = 1 if logits.ndim > 1 else 0
    if classes.dtype.kind == "f" and classes.shape == logits.shape:
        count = logits.shape[over]
        if label_smoothing:
            target = target * (1 - label_smoothing) + label_smoothing / count
        loss = -target * log_softmax(input, over)
        if weight is not None:
            loss = loss * weight.reshape([count if i == over else 1 for i in range(logits.ndim)])
        loss = loss.sum(over)
        return (
            loss.sum() / max(loss.numel(), 1) if reduction == "mean" else _reduced(loss, reduction)
        )
    if (
        weight is not None or label_smoothing or logits.ndim != 2 or reduction != "mean"
        or 0 <= ignore_index < logits.shape[1]
        or classes.shape != logits.shape[:1] or not classes.size or classes.dtype.kind not in "iu"
        or classes.min() < 0 or classes.max() >= logits.shape[1]
    ):  # fmt: skip
        logp = log_softmax(input, over)
        return _nll(logp, target, weight, ignore_index, reduction, label_smoothing)
    # The common case as one step: loss and gradient from a single softmax.
    rows = np.arange(len(classes), like=classes)
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    total = p.sum(axis=1)

    def backward(g: Array) -> tuple:
        scale = g / p.dtype.type(len(classes))
        dx = p * (scale / total)[:, None]
        dx[rows, classes] -= scale
        return (dx,)

    out = (np.log(total) - shifted[rows, classes]).mean()
    return record(out, (input,), backward, (target,))


def nll_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:  # fmt: skip
    """The negative of the log-probability at the right class, averaged (by `weight`)."""
    return _nll(input, target, weight, ignore_index, reduction, 0.0)


def _nll(
    input: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, reduction: str,
    label_smoothing: float,
) -> Tensor:  # fmt: skip
    """The loss as a weighted sum of log-probabilities."""
    logp, classes = input._array, target._array
    over = 1 if logp.ndim > 1 else 0
    count, expected = logp.shape[over], logp.shape[:over] + logp.shape[over + 1 :]
    if classes.dtype.kind not in "iu" or classes.shape != expected:
        raise RuntimeError(
            f"cross_entropy: for predictions of shape {logp.shape} the target must be integers of "
            f"shape {expected}, or probabilities of shape {logp.shape}; got {classes.dtype} of "
            f"shape {classes.shape}"
        )
    used = classes != ignore_index
    wrong = classes[used & ((classes < 0) | (classes >= count))]
    if wrong.size:
        raise IndexError(
            f"cross_entropy: class {wrong[0]} is out of range: {count} classes go from 0 to "
            f"{count - 1}"
        )
    places = np.expand_dims(np.where(used, classes, 0), over)
    each = np.ones_like(logp, shape=(count,)) if weight is None else weight._array
    each = each.reshape([count if i == over else 1 for i in range(logp.ndim)])
    used = np.expand_dims(used, over)
    share = np.zeros_like(logp)  # each class's part in the loss
    np.put_along_axis(share, places, used.astype(logp.dtype), over)
    share *= each
    whole = float(share.sum())
    if label_smoothing:
        share *= 1 - label_smoothing
        share += label_smoothing / count * each * used
    # Where the share is 0 the log-probability may be infinite: it does not count.
    with np.errstate(invalid="ignore"):
        counted = np.where(share != 0, share * logp, 0)
    saved = (target,) if weight is None else (target, weight)

    def backward(g: Array) -> tuple:
        return (-share * np.expand_dims(g, over),)

    loss = record(-counted.sum(axis=over), (input,), backward, saved)
    return loss.sum() / whole if reduction == "mean" else _reduced(loss, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Tensor | None = None, *, reduction: str = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:  # fmt: skip
    """The cross-entropy of yes-or-no predictions given as logits, without overflow."""
    _matched("binary_cross_entropy_with_logits", input, target)
    low = -logsigmoid(input)
    if pos_weight is not None:
        low = low * (1 + (pos_weight - 1) * target)
    loss = input - target * input + low
    return _reduced(loss if weight is None else loss * weight, reduction)


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
    return _reduced(loss if weight is None else loss * weight, reduction)


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
    return _reduced(loss, reduction)
