"""A worker is killed in the middle; torchrun starts all anew, and they go on from the checkpoint.

Rank 0 saves every `--every` steps. In the first attempt the last rank kills itself at step
`--dies`. The weights at the end equal those of a run that nothing disturbed. On many machines the
folder must be one that all of them see.
"""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path
from typing import Any

from course.clusters.runs import group
from course.clusters.runs.data_parallel import average_gradients, slice_of


def main() -> None:
    """Train, die once, resume, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True, help="where the checkpoint lies")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--dies", type=int, default=25)
    given = parser.parse_args()
    attempt = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))
    with group.joined() as me:
        import torch

        batch = 16 * me.ranks
        images, labels = group.digits_in_batches(me, batch, given.steps)
        model = group.classifier().to(me.device)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        path = given.folder / "checkpoint.pt"
        first = load(path, model, optimizer)
        if first >= given.steps:
            raise group.cannot_run(f"the run in {given.folder} is finished; name an empty folder")
        me.say(
            f"attempt {attempt + 1}: {me.ranks} ranks, "
            + (f"from the checkpoint of step {first}" if first else "from the beginning")
        )
        dies = given.dies if attempt == 0 else None
        train(model, optimizer, slice_of(me, images), slice_of(me, labels), first, given, me, dies)
        if me.rank == 0:
            undisturbed = group.classifier().to(me.device)
            other = torch.optim.SGD(undisturbed.parameters(), lr=0.1, momentum=0.9)
            alone = group.Group(0, 1, me.device)
            train(undisturbed, other, images, labels, 0, None, alone, None)
            apart = group.apart(model, undisturbed)
            me.say(f"largest difference of a weight from an undisturbed run: {apart:.1e}")
            me.report(attempts=attempt + 1, resumed_at=first, apart=apart, steps=given.steps)


def train(
    model: Any,
    optimizer: Any,
    images: Any,
    labels: Any,
    first: int,
    given: argparse.Namespace | None,
    me: group.Group,
    dies: int | None,
) -> None:
    """The steps from ``first`` on, saved as ``given`` says, cut short where the last rank ``dies``."""
    import torch

    for step in range(first, len(images)):
        if step == dies and me.rank == me.ranks - 1:
            print(f"[rank {me.rank}] killed at step {step}", flush=True)
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(model(images[step]), labels[step]).backward()
        if me.ranks > 1:
            average_gradients(model, me.ranks)
        optimizer.step()
        if given and me.rank == 0 and (step + 1) % given.every == 0:
            save(given.folder / "checkpoint.pt", model, optimizer, step + 1)
            me.say(f"step {step + 1}: saved")


def save(path: Path, model: Any, optimizer: Any, step: int) -> None:
    """Write a checkpoint; one that is cut short leaves the one before it whole."""
    import torch

    half = path.with_suffix(".part")
    torch.save(
        {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, half
    )
    half.replace(path)


def load(path: Path, model: Any, optimizer: Any) -> int:
    """Load the checkpoint and return its step; 0 where there is none."""
    import torch

    if not path.is_file():
        return 0
    kept = torch.load(path, weights_only=True)
    model.load_state_dict(kept["model"])
    optimizer.load_state_dict(kept["optimizer"])
    return int(kept["step"])


if __name__ == "__main__":
    main()
