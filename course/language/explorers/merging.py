"""Explorer: byte-pair encoding, merge by merge, on a text of one's own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from course.language import texts, tokenizer
from course.language.explorers.tokens import named, quoted, shown, wide
from course.language.pieces import pieces
from course.widgets import DirectExplorer, Table, choice, slider, text
from course.widgets.scene import Handle, Line, Panel, Points, Scene, Spot, Text, box

_WIDTH, _LOWEST = 840.0, 244.0  # of the scene; where the last line of the text may begin
_MOST = 500
_EXAMPLE = (
    "the cat sat on the mat. the other cat sat on the other mat, and the rat that ate the fat "
    "of the cat sat flat."
)
_FROM = {"here": "this text itself", "manual": "Python's manual"}


@dataclass(frozen=True)
class MergingParameters:
    """What the reader sets."""

    words: str = text(_EXAMPLE, label="Text (type your own)", fewest=1, most=300, lines=2)
    merges: int = slider(8, 0, _MOST, label="Merges")
    learned: str = choice("here", _FROM, label="Learned from")
    token: int = slider(0, 0, 299, label="Token looked at", hidden=True)


@dataclass(frozen=True)
class Merging:
    """A text cut into tokens by the first merges of a vocabulary, and how many by any number."""

    parameters: MergingParameters
    learned: tokenizer.Tokenizer
    tokens: list[int]
    counts: list[int]  # tokens of the text after 0, 1, 2 ... merges

    @property
    def made(self) -> int:
        """How many merges are made: fewer than asked for where the text has run out of pairs."""
        return min(self.parameters.merges, len(self.learned.merges))

    @property
    def latest(self) -> tokenizer.Merge | None:
        """The merge made last."""
        return self.learned.merges[self.made - 1] if self.made else None

    @property
    def following(self) -> tokenizer.Merge | None:
        """The merge that comes next."""
        merges = self.learned.merges
        return merges[self.made] if self.made < len(merges) else None

    @property
    def looked_at(self) -> int:
        """The place of the token that the reader points at."""
        return min(self.parameters.token, len(self.tokens) - 1)

    def bytes_of(self, token: int) -> bytes:
        """A token's bytes."""
        return self.learned.tokens[token]


def simulate(p: MergingParameters) -> Merging:
    """Learn the merges, then make them one after the other on the text."""
    learned = _vocabulary(p.words if p.learned == "here" else "", p.learned)
    tokens, counts = _encoded(p.words, p.learned, min(p.merges, len(learned.merges)))
    return Merging(p, learned, list(tokens), list(counts))


@lru_cache(maxsize=64)
def _vocabulary(words: str, learned: str) -> tokenizer.Tokenizer:
    source = words if learned == "here" else texts.manual().text
    return tokenizer.train(source, 256 + _MOST)


@lru_cache(maxsize=64)
def _history(words: str, learned: str) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """The pieces of the text after 0, 1, 2 ... merges."""
    vocabulary = _vocabulary(words if learned == "here" else "", learned)
    single = tokenizer.Tokenizer(vocabulary.tokens[:256], ())
    now = [single.encode(piece) for piece in pieces(words)]
    found = [tuple(map(tuple, now))]
    for merge in vocabulary.merges:
        now = [
            tokenizer.joined(word, merge.pair, merge.token)
            if merge.pair in set(pairwise(word))
            else word
            for word in now
        ]
        found.append(tuple(map(tuple, now)))
    return tuple(found)


def _encoded(words: str, learned: str, merges: int) -> tuple[list[int], list[int]]:
    history = _history(words, learned)
    counts = [sum(map(len, state)) for state in history]
    return [token for piece in history[merges] for token in piece], counts


def scene(m: Merging) -> Scene:
    """The text in boxes, one a token; the merge just made and the next; tokens against merges."""
    high = _lower(m) + 184
    marks = [*_buttons(m), *_words(m), *_steps(m)]
    ground = Panel((0, _WIDTH), (high, 0), marks, axes=False, place=(0, 0, _WIDTH, high))
    return Scene(ground, _curve(m), width=_WIDTH, height=high)


def _buttons(m: Merging) -> list[Any]:
    marks: list[Any] = []
    last = len(m.learned.merges)
    steps = (
        ("back", "← Back", max(m.made - 1, 0)),
        ("next", "Next merge →", min(m.made + 1, last)),
        ("start", "Bytes alone", 0),
        ("end", "All merges", last),
    )
    for n, (name, label, merges) in enumerate(steps):
        x = 10.0 + 130 * n
        marks.append(box(x, 6, 120, 28, color="quiet", opacity=0.15, edge="quiet"))
        marks.append(Text(x + 60, 20, label, size=13, align="center"))
        marks.append(Spot(name, x, 6, 120, 28, label, sets={"merges": merges}))
    made = f"merge {m.made} of {last}"
    return [*marks, Text(548, 20, f"{made}: {len(m.tokens)} tokens", "ink", 13, bold=True)]


def _laid(m: Merging, tokens: list[int]) -> tuple[list[tuple[float, float, float]], float, float]:
    """Left, top and width of each token that has room; the height of all; the size of letters."""
    size = 13.0 if m.counts[0] < 180 else 11.0
    places, x, y = [], 10.0, 46.0
    for token in tokens:
        across = wide(shown(m.bytes_of(token)), size) + 7
        if x + across > _WIDTH - 8:
            x, y = 10.0, y + size + 13
            if y > _LOWEST:
                break
        places.append((x, y, across))
        x += across + 2
    return places, size + 9, size


