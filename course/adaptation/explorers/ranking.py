"""Explorer: LoRA's rank, the numbers that it trains, the memory it saves, and what it still learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from course.adaptation.counting import (
    MATRICES,
    Attention,
    Memory,
    attention,
    constants_bits,
    memory,
)
from course.adaptation.ranks import EXAMPLES, METHODS, RANKS, SEEDS, Adapted, adapted
from course.facts.adaptation import LoraCount, lora_counts
from course.widgets import Explorer, Table, choice, choices, slider, style

GPT3 = "GPT-3 175B"
_MODELS = {name: name for name in (GPT3, "Llama-2-70B", "Llama-3-8B", "LLaMA-7B", "OPT-1.3B")}
_MOST = 64


@dataclass(frozen=True)
class RankParameters:
    """What the reader sets."""

    model: str = choice(GPT3, _MODELS, label="Published model")
    rank: int = slider(8, 1, _MOST, label="Rank", log=True)
    matrices: tuple[str, ...] = choices(("q", "v"), MATRICES, label="Matrices of each layer")


@dataclass(frozen=True)
class Ranked:
    """A published model's counts by the formula, and the digits network's accuracies, trained here."""

    model: Attention
    rank: int
    matrices: tuple[str, ...]
    ranks: tuple[int, ...]
    counts: tuple[int, ...]
    memories: dict[str, Memory]
    here: Adapted
    others: dict[str, Adapted]
    curve: list[Adapted]

    @property
    def count(self) -> int:
        """Numbers trained at the rank asked for."""
        return self.model.lora(self.matrices, self.rank)

    @property
    def published(self) -> list[LoraCount]:
        """LoRA's rows on as many matrices, where this is the model that they are about."""
        rows = lora_counts() if self.model.model == GPT3 else ()
        return [row for row in rows if row.method == "LoRA" and row.matrices == len(self.matrices)]


def simulate(p: RankParameters) -> Ranked:
    """Count for the published model; train the small one at the rank asked for."""
    model = attention(p.model)
    ranks = tuple(2**n for n in range(7))
    counts = tuple(model.lora(p.matrices, rank) for rank in ranks)
    trained = model.lora(p.matrices, p.rank)
    four_bits = 4 + constants_bits(double=True)
    memories = {
        "full": memory(model.parameters, model.parameters),
        "LoRA": memory(model.parameters, trained, added=True),
        "LoRA, 4-bit": memory(model.parameters, trained, bits=four_bits, added=True),
    }
    return Ranked(
        model,
        p.rank,
        p.matrices,
        ranks,
        counts,
        memories,
        adapted("lora", min(p.rank, RANKS[-1])),
        {method: adapted(method) for method in METHODS},
        [adapted("lora", rank) for rank in RANKS],
    )


def figure(r: Ranked, fig: Figure) -> None:
    """Trained numbers over the rank; memory of three ways; accuracy over the rank."""
    counts, memories, accuracy = fig.subplots(1, 3, width_ratios=(1.15, 0.85, 1.15))
    fig.subplots_adjust(left=0.1, right=0.985, top=0.88, bottom=0.16, wspace=0.45)
    _counts(r, counts)
    names = list(r.memories)
    bottom, drawn = np.zeros(len(names)), []
    for number, part in enumerate(("weights", "gradients", "optimizer")):
        values = np.array([getattr(m, part) / 1e9 for m in r.memories.values()])
        hatch = ("", "//", "..")[number]
        bars = memories.bar(
            range(len(names)), values, bottom=bottom, color=f"C{number}", hatch=hatch
        )
        for bar in bars:
            bar.set_edgecolor(style.ink())
        drawn.append((bars[0], part))
        bottom += values
    memories.set_xticks(range(len(names)), ["full", "LoRA", "LoRA\n4-bit"])
    memories.set_ylim(0, 1.42 * bottom.max())
    memories.yaxis.set_major_locator(MaxNLocator(4))  # ticks take most of a picture's time
    memories.set(title="Memory of training", ylabel="GB, activations left out")
    memories.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v:,g}"))
    memories.legend(
        *zip(*drawn, strict=True), fontsize=8, frameon=False, loc="upper right", labelspacing=0.25
    )
    _accuracy(r, accuracy)


