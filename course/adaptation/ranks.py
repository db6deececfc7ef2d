"""LoRA's rank and what it buys, trained: a reader of digits is adapted to mirrored ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from course import scratch
from course.adaptation import transfer, tuning

RANKS = (1, 2, 4, 8, 16, 32, 48)
METHODS = ("head", "bias", "full")  # beside LoRA
EXAMPLES, STEPS, SEEDS = 400, 150, 2
_HEAD, _LAYERS = "5", ("1", "3")


@dataclass(frozen=True)
class Adapted:
    """Trained numbers, and the held-out accuracy (0 to 1, mean of SEEDS runs)."""

    method: str
    rank: int
    footprint: tuning.Footprint
    accuracy: float


@lru_cache(maxsize=256)
def adapted(method: str, rank: int = 0) -> Adapted:
    """Adapt the network that reads upright digits to EXAMPLES mirrored ones.

    Raises ValueError for an unknown method or a rank that does not fit.
    """
    task = transfer.target_task("digits")
    images, held = (part[..., ::-1].copy() for part in (task.images, task.held_out_images))
    accuracies = []
    for seed in range(SEEDS):
        state = scratch.get_rng_state()
        try:
            scratch.manual_seed(seed)
            model = transfer.fresh(10, seed)
            model.load_state_dict(
                {name: scratch.from_numpy(v) for name, v in transfer.source_weights().items()}
            )
            tuning.prepare(scratch.nn, model, method, _HEAD, rank=rank, layers=_LAYERS)
        finally:
            scratch.set_rng_state(state)
        rows = np.random.default_rng(seed).permutation(len(images))[:EXAMPLES]
        transfer.train(model, images[rows], task.labels[rows], STEPS, seed)
        accuracies.append(transfer.judge(model, held, task.held_out_labels))
    return Adapted(method, rank, tuning.footprint(model), float(np.mean(accuracies)))
