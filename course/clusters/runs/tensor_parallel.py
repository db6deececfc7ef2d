"""Tensor parallel: two linear layers split over the ranks, the first by columns, the second by rows.

Written as x @ A and h @ B: each rank has some columns of A, so that it computes some columns of
h = gelu(x @ A) in full, and the same rows of B, whose product with them is one summand of the
result. One all-reduce adds the summands; going back, one adds the gradients of x (Shoeybi et al.,
2019).
"""

from __future__ import annotations

import argparse
from typing import Any

from course.clusters.runs import group


def main() -> None:
    """One pass forward and back, beside the same layers in one piece."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--hidden", type=int, default=1024)
    given = parser.parse_args()
    with group.joined() as me:
        import torch
        import torch.distributed as dist

        group.equal_shares("a hidden layer", given.hidden, me.ranks, "ranks")
        torch.manual_seed(0)
        x = torch.randn(32, given.width, dtype=torch.float64)
        a = torch.randn(given.width, given.hidden, dtype=torch.float64) / given.width**0.5
        b = torch.randn(given.hidden, given.width, dtype=torch.float64) / given.hidden**0.5
        whole = [t.to(me.device).requires_grad_() for t in (x, a, b)]
        mine = [
            t.detach().clone().to(me.device).requires_grad_()
            for t in (x, a.chunk(me.ranks, 1)[me.rank], b.chunk(me.ranks, 0)[me.rank])
        ]
        expected = torch.nn.functional.gelu(whole[0] @ whole[1]) @ whole[2]
        got = split_layers(*mine)
        expected.square().sum().backward()
        got.square().sum().backward()
        pairs = [
            ("result", got, expected),
            ("gradient of x", mine[0].grad, whole[0].grad),
            ("gradient of A's columns", mine[1].grad, whole[1].grad.chunk(me.ranks, 1)[me.rank]),
            ("gradient of B's rows", mine[2].grad, whole[2].grad.chunk(me.ranks, 0)[me.rank]),
        ]
        me.say(
            f"each of {me.ranks} ranks holds A{list(mine[1].shape)} of {list(a.shape)} and "
            f"B{list(mine[2].shape)} of {list(b.shape)}"
        )
        found: dict[str, Any] = {}
        for name, have, want in pairs:
            apart = ((have - want).abs().max() / want.abs().max()).detach()
            dist.all_reduce(apart, dist.ReduceOp.MAX)
            found[name] = float(apart)
            me.say(f"  {name:24} largest relative difference {found[name]:.1e}")
        held = mine[1].numel() + mine[2].numel()
        me.report(ranks=me.ranks, apart=found, held=held, weights=a.numel() + b.numel())


def split_layers(x: Any, columns: Any, rows: Any) -> Any:
    """gelu(x @ A) @ B from this rank's columns of A and rows of B."""
    import torch

    hidden = torch.nn.functional.gelu(_sum_gradient(x) @ columns)
    return _sum_result(hidden @ rows)


def _sum_gradient(x: Any) -> Any:
    """x itself; on the way back, its gradient is the sum of what the ranks found."""
    import torch
    import torch.distributed as dist

    class SumGradient(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.view_as(x)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            gradient = gradient.clone()
            dist.all_reduce(gradient)
            return gradient

    return SumGradient.apply(x)


def _sum_result(x: Any) -> Any:
    """The ranks' sum; on the way back each summand has the sum's gradient."""
    import torch
    import torch.distributed as dist

    class SumResult(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            total = x.clone()
            dist.all_reduce(total)
            return total

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            return gradient

    return SumResult.apply(x)


if __name__ == "__main__":
    main()
