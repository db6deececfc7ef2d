"""Windows of a long row of tokens, in batches for either engine."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def loaders(
    engine: Any,
    tokens: Sequence[int],
    *,
    context: int,
    batch_size: int,
    steps: int,
    seed: int = 0,
    held_out: float = 0.1,
) -> tuple[Any, Any]:
    """Two of the engine's DataLoaders: windows to train on, and the end of the text to judge by.

    One pass over the first is `steps` batches of windows that begin anywhere; both engines get the
    same ones. The second goes once through the last `held_out` of the tokens. A batch is tokens
    (n, context) and, the same moved on by one, what is to be predicted.
    Raises ValueError where either part is too short for one window, and for sizes out of range.
    """
    for name, value in (("context", context), ("batch_size", batch_size), ("steps", steps)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} must be a whole number, 1 or more, got {value!r}.")
    if not 0 < held_out < 1:
        raise ValueError(f"held_out is a share between 0 and 1, for example 0.1, got {held_out}.")
    cut = round(len(tokens) * (1 - held_out))
    parts = np.asarray(tokens, np.int64)
    train, judged = _windows(engine, parts[:cut], context), _windows(engine, parts[cut:], context)
    for part, words in ((train, "to train on"), (judged, f"held out ({held_out:.0%})")):
        if len(part) < 1:
            raise ValueError(
                f"A text of {len(tokens):,} tokens is too short: the part {words} must be longer "
                f"than one context, {context} tokens. Take a longer text or a shorter context."
            )
    pipeline = engine.utils.data
    starts = np.random.default_rng(seed).integers(0, len(train), steps * batch_size)
    every = range(0, len(judged), context)
    return (
        pipeline.DataLoader(pipeline.Subset(train, starts.tolist()), batch_size=batch_size),
        pipeline.DataLoader(pipeline.Subset(judged, list(every)), batch_size=batch_size),
    )


def _windows(engine: Any, tokens: np.ndarray, context: int) -> Any:
    """The data set of all windows; number i begins at token i."""
    row = engine.from_numpy(tokens)

    class Windows(engine.utils.data.Dataset):
        def __len__(self) -> int:
            return max(0, len(tokens) - context)

        def __getitem__(self, start: int) -> tuple[Any, Any]:
            return row[start : start + context], row[start + 1 : start + context + 1]

    return Windows()
