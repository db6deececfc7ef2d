"""Explorer: may it be launched? A risk class, a checklist, and the risk that is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from course.trust.checklist import AREAS, COLUMNS, ITEMS, Answer, Judged, Verdict, judge, risk_class
from course.trust.register import Risk
from course.widgets import Explorer, Table, choice, choices, style

_AREAS = {**AREAS, "banned": "A banned practice (Article 5), such as social scoring"}
_SETTLED = {item.key: item.key for item in ITEMS}
_DEFAULT = ("purpose", "data", "performance", "groups")
_SIGNED = {"no": "nobody signs", "yes": "each open item has an owner and a date"}


@dataclass(frozen=True)
class LaunchParameters:
    """What the reader sets."""

    area: str = choice("essential", _AREAS, label="What it decides about")
    settled: tuple[str, ...] = choices(_DEFAULT, _SETTLED, label="Settled, with evidence")
    signed: str = choice("no", _SIGNED, label="Risk that is left")


@dataclass(frozen=True)
class Launch:
    """The risk class and the checklist held beside the answers."""

    verdict: Verdict
    judged: Judged

    @property
    def decision(self) -> str:
        """What is to be done: a banned use ends everything else."""
        if self.verdict.name == "Prohibited":
            return "Stop: the use itself is banned, whatever is settled."
        return self.judged.decision


def simulate(p: LaunchParameters) -> Launch:
    """Walk the tree."""
    answers = {key: Answer("yes", "in the file") for key in p.settled}
    left = [item for item in ITEMS if item.key not in p.settled] if p.signed == "yes" else []
    risks = [
        Risk(
            item=item.key,
            harm=f"“{item.key}” is not settled",
            to_whom="the people judged",
            likelihood="medium",
            severity="high" if item.stops else "medium",
            mitigation="a person decides doubtful cases",
            owner="the named role",
            review="2027-06-30",
        )
        for item in left
    ]
    banned = p.area == "banned"
    verdict = risk_class(prohibited=banned, area="none" if banned else p.area)
    return Launch(verdict, judge("the system", answers, risks))


def figure(launch: Launch, fig: Figure) -> None:
    """The items, each settled, open, or open and stopping the launch."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.01, right=0.99, top=0.8, bottom=0.01)
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(len(ITEMS), -0.2))
    unsettled = {item.key for item in launch.judged.open}
    for place, item in enumerate(ITEMS):
        word, colour = ("settled", style.ink())
        if item.key in unsettled:
            signed = launch.judged.register.covers(item.key) and not item.stops
            word, colour = ("STOPS", "C1") if item.stops else ("open", "C0")
            word = "signed for" if signed else word
        weight = "bold" if word == "STOPS" else "normal"
        axes.text(0, place + 0.5, word, color=colour, fontsize=9.5, weight=weight)
        axes.text(0.1, place + 0.5, item.question, color=colour, fontsize=9.5)
    axes.set_title(
        f"Class after the EU AI Act's headlines: {launch.verdict.name}\n{launch.decision}",
        fontsize=10,
    )


def table(launch: Launch) -> Table:
    """The checklist with its frameworks."""
    return Table(f"Launch checklist. {launch.decision}", COLUMNS, launch.judged.rows())


def describe(launch: Launch) -> str:
    """The class and the decision."""
    left = len(launch.judged.open)
    items = f"{left} of {len(ITEMS)} items are open" if left else "No item is open"
    return f"{launch.verdict.name}: {launch.verdict.why} {items}. {launch.decision}"


def launch(**initial: Any) -> Explorer:
    """A launch decision, from the kind of use to the risks that are left. No legal advice.

    ``initial`` sets any of area, settled, signed; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return Explorer(
        LaunchParameters(**initial),
        title="May it be launched?",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="launch",
    )
