"""Tokens as a reader sees them: their text with spaces and bytes made visible, and boxes for it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_VISIBLE = {" ": "␣", "\n": "↵", "\t": "⇥"}
_NARROW, _WIDE = set("iljtfr.,:;'`|!()[]-"), set("mwMW@%␣↵⇥")


def shown(token: bytes) -> str:
    """The text of a token; what is no text, or has no sign of its own, as bytes in hexadecimal."""
    try:
        text = token.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(f"<{byte:02X}>" for byte in token)
    return "".join(_sign(character) for character in text)


def quoted(token: bytes) -> str:
    """The token for a sentence."""
    return f"“{shown(token)}”"


def named(tokens: Sequence[bytes]) -> str:
    """A few tokens for a sentence, one after the other."""
    return " ".join(quoted(token) for token in tokens)


def wide(text: str, size: float = 13.0) -> float:
    """About how many pixels `text` takes in letters of `size` pixels."""
    return size / 13.0 * sum(_width(character) for character in text)


def shortened(text: str, most: float, size: float = 13.0) -> str:
    """`text`, cut with an ellipsis where it is wider than `most` pixels."""
    if wide(text, size) <= most:
        return text
    while text and wide(f"{text}…", size) > most:
        text = text[:-1]
    return f"{text}…"


def _sign(character: str) -> str:
    if character in _VISIBLE:
        return _VISIBLE[character]
    if unicodedata.category(character)[0] in "CZ":  # controls, other spaces: nothing to be seen
        return f"<{ord(character):04X}>"
    return character


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if character in _NARROW:
        return 4.9
    if unicodedata.east_asian_width(character) in "WF":
        return 15.0
    return 12.0 if character in _WIDE else 9.2 if character.isupper() else 7.7
