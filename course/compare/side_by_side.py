"""One training, run by both engines from the same weights over the same batches."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from course import datasets, scratch
from course.compare.batches import Epochs, FixedBatches, draw_rows
from course.compare.closeness import cmp
from course.compare.comparison import LOSS_TOLERANCE, Comparison, Side, require_place
from course.compare.weights import copy_weights
from course.recipes import Recipe, recipe
from course.training import evaluate, fit

_WARM_UP = 3  # batches


def run(
    model: str = "mlp",
    data: str = "digits",
    *,
    epochs: int = 1,
    seed: int = 0,
    dtype: str = "float32",
    picture: str | Path | None = None,
    progress: bool = False,
) -> Comparison:
    """Train a model by hand and in PyTorch, and hold the two runs beside each other.

    model, data: names that `course.recipes` knows. seed: of the first weights and the batches.
    dtype: "float32" or "float64". picture: a file for the loss curves.
    progress: whether to draw a bar for each engine.
    Raises ValueError for an unknown name, dtype, number of epochs, seed or kind of picture, and
    OSError where picture cannot be written.
    """
    chosen = recipe(model, data)
    if dtype not in LOSS_TOLERANCE:
        raise ValueError(f"dtype must be one of {', '.join(LOSS_TOLERANCE)}; got {dtype!r}.")
    if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 1:
        raise ValueError(f"epochs must be a whole number, 1 or more; got {epochs!r}.")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise ValueError(f"seed must be a whole number, 0 or more; got {seed!r}.")
    if picture is not None:
        require_place(Path(picture))
    dataset = datasets.load(data)
    rows = draw_rows(len(dataset.train_rows), chosen.batch_size, epochs, seed)

    with _kept_random_state(scratch), _kept_random_state(torch):
        torch.manual_seed(seed)
        theirs = chosen.build(torch.nn).to(getattr(torch, dtype))
        mine = chosen.build(scratch.nn).to(getattr(scratch, dtype))
        copy_weights(theirs, mine)
        # Separate blocks: taking turns step by step, each engine would wait for the cores that the
        # other's idle threads still hold, and the times would be of that.
        my_side = _train(scratch, mine, chosen, dataset, rows, dtype, progress)
        their_side = _train(torch, theirs, chosen, dataset, rows, dtype, progress)

    their_weights = theirs.state_dict()
    comparison = Comparison(
        model=model,
        data=data,
        epochs=epochs,
        seed=seed,
        dtype=dtype,
        mine=my_side,
        theirs=their_side,
        parameters=tuple(
            cmp(name, value, their_weights[name]) for name, value in mine.state_dict().items()
        ),
        threads=_threads(),
    )
    if picture is not None:
        comparison.save(picture)
    return comparison


def _train(
    engine: Any,
    model: Any,
    chosen: Recipe,
    dataset: datasets.Dataset,
    rows: Epochs,
    dtype: str,
    progress: bool,
) -> Side:
    images = dataset.train_images.astype(dtype)
    loss = engine.nn.CrossEntropyLoss()
    # The first steps of a process pay for setting up threads and memory; a model that is thrown
    # away takes them.
    spare = chosen.build(engine.nn).to(getattr(engine, dtype))
    warm_up = FixedBatches(engine, images, dataset.train_labels, [rows[0][:_WARM_UP]])
    for trained, batches in (
        (spare, warm_up),
        (model, FixedBatches(engine, images, dataset.train_labels, rows)),
    ):
        history = fit(
            trained,
            batches,
            loss=loss,
            optimizer=chosen.optimizer(engine.optim, trained),
            epochs=len(batches.epochs),
            progress=progress and trained is model,
        )
    count = len(dataset.held_out_rows)
    held_out = FixedBatches(
        engine,
        dataset.held_out_images.astype(dtype),
        dataset.held_out_labels,
        [np.array_split(np.arange(count), max(1, count // 250))],
    )
    return Side(history, evaluate(model, held_out, loss)["accuracy"])


@contextmanager
def _kept_random_state(engine: Any) -> Iterator[None]:
    """Leave the engine's random stream, which is the caller's, where it was."""
    state = engine.get_rng_state()
    try:
        yield
    finally:
        engine.set_rng_state(state)


def _threads() -> str:
    """How many threads each engine may use, as a sentence."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        numpy_threads = "its default number of"
    else:
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        numpy_threads = str(max((pool["num_threads"] for pool in pools), default=1))
    return (
        f"Measured here, one after the other: NumPy with {numpy_threads} threads, PyTorch with "
        f"{torch.get_num_threads()}."
    )
