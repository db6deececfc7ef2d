"""Small language models of bytes, really trained here, to fit a scaling law to.

Each model sees the last bytes of a text and gives the next one: a table that turns bytes into
numbers, one hidden layer, and an output for each of 256 bytes. It differs from the next larger one
in the width of its hidden layer alone. Each run has a learning rate that falls to zero at *its* end: a
loss read off in the middle of a longer run would be too high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm.auto import tqdm

from course import scratch
from course.scratch import nn, optim

WIDTHS = (4, 8, 16, 32, 64, 128)
TOKENS = (20_000, 40_000, 80_000, 160_000)
SEEN, EMBEDDED = 8, 12  # bytes before the next one; numbers for each of them
BATCH = 256
RATE = 0.012
_HELD_OUT = 20_000


@dataclass(frozen=True)
class LittleRun:
    """One training: parameters (without the table of bytes), bytes trained on, held-out loss.

    loss: nats a byte, on text that was not trained on.
    """

    width: int
    parameters: int
    tokens: int
    loss: float

    @property
    def flops(self) -> float:
        """About 6 operations a parameter and token."""
        return 6.0 * self.parameters * self.tokens


def parameters_of(width: int) -> int:
    """Parameters of the model with that hidden width, its table of 256 bytes left out."""
    return SEEN * EMBEDDED * width + width + 256 * width + 256


def sizes(widths: Sequence[int] = WIDTHS) -> tuple[int, ...]:
    """Parameters of the models with these widths."""
    return tuple(parameters_of(width) for width in widths)


@lru_cache
def text() -> NDArray[np.uint8]:
    """Python's reference manual as bytes, in pieces of 1,000 in a mixed but fixed order."""
    import pydoc_data.topics as pages

    whole = "\n\n".join(pages.topics[key] for key in sorted(pages.topics)).encode()
    pieces = np.frombuffer(whole[: len(whole) // 1000 * 1000], np.uint8).reshape(-1, 1000)
    return pieces[np.random.default_rng(0).permutation(len(pieces))].ravel()


def train(width: int, tokens: int, seed: int = 0) -> LittleRun:
    """Train one model on ``tokens`` bytes, each seen once, and judge it on 20,000 others.

    Raises ValueError for a width below 1, or more bytes than the text has.
    """
    data = text()
    most = len(data) - _HELD_OUT - SEEN
    if isinstance(width, bool) or not isinstance(width, int) or width < 1:
        raise ValueError(f"width must be a whole number, 1 or more, not {width!r}")
    if not BATCH <= tokens <= most:
        raise ValueError(
            f"tokens must be between {BATCH} and {most:,}, the bytes there are, not {tokens!r}"
        )
    rng = np.random.default_rng([seed, width, tokens])
    state = scratch.get_rng_state()
    scratch.manual_seed(int(rng.integers(1 << 30)))
    model = nn.Sequential(
        nn.Embedding(256, EMBEDDED),
        nn.Flatten(),
        nn.Linear(SEEN * EMBEDDED, width),
        nn.ReLU(),
        nn.Linear(width, 256),
    )
    scratch.set_rng_state(state)
    optimizer = optim.AdamW(model.parameters(), lr=RATE)
    places = rng.permutation(most)[:tokens] + _HELD_OUT
    steps = tokens // BATCH
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * min((step + 1) / 20, 1 - step / steps)
        at = places[step * BATCH : (step + 1) * BATCH]
        loss = _loss(model, at)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return LittleRun(width, parameters_of(width), tokens, _held_out(model))


def _loss(model: Any, at: NDArray[np.int64]) -> Any:
    data = text()
    before = data[at[:, None] + np.arange(SEEN)].astype(np.int64)
    after = data[at + SEEN].astype(np.int64)
    return nn.functional.cross_entropy(model(scratch.tensor(before)), scratch.tensor(after))


def _held_out(model: Any) -> float:
    with scratch.no_grad():
        parts = [
            _loss(model, np.arange(n, n + 5000)).item()
            for n in range(0, _HELD_OUT - SEEN - 5000, 5000)
        ]
    return float(np.mean(parts))


@lru_cache
def _trained(width: int, tokens: int, seed: int) -> LittleRun:
    return train(width, tokens, seed)


def runs(
    widths: Sequence[int] = WIDTHS,
    tokens: Sequence[int] = TOKENS,
    seed: int = 0,
    progress: bool = False,
) -> tuple[LittleRun, ...]:
    """Every size trained on every amount of text; what was trained before is not trained again.

    progress: draws a bar of the trainings.
    """
    todo = [(width, count) for count in tokens for width in widths]
    bar = tqdm(todo, "training", disable=not progress, leave=False)
    return tuple(_trained(*pair, seed) for pair in bar)
