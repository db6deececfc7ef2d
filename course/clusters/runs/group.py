"""What every run shares: joining the group, speaking as rank 0, the model and the data."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from course.clusters import lifeline
from course.clusters.launch import RESULT


@dataclass(frozen=True)
class Group:
    """This process among its peers; ``device`` is where its tensors live."""

    rank: int
    ranks: int
    device: str

    def say(self, text: str) -> None:
        """Print, from rank 0 only."""
        if self.rank == 0:
            print(text, flush=True)

    def report(self, **result: Any) -> None:
        """Hand the result to the launcher, from rank 0 only; nothing where torchrun has none."""
        if self.rank == 0 and RESULT in os.environ:
            Path(os.environ[RESULT]).write_text(json.dumps(result), encoding="utf-8")


def cannot_run(why: str) -> SystemExit:
    """Say why in a line that the launcher repeats; raise what this returns."""
    if os.environ.get("RANK", "0") == "0":
        print(f"Cannot run: {why}", flush=True)
    return SystemExit(3)


@contextlib.contextmanager
def joined(seconds: float = 60.0, over_gloo: bool = False) -> Iterator[Group]:
    """Join the processes that torchrun started (alone without it), and leave them at the end.

    Over NCCL where each process has a GPU of its own, else, and with ``over_gloo``, over gloo on
    processors: NCCL wants both directions of a pair asked for together, which single sends and
    receives do not. A message that nobody sends is an error after ``seconds``.
    """
    lifeline.hold()
    import torch
    import torch.distributed as dist

    if not dist.is_available():
        raise cannot_run("this PyTorch was built without torch.distributed")
    local = int(os.environ.get("LOCAL_RANK", "0"))
    here = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    on_gpus = not over_gloo and torch.cuda.is_available() and torch.cuda.device_count() >= here
    if not on_gpus and not dist.is_gloo_available():
        raise cannot_run("this PyTorch was built without gloo")
    device = f"cuda:{local}" if on_gpus else "cpu"
    if on_gpus:
        torch.cuda.set_device(local)
    wait = datetime.timedelta(seconds=seconds)
    store, rank, ranks = _meeting_place(wait)
    dist.init_process_group(
        "nccl" if on_gpus else "gloo", store=store, rank=rank, world_size=ranks, timeout=wait
    )
    try:
        yield Group(dist.get_rank(), dist.get_world_size(), device)
        dist.barrier()
    finally:
        dist.destroy_process_group()


def _meeting_place(wait: datetime.timedelta) -> tuple[Any, int, int]:
    """The store in which the processes find one another, this one's rank, and how many they are."""
    import torch.distributed as dist

    if "RANK" not in os.environ:
        return dist.HashStore(), 0, 1
    store, rank, ranks = next(dist.rendezvous("env://", timeout=wait))
    # torchrun keeps one store for all attempts: without a name of its own, a second attempt reads
    # the addresses of the processes that died in the first.
    attempt = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return dist.PrefixStore(f"attempt {attempt}", store), rank, ranks


def equal_shares(what: str, total: int, parts: int, whose: str) -> int:
    """``total`` / ``parts``; ends the run, naming the nearest that divides, where there is a rest."""
    if total < parts or total % parts:
        near = max(parts, round(total / parts) * parts)
        raise cannot_run(f"{whose} ({parts}) do not divide {what} of {total}; {near} would do")
    return total // parts


def digits_in_batches(me: Group, batch: int, steps: int) -> tuple[Any, Any]:
    """Images (steps, batch, 64) and labels (steps, batch), the same for every rank: rank 0's."""
    import torch
    import torch.distributed as dist

    images, labels = torch.empty(steps, batch, 64), torch.empty(steps, batch, dtype=torch.int64)
    if me.rank == 0:
        from course import datasets

        data = datasets.load("digits")
        pixels = torch.tensor(data.train_images, dtype=torch.float32).reshape(-1, 64)
        draw = torch.Generator().manual_seed(0)
        rows = torch.randint(len(pixels), (steps, batch), generator=draw)
        images, labels = pixels[rows], torch.tensor(data.train_labels)[rows]
    images, labels = images.to(me.device), labels.to(me.device)
    dist.broadcast(images, 0)
    dist.broadcast(labels, 0)
    return images, labels


def classifier() -> Any:
    """A network for the digits; every rank makes the same one."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))


def apart(model: Any, other: Any) -> float:
    """The largest difference between two models' weights."""
    pairs = zip(model.parameters(), other.parameters(), strict=True)
    return max(float((a - b).abs().max()) for a, b in pairs)
