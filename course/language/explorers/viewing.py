"""What the attention viewer shows: a text inside the model trained here, seen from one token."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.language import trained
from course.language.characters import Characters
from course.language.inside import Inside, entropy, look_inside
from course.widgets import choice, slider, text

Array = NDArray[np.float64]

MODELS = {"names": "Names, letter by letter", "manual": "Python's manual, byte pairs"}
STAGES = {
    "scores": "1 Scores",
    "masked": "2 Causal mask",
    "weights": "3 Softmax",
}
LAYERS, HEADS = 2, 4  # of both models
_LONGEST = 400  # tokens, until the viewer stops by itself
MOST_KEPT = 50


@dataclass(frozen=True)
class ViewerParameters:
    """What the reader sets."""

    prompt: str = text("mar", label="Prompt (type your own)", most=120)
    temperature: float = slider(0.8, 0.0, 2.0, step=0.05, label="Temperature")
    top_k: int = slider(
        MOST_KEPT, 1, MOST_KEPT, label="Top-k", unit=f"likeliest tokens; {MOST_KEPT}: all"
    )
    top_p: float = slider(1.0, 0.05, 1.0, step=0.05, label="Top-p", unit="share")
    model: str = choice("names", MODELS, label="Model", hidden=True)
    layer: int = slider(0, 0, LAYERS - 1, label="Layer", hidden=True)
    head: int = slider(0, 0, HEADS - 1, label="Head", hidden=True)
    stage: str = choice("weights", STAGES, label="Stage", hidden=True)
    place: int = slider(-1, -1, 63, label="Token that looks", hidden=True)  # -1: the last one
    seed: int = slider(0, 0, 99, label="Seed", hidden=True)


@dataclass
class View:
    """A text and what the model does with it; grows token by token.

    notes: sentences about what was left out of the prompt, and why.
    """

    parameters: ViewerParameters
    tokens: list[int] = field(default_factory=list)
    drawn: int = 0  # how many of the tokens the model (or the reader) has added
    notes: list[str] = field(default_factory=list)
    missing: str = ""  # why there is nothing to see
    inside: Any = None

    def start(self) -> None:
        """Take the prompt, and look inside."""
        p = self.parameters
        self.tokens, self.drawn, self.notes, self.missing = [], 0, [], ""
        if not trained.is_ready(p.model):
            self.missing = (
                f"This model is not trained yet: run `trained.trained({p.model!r}, progress=True)` "
                "in a cell of its own, then press Start over."
            )
            return
        self.stream = np.random.default_rng(p.seed)
        self.tokens = self._encoded(p.prompt)
        self.look()

    @property
    def ready(self) -> bool:
        """Whether there is a model and a text to look at."""
        return not self.missing

    @property
    def full(self) -> bool:
        """Whether it has written as much as it may."""
        return self.drawn >= _LONGEST or not self.ready

    @property
    def learned(self) -> trained.Trained:
        """The model at work."""
        return trained.trained(self.parameters.model)

    def _encoded(self, prompt: str) -> list[int]:
        """The prompt's tokens; what the vocabulary lacks is left out, and said."""
        tokenizer = self.learned.tokenizer
        if isinstance(tokenizer, Characters):
            if prompt != prompt.lower():
                self.notes.append("Capital letters were made small: the model has seen no others.")
            prompt = prompt.lower()
            strange = dict.fromkeys(c for c in prompt if c not in tokenizer.alphabet)
            if strange:
                named = " ".join(f"“{c}”" if c.isprintable() else repr(c) for c in strange)
                self.notes.append(f"Left out, for they were never seen in training: {named}.")
            prompt = "".join(c for c in prompt if c in tokenizer.alphabet)
            prompt = trained.START + prompt.lstrip(trained.START)  # names begin after a line's end
        if not prompt:
            self.notes.append("The prompt is empty, so the text begins with the end of a line.")
        tokens = tokenizer.encode(prompt or trained.START)
        context = self.learned.recipe.context
        if len(tokens) > context:
            self.notes.append(f"The model sees only the last {context} of {len(tokens)} tokens.")
        return tokens

    def look(self) -> None:
        """Compute what the model does with the present text."""
        self.inside = look_inside(self.learned.model, self.tokens)

    def draw(self) -> None:
        """Add one token, drawn by the present settings."""
        chances = self.chances
        self.add(int(self.stream.choice(len(chances), p=chances)))

    def add(self, token: int) -> None:
        """Add `token`, by lot or by the reader's choice."""
        self.tokens.append(token)
        self.drawn += 1
        self.look()

    @property
    def seen(self) -> Inside:
        """What is inside, of the tokens that the context holds."""
        found: Inside = self.inside
        return found

    @property
    def place(self) -> int:
        """The token that looks, counted within the context."""
        last = len(self.seen.tokens) - 1
        return last if not 0 <= self.parameters.place <= last else self.parameters.place

    @property
    def matrix(self) -> Array:
        """The chosen head's scores, masked scores or attention, (t, t)."""
        p = self.parameters
        found: Array = getattr(self.seen, p.stage)[p.layer, p.head]
        return found

    @property
    def attention(self) -> Array:
        """The chosen head's attention, (t, t)."""
        found: Array = self.seen.weights[self.parameters.layer, self.parameters.head]
        return found

    @property
    def chances(self) -> Array:
        """The next token's chances with the reader's settings."""
        p = self.parameters
        top_k = None if p.top_k >= MOST_KEPT else p.top_k
        return self.seen.chances(p.temperature, top_k, p.top_p)

    @property
    def plain(self) -> Array:
        """The next token's chances as the model gives them."""
        return self.seen.chances()

    def likeliest(self, count: int) -> list[int]:
        """The `count` likeliest next tokens."""
        return [int(token) for token in np.argsort(-self.plain, kind="stable")[:count]]

    def bytes_of(self, token: int) -> bytes:
        """A token's bytes."""
        return self.learned.tokenizer.tokens[token]

    def words(self) -> tuple[str, str]:
        """The prompt as it was taken, and what was added, as text."""
        tokenizer = self.learned.tokenizer
        first = len(self.tokens) - self.drawn
        return tokenizer.decode(self.tokens[:first]), tokenizer.decode(self.tokens[first:])

    @property
    def choices_left(self) -> float:
        """Among how many equally likely tokens the draw would be as uncertain."""
        return float(np.exp(entropy(self.chances)))
