"""Child process: does the cost of one engine grow as the work does?

    python growth.py ENGINE [--quick]

Each case is measured small and ten times as large; prints a JSON list of the two times and ratios.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import course  # noqa: F401  (the same allocator for both engines)

FACTOR = 10


def pass_through_mlp(engine: Any, depth: int, width: int, batch: int) -> Callable[[], Any]:
    """Forward and backward of so many linear layers with ReLU."""
    nn = engine.nn
    stream = np.random.default_rng(0)
    layers = [layer for _ in range(depth) for layer in (nn.Linear(width, width), nn.ReLU())]
    model = nn.Sequential(*layers)
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    # He's scale keeps the signal's size through a hundred layers; numbers that fade become
    # denormal, and those are slow on any engine.
    drawn = {n: stream.normal(size=s) * (2 / width) ** 0.5 for n, s in shapes.items()}
    model.load_state_dict(
        {n: engine.from_numpy(a.astype(np.float32) * (a.ndim > 1)) for n, a in drawn.items()}
    )
    x = engine.from_numpy(stream.normal(size=(batch, width)).astype(np.float32))

    def run() -> None:
        for parameter in model.parameters():
            parameter.grad = None
        (model(x) ** 2).mean().backward()

    return run


def pass_through_graph(engine: Any, nodes: int) -> Callable[[], Any]:
    """Forward and backward of a chain of so many nodes, in which every third value is used twice."""

    def run() -> None:
        first = engine.tensor(1.0, requires_grad=True)
        y = first
        for _ in range(nodes // 3):  # 2^n paths: only a walk in topological order ends
            y = y * 0.25 + y * 0.75
        y.backward()
        gradient = first.grad.item()
        assert abs(gradient - 1) < 1e-3, f"gradient {gradient}, expected 1"

    return run


def seconds(run: Callable[[], Any], repeats: int) -> float:
    """The least time of several runs, after one that is not counted."""
    times = []
    for _ in range(repeats + 1):
        gc.collect()
        began = time.perf_counter()
        run()
        times.append(time.perf_counter() - began)
    return min(times[1:])


def main() -> None:
    """Measure the three cases and print them."""
    quick = "--quick" in sys.argv
    engine: Any = importlib.import_module({"scratch": "course.scratch"}.get(sys.argv[1], "torch"))
    batch, nodes = (16, 100) if quick else (128, 100_000)
    cases: dict[str, Callable[[int], Callable[[], Any]]] = {
        "depth": lambda times: pass_through_mlp(engine, 8 * times, 64, 64),
        "batch": lambda times: pass_through_mlp(engine, 4, 256, batch * times),
        "nodes": lambda times: pass_through_graph(engine, nodes * times),
    }
    titles = {
        "depth": f"depth of an MLP, 8 to {8 * FACTOR} layers of width 64",
        "batch": f"batch of an MLP, {batch} to {batch * FACTOR} rows",
        "nodes": f"nodes of a graph, {nodes:,} to {nodes * FACTOR:,}",
    }
    found = []
    for name, make in cases.items():
        repeats = 1 if name == "nodes" else 2 if quick else 10
        small, large = seconds(make(1), repeats), seconds(make(FACTOR), repeats)
        ratios = {"work_ratio": FACTOR, "time_ratio": round(large / small, 2)}
        found.append(
            {"case": name, "title": titles[name], "small_s": small, "large_s": large} | ratios
        )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
