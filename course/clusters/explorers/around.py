"""Explorer: an all-reduce step by step: which sums are where, and what every rank has sent."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course.clusters import collectives
from course.clusters.collectives import Schedule
from course.widgets import DirectExplorer, Table, choice, slider
from course.widgets.scene import Line, Panel, Scene, Text, box
from course.widgets.stepper import stepper

SIZE = 400e6  # bytes of a rank's array: 100 million numbers in four bytes each
_MOST = 8  # ranks
_LONGEST = 2 * (_MOST - 1)  # steps of the longest
_WIDTH, _HEIGHT = 840.0, 470.0
_LEFT, _TOP, _AREA = 76.0, 96.0, 420.0  # where the ranks' pieces are drawn
_WAYS = {"ring all-reduce": "ring", "tree all-reduce": "tree"}


@dataclass(frozen=True)
class AllReduceParameters:
    """What the reader sets."""

    step: int = slider(1, 0, _LONGEST, label="Step")
    ranks: int = slider(4, 2, _MOST, label="Ranks (processes)")
    way: str = choice("ring all-reduce", _WAYS, label="Way")


@dataclass(frozen=True)
class Watched:
    """An all-reduce and the step that is shown (0: nothing was sent yet)."""

    parameters: AllReduceParameters
    plan: Schedule
    holds: Any  # (steps + 1, ranks, pieces): bit r is set where rank r's part is in the sum
    step: int

    @property
    def last(self) -> int:
        """The number of steps."""
        return len(self.plan.steps)

    @property
    def now(self) -> Any:
        """What each rank holds, (ranks, pieces)."""
        return self.holds[self.step]

    @property
    def full(self) -> int:
        """The sum that has every rank's part."""
        return int(2**self.plan.ranks - 1)

    @property
    def sent(self) -> dict[tuple[int, int], float]:
        """Bytes over each link so far."""
        return collectives.traffic(self.plan, SIZE, self.step)

    @property
    def sent_by(self) -> list[float]:
        """Bytes that each rank has sent so far."""
        sent = self.sent
        return [
            sum(count for (source, _), count in sent.items() if source == rank)
            for rank in range(self.plan.ranks)
        ]


def simulate(p: AllReduceParameters) -> Watched:
    """Carry the schedule out; the step only chooses which moment is shown."""
    plan, holds = _carried_out(p.way, p.ranks)
    return Watched(p, plan, holds, min(p.step, len(plan.steps)))


@lru_cache(maxsize=32)
def _carried_out(way: str, ranks: int) -> tuple[Schedule, Any]:
    plan = collectives.schedule(way, ranks)
    # Each rank's numbers are a bit of their own, so that a sum tells whose parts are in it.
    arrays = [np.full(plan.pieces, 2**rank) for rank in range(ranks)]
    states = collectives.simulate(plan, arrays)
    return plan, np.array([[[int(p[0]) for p in rank] for rank in now] for now in states])  # type: ignore[index]


def scene(w: Watched) -> Scene:
    """The pieces of every rank with what goes where, and the bytes sent."""
    marks = [*stepper(w.step, w.last), *_pieces(w), *_arrows(w), *_legend(w)]
    ground = (0.0, 0.0, _WIDTH, _HEIGHT)
    free = Panel(x=(0, _WIDTH), y=(_HEIGHT, 0), marks=marks, axes=False, place=ground)
    return Scene(free, _bytes(w), width=_WIDTH, height=_HEIGHT)


def _cell(w: Watched) -> tuple[float, float]:
    """Width and height of a piece, its gap included."""
    return _AREA / max(w.plan.pieces, 2), 336.0 / w.plan.ranks


def _pieces(w: Watched) -> list[Any]:
    """A box for each piece of each rank; a bar in it for each rank's part that the sum has."""
    wide, high = _cell(w)
    ranks = w.plan.ranks
    marks: list[Any] = []
    for rank in range(ranks):
        y = _TOP + rank * high
        marks.append(Text(_LEFT - 10, y + high / 2, f"rank {rank}", size=13, align="right"))
        for piece in range(w.plan.pieces):
            x, held = _LEFT + piece * wide, int(w.now[rank, piece])
            whole = held == w.full
            color = "C2" if whole else "C0"
            frame = (x + 4, y + 8, wide - 8, high - 16)
            marks.append(box(*frame, color=color, opacity=0.12, edge=color))
            bar, roomy = (wide - 16) / ranks, high > 50
            for part in range(ranks):
                if held >> part & 1:
                    place = (
                        x + 8 + part * bar + 0.5,
                        y + 12,
                        bar - 1,
                        high - (42 if roomy else 24),
                    )
                    marks.append(box(*place, color=color, opacity=0.55))
            if roomy:
                count = f"{held.bit_count()} of {ranks}"
                said = "whole sum" if whole and wide > 100 else count
                marks.append(Text(x + 8, y + high - 19, said, color, 11.5, bold=whole))
    for piece in range(w.plan.pieces):
        name = f"piece {piece}" if wide > 56 else f"{piece}"
        name = "the whole array" if w.plan.pieces == 1 else name
        x = _LEFT + (piece + 0.5) * wide
        marks.append(Text(x, _TOP - 9, name, "quiet", 12, align="center"))
    return marks


