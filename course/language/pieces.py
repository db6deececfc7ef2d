"""Cutting text into pieces, words with the space before them, that a token never crosses.

The cut is GPT-2's: contractions of English, letters, numbers, everything else, white space; see
Radford et al., "Language Models are Unsupervised Multitask Learners" (2019), and its `encoder.py`.
"""

import re
import sys
from functools import cache
from itertools import groupby
from unicodedata import category

# Unicode's White_Space, which differs from Python's \s in a few control characters.
_SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"


def pieces(text: str) -> list[str]:
    """The pieces of `text` in order; joined, they are `text` again."""
    return _pattern().findall(text)


@cache
def _pattern() -> re.Pattern[str]:
    # Python's `re` knows no Unicode categories, so letters and numbers are listed as ranges.
    letters, numbers = _ranges("L"), _ranges("N")
    return re.compile(
        f"'s|'t|'re|'ve|'m|'ll|'d| ?[{letters}]+| ?[{numbers}]+"
        f"| ?[^{_SPACE}{letters}{numbers}]+|[{_SPACE}]+(?![^{_SPACE}])|[{_SPACE}]+"
    )


def _ranges(initial: str) -> str:
    """All characters whose category begins with `initial`, as ranges of a regular expression."""
    codes = range(sys.maxunicode + 1)
    found = [code for code in codes if category(chr(code)).startswith(initial)]
    # Neighbours share the difference between a code and its place in the list.
    runs = [list(run) for _, run in groupby(enumerate(found), lambda pair: pair[1] - pair[0])]
    return "".join(f"\\U{run[0][1]:08x}-\\U{run[-1][1]:08x}" for run in runs)
