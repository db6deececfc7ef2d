"""The simplest tokenizer: one token for each character that the text has."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Characters:
    """A vocabulary of single characters; token i is `alphabet[i]`.

    Raises ValueError for an empty alphabet, or a character that is in it twice.
    """

    alphabet: str
    _number: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = {character: number for number, character in enumerate(self.alphabet)}
        if not numbers or len(numbers) < len(self.alphabet):
            raise ValueError(
                f"An alphabet has one or more characters, each once; got {self.alphabet!r}."
            )
        object.__setattr__(self, "_number", numbers)

    def __len__(self) -> int:
        return len(self.alphabet)

    @property
    def tokens(self) -> tuple[bytes, ...]:
        """The bytes of each token, by its number."""
        return tuple(character.encode("utf-8") for character in self.alphabet)

    def encode(self, text: str) -> list[int]:
        """The tokens of `text`; raises ValueError, naming it, for a character never seen."""
        strange = [character for character in text if character not in self._number]
        if strange:
            raise ValueError(
                f"The character {strange[0]!r} was never seen in training, so it has no token. "
                f"This vocabulary has {self._words()}. Leave it out, or take a tokenizer of bytes, "
                "which has tokens for every text."
            )
        return [self._number[character] for character in text]

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`; raises ValueError for a number that is no token."""
        found = []
        for token in tokens:
            if not 0 <= token < len(self):
                raise ValueError(
                    f"{token} is no token: this vocabulary's go from 0 to {len(self) - 1}."
                )
            found.append(self.alphabet[token])
        return "".join(found)

    def _words(self) -> str:
        named = {"\n": "the line's end", " ": "the space"}
        plain = "".join(c for c in self.alphabet if c not in named)
        shown = plain if len(plain) <= 60 else f"{plain[:60]} and {len(plain) - 60} more"
        return " and ".join([shown, *(named[c] for c in named if c in self.alphabet)])


def characters(text: str) -> Characters:
    """The vocabulary of all characters of `text`, in the order of their code points.

    Raises ValueError for a text without any.
    """
    if not isinstance(text, str) or not text:
        raise ValueError("There is no character to learn from: give a text that is not empty.")
    return Characters("".join(sorted(set(text))))
