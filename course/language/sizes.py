"""Models of several sizes, trained side by side on the same batches of names."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from course import scratch
from course.language import trained
from course.language.gpt import Config, gpt, next_token_loss

WIDTHS = (4, 8, 16, 32, 64)
MOST = 600  # updates of each
_EVERY = 20  # updates between two looks at the held-out names
_CONTEXT, _BATCH, _RATE = 12, 24, 6e-3


@dataclass
class Runner:
    """One model while it is trained.

    losses: of each update. judged: pairs of updates made and the loss on held-out names.
    """

    config: Config
    model: Any
    optimizer: Any
    rate: Any  # the schedule of its learning rate
    stream: Any
    losses: list[float] = field(default_factory=list)
    judged: list[tuple[int, float]] = field(default_factory=list)

    @property
    def parameters(self) -> int:
        """How many numbers the model learns."""
        return sum(weight.numel() for weight in self.model.parameters())


class Contest:
    """Five GPTs of growing width, each given the same batches in the same order.

    updates: of each model; the learning rate falls to 0 by then. layers: of each model. seed: of
    first weights and batches. Raises ValueError for updates outside of 1 to `MOST`.
    """

    def __init__(self, updates: int = 300, layers: int = 2, seed: int = 0) -> None:
        if not 1 <= updates <= MOST:
            raise ValueError(f"updates must be between 1 and {MOST}, got {updates}.")
        chosen = replace(
            trained.recipe("names"), context=_CONTEXT, batch_size=_BATCH, steps=updates, seed=seed
        )
        made, tokens = trained.tokens_of(chosen)
        _, judged = trained.loaders_of(scratch, chosen, tokens)
        self._judged = next(iter(_large(judged)))
        self._loss = next_token_loss(scratch)
        self.runners = []
        state = scratch.get_rng_state()
        for width in WIDTHS:
            scratch.manual_seed(seed)
            config = Config(len(made), _CONTEXT, layers, heads=2, width=width)
            model = gpt(scratch, config)
            # Wider models want smaller steps; a rate that falls with the width suits all five.
            rate = _RATE * (16 / width) ** 0.5
            optimizer = scratch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01)
            falling = scratch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.02, updates)
            stream = iter(trained.loaders_of(scratch, chosen, tokens)[0])
            self.runners.append(Runner(config, model, optimizer, falling, stream))
        scratch.set_rng_state(state)
        for runner in self.runners:
            self.judge(runner)

    @property
    def updates(self) -> int:
        """How many updates every model has had."""
        return min(len(runner.losses) for runner in self.runners)

    def step(self) -> None:
        """One update of the model that has had the fewest."""
        runner = min(self.runners, key=lambda runner: len(runner.losses))
        given, wanted = next(runner.stream)
        runner.optimizer.zero_grad()
        loss = self._loss(runner.model(given), wanted)
        loss.backward()
        runner.optimizer.step()
        runner.rate.step()
        runner.losses.append(loss.item())
        if len(runner.losses) % _EVERY == 0:
            self.judge(runner)

    def judge(self, runner: Runner) -> None:
        """Measure the loss on held-out names."""
        given, wanted = self._judged
        with scratch.no_grad():
            loss = self._loss(runner.model(given), wanted).item()
        runner.judged.append((len(runner.losses), loss))


def _large(loader: Any) -> Any:
    """All held-out windows in one batch."""
    rows = [(given.numpy(), wanted.numpy()) for given, wanted in loader]
    given, wanted = (np.concatenate(part) for part in zip(*rows, strict=True))
    yield scratch.from_numpy(given), scratch.from_numpy(wanted)


def line_through(parameters: np.ndarray, losses: np.ndarray) -> tuple[float, float]:
    """The straight line through loss against the logarithm (base 10) of parameters: slope, offset."""
    slope, offset = np.polyfit(np.log10(parameters), losses, 1)
    return float(slope), float(offset)