def _lower(m: Merging) -> float:
    """Where the lower half begins: below the text as bytes, which no merge makes longer."""
    single = [
        token for piece in _history(m.parameters.words, m.parameters.learned)[0] for token in piece
    ]
    places, high, _ = _laid(m, single)
    return places[-1][1] + high + 40


def _words(m: Merging) -> list[Any]:
    """Each token in a box of its own; every second one is shaded, the latest merge framed twice."""
    places, high, size = _laid(m, m.tokens)
    fresh = m.latest.token if m.latest else None
    marks: list[Any] = []
    for place, (token, (x, y, across)) in enumerate(zip(m.tokens, places, strict=False)):
        word = shown(m.bytes_of(token))
        color = "C1" if token == fresh else "C0"
        shade = 0.32 if token == fresh else (0.22 if place % 2 else 0.08)
        marks.append(box(x, y, across, high, color=color, opacity=shade, edge=color))
        if token == fresh:
            marks.append(box(x + 1.5, y + 1.5, across - 3, high - 3, opacity=0, edge=color))
        middle = (x + across / 2, y + high / 2)
        marks.append(Text(*middle, word, size=size, align="center", bold=token == fresh))
        said = f"Token {place + 1}: {word}"
        spot = (x, y, across, high, said, {"token": place}, place == m.looked_at)
        marks.append(Spot(f"token {place}", *spot, hover=True))
    if more := len(m.tokens) - len(places):
        x, y, _ = places[-1]
        marks.append(Text(10, y + high + 12, f"… and {more} more tokens", "quiet", 12))
    return marks


def _steps(m: Merging) -> list[Any]:
    top = _lower(m)
    token = m.tokens[m.looked_at]
    raw = m.bytes_of(token)
    times = m.tokens.count(token)
    lines = [
        (
            "Token you point at",
            f"{quoted(raw)}: number {token}, {_bytes(raw)}, here {_times(times)}",
        )
    ]
    lines.append(("Merged last", _said(m, m.latest) or "nothing yet: every byte is a token"))
    lines.append(
        ("Merged next", _said(m, m.following) or "nothing: no two tokens of a word are left")
    )
    marks: list[Any] = []
    for n, (head, words) in enumerate(lines):
        marks.append(Text(10, top + 46 * n, head, "quiet", 12))
        marks.append(Text(10, top + 19 + 46 * n, words, size=13.5, bold=n == 1))
    return marks


def _said(m: Merging, merge: tokenizer.Merge | None) -> str:
    if merge is None:
        return ""
    left, right = (quoted(m.bytes_of(token)) for token in merge.pair)
    source = _FROM[m.parameters.learned]
    return (
        f"{left} + {right} → {quoted(m.bytes_of(merge.token))}, {_times(merge.times)} in {source}"
    )


def _curve(m: Merging) -> Panel:
    """How many tokens the text has after each number of merges; the dot can be dragged."""
    last = max(len(m.learned.merges), 1)
    top = 1.08 * max(m.counts)
    line = [(merges, count) for merges, count in enumerate(m.counts)]
    handle = Handle(
        "merges",
        m.made,
        len(m.tokens),
        "Merges",
        x_sets="merges",
        axis="x",
        step=(1, 1),
        color="C1",
    )
    return Panel(
        (0, last),
        (0, top),
        [Line(line, "C0"), Points([(m.made, len(m.tokens))], "C1", size=10), handle],
        xlabel="merges (drag the dot)",
        ylabel="tokens of the text",
        place=(470, _lower(m) - 20, 366, 200),
        grid=True,
        click="merges",
    )


def table(m: Merging) -> Table:
    """Every different token of the text: its number, its bytes, how often it stands there."""
    rows = [
        (token, shown(m.bytes_of(token)), _bytes(m.bytes_of(token)), times)
        for token, times in Counter(m.tokens).most_common()
    ]
    caption = f"The text's {len(m.tokens)} tokens after {m.made} merges, the commonest first"
    return Table(caption, ("Number", "Token", "Bytes", "Times"), rows)


def describe(m: Merging) -> str:
    """How short the text has become, which merge was last, and where nothing is left to merge."""
    letters = len(m.parameters.words)
    said = (
        f"After {m.made} merges learned from {_FROM[m.parameters.learned]}, the text of {letters} "
        f"characters ({m.counts[0]} bytes) has {len(m.tokens)} tokens, "
        f"{letters / len(m.tokens):.2f} characters each on average"
    )
    if m.latest:
        said += f"; the last merge made {quoted(m.bytes_of(m.latest.token))}"
    if m.parameters.merges > m.made:
        said += f". {m.parameters.merges} were asked for, but then no pair was left to merge"
    return f"{said}. It begins {named([m.bytes_of(token) for token in m.tokens[:6]])}."


def _bytes(raw: bytes) -> str:
    return "1 byte" if len(raw) == 1 else f"{len(raw)} bytes"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def byte_pairs(**initial: Any) -> DirectExplorer:
    """Byte-pair encoding: watch a text become fewer and longer tokens, one merge at a time.

    ``initial`` sets any of words, merges, learned, token; raises ValueError or TypeError for a
    value or a name that is not one of them.
    """
    return DirectExplorer(
        MergingParameters(**initial),
        title="Byte-pair encoding",
        simulate=simulate,
        scene=scene,
        table=table,
        describe=describe,
        opener="byte_pairs",
    )
