"""Telling which package a docstring is from: a pretrained encoder adapted in four ways, really trained.

The lower layers are frozen, so what they make of a text never changes: it is computed once and
kept. Only the layers above run at each step, in either engine.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from course.adaptation import encoder, tuning
from course.adaptation.docstrings import PACKAGES, docstrings

TOKENS = 24  # a text is cut to so many
BATCH = 15
TOP = 2  # layers that are adapted; those below stay as they are
RATES = {"head": 3e-3, "bias": 3e-3, "lora": 3e-3, "full": 2e-4}
EPOCHS = {"head": 20, "bias": 2, "lora": 2, "full": 2}
ADAPTED = ("query", "value")


@dataclass(frozen=True)
class Features:
    """What the frozen layers make of each text, for the layers above.

    hidden: float32 (n, t, width). mask: (n, t). labels: (n,). seconds: it took to compute.
    """

    hidden: NDArray[np.float32]
    mask: NDArray[np.bool_]
    labels: NDArray[np.int64]
    train: NDArray[np.int64]
    held_out: NDArray[np.int64]
    seconds: float


@dataclass(frozen=True)
class Tuned:
    """One way of adapting, and what came of it.

    accuracy: the share of held-out texts answered right, 0 to 1. losses: one a step.
    """

    method: str
    footprint: tuning.Footprint
    accuracy: float
    losses: list[float]
    seconds: float
    model: Any = field(repr=False, default=None)


def features(engine: ModuleType, progress: bool = True) -> Features:
    """Run the frozen layers of the pretrained encoder over every docstring, once.

    Raises MissingEncoder where the encoder is not installed.
    """
    began = time.perf_counter()
    data = docstrings()
    tokens, mask = encoder.tokenized(data.texts, TOKENS)
    model = encoder.pretrained(engine)
    parts = []
    starts = range(0, len(tokens), 45)
    with engine.no_grad():
        for start in tqdm(starts, "frozen layers, once", disable=not progress, leave=False):
            part, seen = (engine.from_numpy(a[start : start + 45]) for a in (tokens, mask))
            parts.append(model.run(model.embed(part), seen, 0, -TOP).numpy())
    seconds = time.perf_counter() - began
    return Features(np.concatenate(parts), mask, data.labels, data.train, data.held_out, seconds)


def classifier(engine: ModuleType, classes: int = len(PACKAGES)) -> Any:
    """The pretrained encoder's top layers with a new last layer, over what the frozen ones gave."""
    nn = engine.nn
    Module: Any = nn.Module

    class Classifier(Module):
        def __init__(self) -> None:
            super().__init__()
            whole = encoder.pretrained(engine)
            self.layers = nn.ModuleList(list(whole.layers)[-TOP:])
            self.head = nn.Linear(whole.shape.width, classes)

        def vectors(self, hidden: Any, mask: Any) -> Any:
            for layer in self.layers:
                hidden = layer(hidden, mask)
            return encoder.pooled(hidden, mask)

        def forward(self, hidden: Any, mask: Any) -> Any:
            return self.head(self.vectors(hidden, mask))

    return Classifier()


def tune(
    engine: ModuleType,
    given: Features,
    method: str = "lora",
    *,
    epochs: int | None = None,
    rank: int = 8,
    progress: bool = True,
) -> Tuned:
    """Adapt the encoder to the docstrings by one of `tuning.METHODS` and judge held-out files.

    epochs: passes over the training texts, EPOCHS[method] if None.
    Raises ValueError for an unknown method, a rank that does not fit or epochs below 1.
    """
    if method not in tuning.METHODS:
        raise ValueError(f"There is no method {method!r}; choose one of {', '.join(RATES)}.")
    epochs = EPOCHS[method] if epochs is None else epochs
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs must be a whole number, 1 or more, not {epochs!r}.")
    began = time.perf_counter()
    state = engine.get_rng_state()
    try:
        engine.manual_seed(0)
        model = classifier(engine)
        tuning.prepare(engine.nn, model, method, "head", rank=rank, layers=ADAPTED)
    finally:
        engine.set_rng_state(state)  # the reader's random numbers are the reader's
    optimizer = engine.optim.AdamW(tuning.trained(model), lr=RATES[method])
    answer = _answering(engine, model, given, method)
    losses = []
    batches = list(_batches(given.train, epochs))
    bar = tqdm(batches, f"training ({method})", disable=not progress, leave=False)
    for rows in bar:
        optimizer.zero_grad()
        outputs = answer(rows)
        loss = engine.nn.functional.cross_entropy(outputs, engine.from_numpy(given.labels[rows]))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        bar.set_postfix_str(f"loss {losses[-1]:.3f}", refresh=False)
    accuracy = _accuracy(engine, answer, given)
    seconds = time.perf_counter() - began
    return Tuned(method, tuning.footprint(model), accuracy, losses, seconds, model)


def bag_of_words() -> float:
    """The held-out accuracy of logistic regression on word counts, trained from scratch."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    data = docstrings()
    words = TfidfVectorizer(sublinear_tf=True)
    texts = np.array(data.texts, dtype=object)
    given = words.fit_transform(texts[data.train])
    model = LogisticRegression(C=10.0, max_iter=1000).fit(given, data.labels[data.train])
    held_out = words.transform(texts[data.held_out])
    return float((model.predict(held_out) == data.labels[data.held_out]).mean())


def _batches(rows: NDArray[np.int64], epochs: int) -> Iterator[NDArray[np.int64]]:
    rng = np.random.default_rng(0)
    for _ in range(epochs):
        order = rng.permutation(rows)
        yield from (order[start : start + BATCH] for start in range(0, len(order), BATCH))


def _put(engine: ModuleType, given: Features, rows: NDArray[np.int64]) -> Any:
    mask = given.mask[rows]
    longest = int(mask.sum(axis=1).max())  # nothing is computed for places that no text fills
    hidden = np.ascontiguousarray(given.hidden[rows][:, :longest])
    return engine.from_numpy(hidden), engine.from_numpy(np.ascontiguousarray(mask[:, :longest]))


def _answering(engine: ModuleType, model: Any, given: Features, method: str) -> Any:
    """The function that gives the model's answers to some rows."""
    if method != "head":
        return lambda rows: model(*_put(engine, given, rows))
    # Every layer below the head is frozen: what they make of a text is computed once, here too.
    vectors = np.zeros((len(given.labels), given.hidden.shape[2]), np.float32)
    with engine.no_grad():
        for start in range(0, len(vectors), 45):
            hidden, mask = _put(engine, given, np.arange(start, min(start + 45, len(vectors))))
            vectors[start : start + 45] = model.vectors(hidden, mask).numpy()
    return lambda rows: model.head(engine.from_numpy(vectors[rows]))


def _accuracy(engine: ModuleType, answer: Any, given: Features) -> float:
    right = 0
    with engine.no_grad():
        for start in range(0, len(given.held_out), 45):
            rows = given.held_out[start : start + 45]
            right += int((answer(rows).numpy().argmax(axis=1) == given.labels[rows]).sum())
    return right / len(given.held_out)
