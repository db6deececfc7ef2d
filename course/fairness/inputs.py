"""What a learner may hand to this room, checked once, with a sentence for what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class InputError(ValueError):
    """An argument that no fairness metric can be made from; the message says what to do."""


def zeros_and_ones(values: Any, name: str, length: int) -> NDArray[np.int64]:
    """``values`` as int64 0 and 1, shape (length,).

    Raises InputError for a missing value, another value, or another length.
    """
    array = np.asarray(values)
    if array.ndim != 1 or len(array) != length:
        raise InputError(
            f"{name} must have one value for each of the {length} people; its shape is {array.shape}"
        )
    if array.dtype.kind not in "biuf":
        try:
            array = array.astype(float)
        except (TypeError, ValueError):
            first = array[0]
            raise InputError(
                f"{name} must be 0 or 1; it holds {first!r}. Turn it into numbers first, for "
                f"example (values == {first!r}).astype(int)"
            ) from None
    if array.dtype.kind == "f" and np.isnan(array).any():
        count = int(np.isnan(array).sum())
        raise InputError(
            f"{name} is missing for {count} of {length} people. Leave those people out of all the "
            "arrays, and report how many of each group they were"
        )
    wrong = ~np.isin(array, (0, 1))
    if wrong.any():
        raise InputError(
            f"{name} must be 0 or 1; person {int(np.argmax(wrong))} has {array[wrong][0]!r}. A "
            "probability becomes a decision with a threshold: (p >= 0.5).astype(int)"
        )
    return array.astype(np.int64)


def groups_of(group: Any, known: Any = None) -> NDArray[np.str_]:
    """The group of each person as text, shape (N,); at least two different ones.

    ``known``: groups that were seen before, when something was fitted; others are refused.
    Raises InputError for nobody, a missing or unseen group, or fewer than two groups.
    """
    array = np.asarray(group)
    if array.ndim != 1:
        raise InputError(f"group must have one name for each person; its shape is {array.shape}")
    if len(array) == 0:
        raise InputError("there is nobody in these arrays: group has no entry")
    missing = np.array([v is None or v != v for v in array.tolist()])
    if missing.any():
        raise InputError(
            f"the group of {int(missing.sum())} of {len(array)} people is missing. Give them a group "
            'of their own, such as "not recorded", so that they are not dropped unseen'
        )
    texts = array.astype(str)
    if known is not None:
        unseen = sorted(set(texts.tolist()) - {str(k) for k in known})
        if unseen:
            raise InputError(
                f"the group {unseen[0]!r} was not among those fitted ({', '.join(map(str, known))}). "
                "Nothing is known about it: fit again with its people, or decide them by hand"
            )
        return texts
    if len(np.unique(texts)) < 2:
        raise InputError(
            f"a comparison needs two groups; everybody here is {texts[0]!r}. Is it the right column?"
        )
    return texts


def probabilities(values: Any, length: int) -> NDArray[np.float64]:
    """``values`` as float64 between 0 and 1, shape (length,).

    Raises InputError for a missing value, one outside 0 to 1, or another length.
    """
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("scores must be numbers between 0 and 1") from None
    if array.shape != (length,):
        raise InputError(
            f"scores must have one value for each of the {length} people; the shape is {array.shape}"
        )
    wrong = ~((array >= 0) & (array <= 1))
    if wrong.any():
        raise InputError(
            f"scores must be probabilities between 0 and 1; person {int(np.argmax(wrong))} has "
            f"{array[wrong][0]:g}. Logits become probabilities with 1 / (1 + exp(-logit))"
        )
    return array