def _counts(r: Ranked, axes: Any) -> None:
    axes.plot(r.ranks, r.counts, **style.series(0), label="counted by formula")
    axes.plot([r.rank], [r.count], "D", color="C1", markersize=10, label=f"rank {r.rank}")
    rows = r.published
    if rows:
        axes.plot(
            [row.rank for row in rows],
            [row.trainable for row in rows],
            "X",
            color="C2",
            markersize=9,
            label="published (Hu et al. 2021)",
        )
    axes.set(xscale="log", yscale="log", xlabel="rank", ylabel="numbers trained")
    axes.set_xticks(r.ranks[::2], [str(rank) for rank in r.ranks[::2]])
    axes.minorticks_off()
    low, high = r.counts[0], r.counts[-1]
    axes.set_ylim(low / 1.6, high * 9)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: short(v)))
    axes.grid(True, linewidth=0.6)
    axes.legend(fontsize=8, frameon=False, loc="upper left")
    axes.set_title(r.model.model)


def _accuracy(r: Ranked, axes: Any) -> None:
    axes.plot(
        [a.rank for a in r.curve], [a.accuracy for a in r.curve], **style.series(0), label="LoRA"
    )
    axes.plot([r.here.rank], [r.here.accuracy], "D", color="C1", markersize=10)
    for number, (method, found) in enumerate(r.others.items(), start=2):
        look = style.series(number)
        axes.axhline(found.accuracy, color=look["color"], linestyle=look["linestyle"])
        above, left = method != "head", method == "full"
        axes.annotate(
            f"{method}: {found.footprint.trainable:,} numbers",
            (1 if left else RANKS[-1], found.accuracy),
            xytext=(0, 3 if above else -3),
            textcoords="offset points",
            fontsize=8,
            color=look["color"],
            va="bottom" if above else "top",
            ha="left" if left else "right",
        )
    axes.set(xscale="log", xlabel="rank", ylim=(0.58, 1.0))
    axes.set_xticks(RANKS[::2], [str(rank) for rank in RANKS[::2]])
    axes.set_yticks([0.6, 0.7, 0.8, 0.9, 1.0])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, 0))
    axes.grid(True, linewidth=0.6)
    axes.set_title("Digits: accuracy, trained here")


def short(value: float) -> str:
    """A count in a few signs: 4.7 million, 18 thousand."""
    for size, word in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.3g} {word}"
    return f"{value:.3g}"


def table(r: Ranked) -> Table:
    """For each rank the published model's count and share, and the small one's count and accuracy."""
    rows: list[tuple[Any, ...]] = [
        (f"{m} (small network)", "-", "-", a.footprint.trainable, f"{a.accuracy:.1%}")
        for m, a in r.others.items()
    ]
    small = {a.rank: a for a in [*r.curve, r.here]}
    for rank in sorted({*r.ranks, *small, r.rank}):
        count = r.model.lora(r.matrices, rank)
        found = small.get(rank)
        rows.append(
            (
                f"LoRA, rank {rank}",
                f"{count:,}",
                f"{100 * count / r.model.parameters:.4f} %",
                found.footprint.trainable if found else "-",
                f"{found.accuracy:.1%}" if found else "-",
            )
        )
    for row in r.published:
        published = f"{short(row.trainable)} ({row.cite})"
        rows.append((f"published, rank {row.rank:g}", published, "-", "-", "-"))
    caption = (
        f"LoRA on {_named(r.matrices)} of {r.model.model}, by formula; and on a digits network of "
        f"{r.others['full'].footprint.numbers:,} numbers, trained here on {EXAMPLES} images, mean of {SEEDS} runs"
    )
    columns = ("Way", r.model.model, "Of all its numbers", "Digits network", "Held-out accuracy")
    return Table(caption, columns, rows)


def _named(matrices: tuple[str, ...]) -> str:
    names = [MATRICES[m] for m in matrices]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def describe(r: Ranked) -> str:
    """The count, the memory, and the small network's accuracy beside full fine-tuning's."""
    full, lora, small = (m.total / 1e9 for m in r.memories.values())
    said = (
        f"LoRA of rank {r.rank} on {_named(r.matrices)} of {r.model.model} trains "
        f"{short(r.count)} numbers, {100 * r.count / r.model.parameters:.3f} % of the model's; training "
        f"then takes about {lora:,.0f} GB instead of {full:,.0f}, and {small:,.0f} with 4-bit weights. "
        f"On the small digits network rank {r.here.rank} reads {r.here.accuracy:.0%} of the mirrored "
        f"digits, full fine-tuning {r.others['full'].accuracy:.0%}, the head alone "
        f"{r.others['head'].accuracy:.0%}."
    )
    return said


def lora_rank(**initial: Any) -> Explorer:
    """LoRA's rank: numbers trained and memory of a published model, accuracy of a small one.

    ``initial`` sets any of model, rank, matrices; raises ValueError or TypeError for a value or a
    name that is not one of them.
    """
    return Explorer(
        RankParameters(**initial),
        title="The rank of LoRA",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="lora_rank",
    )
