"""Pipeline parallel: each rank has a stretch of the layers; micro-batches go from one to the next.

The order is 1F1B, the one that `course.clusters.pipeline` simulates. Activations travel forward,
their gradients back; at the end the gradients equal those of the whole model on the whole batch.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from course.clusters import pipeline
from course.clusters.runs import group


def main() -> None:
    """One step through the pipeline, beside the same step in one piece; with its timeline."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--micro-batches", type=int, default=8)
    parser.add_argument("--rows", type=int, default=64, help="rows in each micro-batch")
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--layers", type=int, default=8)
    given = parser.parse_args()
    with group.joined(over_gloo=True) as me:
        import torch
        import torch.distributed as dist

        each = group.equal_shares("a stack of layers", given.layers, me.ranks, "stages")
        torch.manual_seed(0)
        x = torch.randn(given.micro_batches, given.rows, given.width).to(me.device)
        whole = layers_of(given.width, given.layers).to(me.device)
        mine = layers_of(given.width, given.layers)[2 * each * me.rank : 2 * each * (me.rank + 1)]
        mine = mine.to(me.device)
        for _ in range(2):  # the first time warms up
            mine.zero_grad()
            dist.barrier()
            slots = run(mine, x, me)
        torch.stack([whole(part).square().mean() for part in x]).mean().backward()
        want = [p.grad for p in whole[2 * each * me.rank : 2 * each * (me.rank + 1)].parameters()]
        have = [p.grad for p in mine.parameters()]
        pairs = zip(have, want, strict=True)
        apart = max(float((h - w).abs().max() / w.abs().max()) for h, w in pairs)
        everyone: list[Any] = [None] * me.ranks
        dist.all_gather_object(everyone, (apart, slots))
        timeline = [slot for _, rows in everyone for slot in rows]
        begun = min(slot[3] for slot in timeline)
        timeline = [(s, f, i, start - begun, end - begun) for s, f, i, start, end in timeline]
        length = max(slot[4] for slot in timeline)
        busy = sum(slot[4] - slot[3] for slot in timeline) / me.ranks
        worst = max(row[0] for row in everyone)
        me.say(
            f"{me.ranks} stages of {each} layers, {given.micro_batches} micro-batches: "
            f"{1e3 * length:.0f} ms, of which a stage waits {100 * (1 - busy / length):.0f} %"
        )
        expected = pipeline.bubble(me.ranks, given.micro_batches)
        me.say(
            f"the bubble alone, by formula: {100 * expected / (1 + expected):.0f} % "
            "(the rest: uneven work, messages, other programs)"
        )
        me.say(f"largest relative difference of a gradient from the whole model's: {worst:.1e}")
        me.report(
            ranks=me.ranks, apart=worst, timeline=timeline, idle=1 - busy / length, length=length
        )


def layers_of(width: int, layers: int) -> Any:
    """A stack of linear layers with tanh; every rank makes the same one."""
    import torch
    from torch import nn

    torch.manual_seed(1)
    parts: list[Any] = []
    for _ in range(layers):
        parts += [nn.Linear(width, width), nn.Tanh()]
    return nn.Sequential(*parts)


def run(mine: Any, x: Any, me: group.Group) -> list[tuple[int, bool, int, float, float]]:
    """This stage's part of one step; returns (stage, forward, micro-batch, start, end) of each pass."""
    import torch
    import torch.distributed as dist

    count = len(x)
    work = pipeline.order("1f1b", me.ranks, count)[me.rank]
    kept: dict[int, tuple[Any, Any]] = {}
    on_their_way: list[Any] = []
    slots = []
    for w in work:
        i = w.micro_batch
        if w.forward:
            if me.rank:
                arrived = torch.empty_like(x[i])
                dist.recv(arrived, me.rank - 1, tag=2 * i)
                arrived.requires_grad_()
            else:
                arrived = x[i]
            start = time.perf_counter()
            result = mine(arrived)
            if me.rank == me.ranks - 1:
                result = result.square().mean() / count
            kept[i] = arrived, result
            end = time.perf_counter()
            if me.rank < me.ranks - 1:
                message = result.detach()
                on_their_way.append((dist.isend(message, me.rank + 1, tag=2 * i), message))
        else:
            arrived, result = kept.pop(i)
            gradient = None
            if me.rank < me.ranks - 1:
                gradient = torch.empty_like(result)
                dist.recv(gradient, me.rank + 1, tag=2 * i + 1)
            start = time.perf_counter()
            result.backward(gradient)
            end = time.perf_counter()
            if me.rank:
                message = arrived.grad
                on_their_way.append((dist.isend(message, me.rank - 1, tag=2 * i + 1), message))
        slots.append((me.rank, w.forward, i, start, end))
    for sent, _ in on_their_way:
        sent.wait()
    return slots


if __name__ == "__main__":
    main()