def _arrows(w: Watched) -> list[Any]:
    """What the step that is shown has sent: solid where it was added, dashed where it replaced."""
    if not w.step:
        return []
    wide, high = _cell(w)
    marks: list[Any] = []
    for send in w.plan.steps[w.step - 1]:
        x = _LEFT + (send.piece + 0.84) * wide
        a, b = _TOP + (send.source + 0.5) * high, _TOP + (send.target + 0.5) * high
        dash: Any = "solid" if send.adds else "dashed"
        look: Any = {"color": "C1", "width": 2.6, "dash": dash, "arrow": True}
        if w.plan.name.startswith("ring") and send.target == 0 and w.plan.ranks > 2:
            # From the last rank to the first: out below, in above.
            marks.append(Line([(x, a), (x, _TOP + w.plan.ranks * high + 14)], **look))
            marks.append(Line([(x, _TOP + 1), (x, b)], **look))
        else:
            shift = 9 if a > b else -9 if w.plan.ranks == 2 else 0
            marks.append(Line([(x + shift, a), (x + shift, b)], **look))
    return marks


def _legend(w: Watched) -> list[Any]:
    y = _HEIGHT - 12
    marks: list[Any] = []
    for x, dash, said in ((76.0, "solid", "sent and added"), (236.0, "dashed", "sent, replaces")):
        line = [(x, y), (x + 36, y)]
        marks.append(Line(line, "C1", 2.6, dash, arrow=True))  # type: ignore[arg-type]
        marks.append(Text(x + 44, y, said, "quiet", 12))
    marks.append(box(386, y - 7, 12, 13, color="C0", opacity=0.55))
    marks.append(Text(404, y, "one rank's part", "quiet", 12))
    return marks


def _bytes(w: Watched) -> Panel:
    """What each rank has sent, in megabytes, beside what the ring sends in all by formula."""
    ranks, sent = w.plan.ranks, [b / 1e6 for b in w.sent_by]
    formula = collectives.closed_form("ring all-reduce", ranks, SIZE).sent / 1e6
    whole = collectives.traffic(w.plan, SIZE)
    busiest = max(sum(b for (s, _), b in whole.items() if s == rank) for rank in range(ranks))
    high = 1.18 * max(busiest / 1e6, formula)
    marks: list[Any] = []
    for rank, count in enumerate(sent):
        marks.append(box(rank - 0.36, 0, 0.72, max(count, 0.002 * high), color="C0", opacity=0.6))
        size = 12 if ranks < 7 else 10
        label = f"{count:.0f}"
        marks.append(Text(rank, count + 0.035 * high, label, size=size, align="center"))
    marks.append(Line([(-0.6, formula), (ranks - 0.4, formula)], "C1", 2, "dashed"))
    title = f"Dashed: 2(n - 1)/n · {SIZE / 1e6:.0f} = {formula:.0f} MB"
    place = (534.0, 40.0, 306.0, 424.0)
    return Panel(
        (-0.6, max(ranks, 4) - 0.4),
        (0, high),
        marks,
        title=title,
        xlabel="rank",
        ylabel="MB sent so far",
        place=place,
    )


def table(w: Watched) -> Table:
    """What every rank holds and has sent."""
    rows: list[tuple[Any, ...]] = []
    for rank in range(w.plan.ranks):
        parts = [f"{int(held).bit_count()}" for held in w.now[rank]]
        rows.append((f"rank {rank}", " ".join(parts), f"{w.sent_by[rank] / 1e6:.1f} MB"))
    caption = f"{_WAYS[w.plan.name].capitalize()}, after step {w.step} of {w.last}; simulated"
    columns = ("Rank", f"Parts in each piece's sum, of {w.plan.ranks}", "Sent so far")
    return Table(caption, columns, rows)


def describe(w: Watched) -> str:
    """How far the sums have come, and what was sent beside the formula."""
    ranks, whole = w.plan.ranks, int((w.now == w.full).sum())
    said = (
        f"{_WAYS[w.plan.name].capitalize()} of {ranks} ranks, step {w.step} of {w.last}: "
        f"{whole} of {w.now.size} pieces are whole sums"
    )
    if not w.step:
        return said + "; nothing was sent yet."
    busiest = max(w.sent_by)
    said += f"; the busiest rank has sent {busiest / 1e6:.0f} MB"
    if w.step < w.last:
        return said + "."
    formula = collectives.closed_form("ring all-reduce", ranks, SIZE).sent
    if w.plan.name.startswith("ring"):
        equal = "as" if np.allclose(w.sent_by, formula) else "not as"
        return said + f", like all others, {equal} 2(n - 1)/n times the array says."
    return said + f"; in a ring it would be {formula / 1e6:.0f} MB, from every rank."


def all_reduce(**initial: Any) -> DirectExplorer:
    """An all-reduce by ring or tree, one step at a time, with the bytes that every rank sends.

    ``initial`` sets any of step, ranks, way; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return DirectExplorer(
        AllReduceParameters(**initial),
        title="All-reduce, step by step",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="all_reduce",
    )
