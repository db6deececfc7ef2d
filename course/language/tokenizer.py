"""Byte-pair encoding: a vocabulary that grows by joining the commonest pair of neighbours.

Training starts with the 256 bytes. Each step joins the pair of tokens that stands side by side most
often, inside the pieces of `pieces.py`, and gives the pair a token of its own (Sennrich et al. 2016;
over bytes: GPT-2, 2019). Encoding repeats the joins in the order in which they were learned.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Any, NamedTuple

from course.language.pieces import pieces

Pair = tuple[int, int]

# The bytes in the order of GPT-2's vocabulary: those with a visible character first. The order
# decides between pairs that are equally common.
_VISIBLE = [*range(33, 127), *range(161, 173), *range(174, 256)]
BYTES = bytes([*_VISIBLE, *sorted(set(range(256)) - set(_VISIBLE))])
_NUMBER = {byte: number for number, byte in enumerate(BYTES)}


class Merge(NamedTuple):
    """One step of training: the pair that was joined, its token, how often it stood there."""

    pair: Pair
    token: int
    times: int


@dataclass(frozen=True)
class Tokenizer:
    """A vocabulary of byte sequences, and the merges that it grew by.

    tokens: the bytes of each token, by its number; the first 256 are the single bytes.
    merges: in the order in which they were learned.
    """

    tokens: tuple[bytes, ...]
    merges: tuple[Merge, ...]
    _rank: dict[Pair, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ranks: dict[Pair, int] = {}
        for rank, merge in enumerate(self.merges):
            ranks.setdefault(merge.pair, rank)
        object.__setattr__(self, "_rank", ranks)
        # Words come again and again, so each tokenizer remembers what it made of them.
        object.__setattr__(self, "_encode_piece", lru_cache(100_000)(self._encode_piece))

    def __len__(self) -> int:
        return len(self.tokens)

    def encode(self, text: str) -> list[int]:
        """The tokens of `text`. Every text has some, whatever its characters."""
        return [token for piece in pieces(text) for token in self._encode_piece(piece)]

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`; bytes that are no valid UTF-8 become U+FFFD.

        Raises ValueError for a number that is no token of this vocabulary.
        """
        found = []
        for token in tokens:
            if not 0 <= token < len(self):
                raise ValueError(
                    f"{token} is no token: this vocabulary's go from 0 to {len(self) - 1}."
                )
            found.append(self.tokens[token])
        return b"".join(found).decode("utf-8", errors="replace")

    def _encode_piece(self, piece: str) -> list[int]:
        word = [_NUMBER[byte] for byte in _bytes(piece)]
        while len(word) > 1:
            first = min(pairwise(word), key=lambda pair: self._rank.get(pair, len(self.merges)))
            if first not in self._rank:
                break
            word = joined(word, first, self.merges[self._rank[first]].token)
        return word


def train(
    text: str,
    size: int,
    *,
    on_merge: Callable[[Merge], object] = lambda merge: None,
    progress: bool = False,
) -> Tokenizer:
    """Learn a vocabulary of `size` tokens from `text`.

    The vocabulary stays smaller where the text runs out of pairs. Among equally common pairs the
    one with the smaller numbers is joined first. on_merge: called after each merge. progress:
    whether to draw a bar. Raises ValueError for a size below 256, which the bytes alone fill.
    """
    if not isinstance(text, str):
        raise ValueError(f"A vocabulary is learned from a text (str), not from {text!r:.60}.")
    if isinstance(size, bool) or not isinstance(size, int):
        raise ValueError(f"The size of a vocabulary is a whole number, got {size!r}.")
    if size < len(BYTES):
        raise ValueError(
            f"A vocabulary of {size} tokens has no room for the 256 bytes; ask for 256 or more."
        )
    counted = Counter(pieces(text))
    words = [[_NUMBER[byte] for byte in _bytes(piece)] for piece in counted]
    often = list(counted.values())
    tokens = [bytes([byte]) for byte in BYTES]
    number_of = {token: number for number, token in enumerate(tokens)}

    counts: Counter[Pair] = Counter()
    places: defaultdict[Pair, set[int]] = defaultdict(set)  # the words that hold a pair, or held it
    for place, word in enumerate(words):
        for pair in pairwise(word):
            counts[pair] += often[place]
            places[pair].add(place)
    # The heap may hold old counts: a pair is looked up again when it comes to the top.
    heap = [(-count, pair) for pair, count in counts.items()]
    heapify(heap)

    bar = _bar(size - len(tokens)) if progress else None
    merges: list[Merge] = []
    while len(tokens) < size and heap:
        count, pair = heappop(heap)
        now = counts[pair]
        if now != -count:
            if now > 0:
                heappush(heap, (-now, pair))
            continue
        token = tokens[pair[0]] + tokens[pair[1]]
        if token not in number_of:  # two different pairs may make the same bytes
            number_of[token] = len(tokens)
            tokens.append(token)
        changed = set()
        for place in places.pop(pair):
            before = words[place]
            after = words[place] = joined(before, pair, number_of[token])
            for old in pairwise(before):
                counts[old] -= often[place]
            for new in pairwise(after):
                counts[new] += often[place]
                if number_of[token] in new:
                    places[new].add(place)
                    changed.add(new)
        del counts[pair]
        for new in changed:
            heappush(heap, (-counts[new], new))
        merges.append(Merge(pair, number_of[token], now))
        on_merge(merges[-1])
        if bar is not None:
            bar.update(1)
    if bar is not None:
        bar.close()
    return Tokenizer(tuple(tokens), tuple(merges))


def _bar(merges: int) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=merges, unit="merge", desc="byte pairs")


def joined(word: list[int], pair: Pair, token: int) -> list[int]:
    """`word` with each `pair` of neighbours, from the left, replaced by `token`."""
    result: list[int] = []
    place = 0
    while place < len(word):
        if place + 1 < len(word) and (word[place], word[place + 1]) == pair:
            result.append(token)
            place += 2
        else:
            result.append(word[place])
            place += 1
    return result


def _bytes(piece: str) -> bytes:
    """UTF-8; half of a surrogate pair, which has no UTF-8, becomes U+FFFD."""
    return piece.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
