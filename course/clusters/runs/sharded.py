"""Fully sharded data parallel: each rank keeps only its share of weights, gradients and optimizer.

By PyTorch's FSDP2 (`fully_shard`): a layer's weights are gathered when it is its turn, used, and
let go; gradients are summed to the rank that keeps them. Beside it every rank trains the whole
model, so that memory and weights can be compared.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from typing import Any

from course.clusters.runs import group
from course.clusters.runs.data_parallel import average_gradients


def main() -> None:
    """Train both ways, measure what each rank holds, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--layers", type=int, default=6)
    given = parser.parse_args()
    with group.joined() as me:
        import torch
        import torch.distributed as dist

        generator = torch.Generator().manual_seed(me.rank)
        batches = [
            torch.randn(16, given.width, generator=generator).to(me.device)
            for _ in range(given.steps)
        ]
        # What the first use of `fully_shard` loads and sets up is no part of the model's memory.
        train(shard(stack(8, 1).to(me.device)), [batches[0][:, :8]], 0)
        before = resident()
        sharded = shard(stack(given.width, given.layers).to(me.device))
        sharded_state = train(sharded, batches, 0)
        middle = resident()
        whole = stack(given.width, given.layers).to(me.device)
        whole_state = train(whole, batches, me.ranks)
        after = resident()
        mine = torch.tensor(
            [
                local_bytes(sharded, sharded_state),
                local_bytes(whole, whole_state),
                middle - before,
                after - middle,
            ],
            dtype=torch.float64,
        ).to(me.device)
        rows = [torch.zeros_like(mine) for _ in range(me.ranks)]
        dist.all_gather(rows, mine)
        apart = 0.0
        for a, b in zip(sharded.parameters(), whole.parameters(), strict=True):
            apart = max(apart, float((a.full_tensor() - b).abs().max().detach()))
        count = sum(p.numel() for p in whole.parameters())
        held = {
            "sharded": [float(row[0]) for row in rows],
            "whole": [float(row[1]) for row in rows],
            "process_sharded": [float(row[2]) for row in rows],
            "process_whole": [float(row[3]) for row in rows],
        }
        me.say(f"{count:,} weights, with gradients and Adam's two averages, in MB:")
        me.say("rank   tensors: sharded   whole     process grew by: sharded   whole")
        for rank in range(me.ranks):
            row = [held[name][rank] / 1e6 for name in held]
            me.say(f"{rank:4}   {row[0]:16.1f} {row[1]:7.1f} {row[2]:26.0f} {row[3]:7.0f}")
        me.say(f"largest difference of a weight: {apart:.1e}")
        me.report(ranks=me.ranks, weights=count, apart=apart, **held)


def stack(width: int, layers: int) -> Any:
    """A stack of square linear layers; every rank makes the same one."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    parts: list[Any] = []
    for _ in range(layers):
        parts += [nn.Linear(width, width), nn.Tanh()]
    return nn.Sequential(*parts)


def shard(model: Any) -> Any:
    """Shard each layer over all ranks, then what is left."""
    try:
        from torch.distributed.fsdp import fully_shard
    except ImportError:  # where it lay before PyTorch 2.6
        from torch.distributed._composable.fsdp import fully_shard
    import torch.distributed as dist
    from torch.distributed.device_mesh import init_device_mesh

    kind = "cuda" if next(model.parameters()).is_cuda else "cpu"
    mesh = init_device_mesh(kind, (dist.get_world_size(),))
    for layer in model:
        if any(True for _ in layer.parameters()):
            fully_shard(layer, mesh=mesh)
    return fully_shard(model, mesh=mesh)


def train(model: Any, batches: list[Any], ranks: int) -> Any:
    """Train with Adam on this rank's batches; with ``ranks`` the gradients are averaged by hand."""
    import torch

    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, eps=1e-4)
    for batch in batches:
        optimizer.zero_grad()
        (model(batch) - 1).square().mean().backward()
        if ranks:
            average_gradients(model, ranks)
        optimizer.step()
    return optimizer


def local_bytes(model: Any, optimizer: Any) -> int:
    """Bytes of weights, gradients and optimizer state that this process holds."""
    found = 0
    for p in model.parameters():
        state = [v for v in optimizer.state[p].values() if getattr(v, "ndim", 0)]
        for tensor in (p, p.grad, *state):
            local = tensor.to_local() if hasattr(tensor, "to_local") else tensor
            found += local.numel() * local.element_size()
    return found


def resident() -> float:
    """Bytes of this process in memory, where the system tells (Linux); else NaN."""
    if sys.platform != "linux":
        return float("nan")
    import ctypes
    import gc
    import os

    gc.collect()
    with contextlib.suppress(OSError, AttributeError):  # another C library keeps what was freed
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


if __name__ == "__main__":
    main()
