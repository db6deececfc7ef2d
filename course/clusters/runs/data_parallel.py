"""Data parallel: every process has the whole model and its share of each batch.

After each backward pass the gradients are averaged; so all weights stay alike, and equal those
that one process would reach with the whole batches. Done twice: by hand, with one all-reduce, and
by PyTorch's DistributedDataParallel. With `--accumulate 4` each share comes in four parts, whose
gradients add up before they are sent: a batch four times as large as memory would hold.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from course.clusters.runs import group


def main() -> None:
    """Train, compare with one process, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batch", type=int, help="images of all ranks together; 32 a rank")
    parser.add_argument("--accumulate", type=int, default=1, help="parts of each rank's share")
    given = parser.parse_args()
    with group.joined() as me:
        parts = me.ranks * given.accumulate
        batch = 32 * me.ranks if given.batch is None else given.batch
        group.equal_shares("a batch", batch, parts, "ranks times parts")
        images, labels = group.digits_in_batches(me, batch, given.steps)
        mine = slice_of(me, images), slice_of(me, labels)
        by_hand = group.classifier().to(me.device)
        count = sum(p.numel() for p in by_hand.parameters())
        me.say(
            f"{me.ranks} ranks, each with all {count:,} weights and {batch // me.ranks} of "
            f"{batch} images a step, in {given.accumulate} part(s)"
        )
        # What the first step sets up is no part of the times.
        first, x, y = group.classifier().to(me.device), mine[0][:2], mine[1][:2]
        train(first, x, y, given.accumulate, me, average=True, show=False)
        seconds = train(by_hand, *mine, given.accumulate, me, average=True)
        from torch.nn.parallel import DistributedDataParallel

        wrapped = DistributedDataParallel(group.classifier().to(me.device))
        torch_seconds = train(wrapped, *mine, given.accumulate, me)
        if me.rank == 0:
            alone = group.classifier().to(me.device)
            alone_seconds = train(alone, images, labels, 1, me, show=False)
            found = {
                "ranks": me.ranks,
                "weights": count,
                "by_hand_apart": group.apart(by_hand, alone),
                "ddp_apart": group.apart(wrapped.module, alone),
                "bytes_a_step": 4 * count,
                "seconds": {"by hand": seconds, "DDP": torch_seconds, "one": alone_seconds},
            }
            me.say(f"largest difference of a weight from one process's, after {given.steps} steps:")
            me.say(f"  gradients averaged by hand     {found['by_hand_apart']:.1e}")
            me.say(f"  DistributedDataParallel        {found['ddp_apart']:.1e}")
            me.report(**found)


def slice_of(me: group.Group, batches: Any) -> Any:
    """This rank's share of every batch."""
    return batches.chunk(me.ranks, dim=1)[me.rank].to(me.device)


def train(
    model: Any,
    images: Any,
    labels: Any,
    accumulate: int,
    me: group.Group,
    average: bool = False,
    show: bool = True,
) -> float:
    """Train on the batches; with ``average`` the ranks' gradients are. Returns the seconds."""
    import torch

    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    begun = time.perf_counter()
    for step, (x, y) in enumerate(zip(images, labels, strict=True)):
        optimizer.zero_grad()
        for part_x, part_y in zip(x.chunk(accumulate), y.chunk(accumulate), strict=True):
            loss = torch.nn.functional.cross_entropy(model(part_x), part_y)
            (loss / accumulate).backward()
        if average:
            average_gradients(model, me.ranks)
        optimizer.step()
        if average and show and step % 10 == 9:
            me.say(f"step {step + 1:3}   loss of rank 0's share {loss.item():.3f}")
    return time.perf_counter() - begun


def average_gradients(model: Any, ranks: int) -> None:
    """Replace every gradient by its mean over the ranks: one all-reduce of them all."""
    import torch
    import torch.distributed as dist

    gradients = [p.grad for p in model.parameters()]
    together = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(together)  # the sum
    together /= ranks
    for gradient, part in zip(
        gradients, together.split([g.numel() for g in gradients]), strict=True
    ):
        gradient.copy_(part.view_as(gradient))


if __name__ == "__main__":
    main()
