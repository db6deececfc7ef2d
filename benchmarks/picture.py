"""The picture of the result: ratios to PyTorch eager, one panel for each workload."""

from __future__ import annotations

from typing import Any

from catalogue import ENGINES, REFERENCE, TITLES
from report import alt, of

from course.pictures import Picture
from course.widgets.style import PALETTE

MARKERS = "osD^v"  # a shape for each number of threads: colour is never alone


def draw(result: dict[str, Any]) -> Picture:
    """A dot with its quartiles for each engine and number of threads, on logarithmic axes."""
    engines = [
        e for e in result["engines"] if e != REFERENCE and any(
            "ratio" in r for r in result["times"] if r["engine"] == e
        )
    ]  # fmt: skip
    workloads = result["workloads"]
    columns = min(2, len(workloads))
    rows = -(-len(workloads) // columns)
    picture = Picture(alt(result), figsize=(5.2 * columns, rows * (1.2 + 0.42 * len(engines))))
    grid = picture.subplots(rows, columns, squeeze=False, sharey=True)
    for axes, workload in zip(grid.flat, workloads, strict=False):
        axes.set_title(f"({workload}) {TITLES[workload]}", fontsize=10)
        axes.axvline(1, color="#1f1f1f", linewidth=1, linestyle="--")
        for n, threads in enumerate(result["threads"]):
            _dots(axes, result, engines, workload, threads, n)
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter("")
        axes.margins(x=0.2)
        axes.grid(axis="x", color="#d0d0d0", linewidth=0.6)
        axes.set_yticks(range(len(engines)), [ENGINES[e].label for e in engines])
        axes.set_ylim(len(engines) - 0.4, -0.6)
    for axes in grid.flat[len(workloads) :]:
        axes.set_visible(False)
    handles, labels = grid.flat[0].get_legend_handles_labels()
    picture.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    picture.suptitle("Time of a training step ÷ PyTorch eager's (left of the line: faster)")
    return picture


def _dots(
    axes: Any, result: dict[str, Any], engines: list[str], workload: str, threads: int, n: int
) -> None:
    """The dots of one number of threads, a little above or below each engine's line."""
    shift = (n - (len(result["threads"]) - 1) / 2) * 0.34
    points = [
        (record["ratio"], record["ratio_quartiles"], line + shift)
        for line, engine in enumerate(engines)
        if "ratio"
        in (record := of(result["times"], engine=engine, workload=workload, threads=threads))
    ]
    colour = PALETTE["light"][n % len(PALETTE["light"])]
    axes.errorbar(
        [ratio for ratio, _, _ in points],
        [y for _, _, y in points],
        xerr=[
            # A median of two rounds may lie outside neither quartile, but rounding can say so.
            [max(ratio - low, 0) for ratio, (low, _), _ in points],
            [max(high - ratio, 0) for ratio, (_, high), _ in points],
        ],
        fmt=MARKERS[n % len(MARKERS)], color=colour, markersize=6, capsize=2,
        label="1 thread" if threads == 1 else f"{threads} threads",
    )  # fmt: skip
    for ratio, (_, high), y in points:  # right of the whisker, where no other dot can be
        axes.annotate(
            f"{ratio:.2f}", (max(ratio, high), y), (7, 0), textcoords="offset points",
            va="center", fontsize=8,
        )  # fmt: skip
