"""The text that language models are trained on, counted in lifetimes of reading."""

from __future__ import annotations

from dataclasses import dataclass

from course.facts.corpora import corpora
from course.facts.reading import reading_fact
from course.facts.training_runs import training_runs

DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Text:
    """An amount of text in tokens; ``source`` cites it, and is empty for our own calculation."""

    name: str
    tokens: float
    source: str


@dataclass(frozen=True)
class Lifetimes:
    """What one person reads at ``hours`` a day over ``years``, beside published amounts of text."""

    hours: float
    years: float
    reader: Text
    texts: tuple[Text, ...]

    def of(self, text: Text) -> float:
        """How many lifetimes of reading an amount of text is."""
        return text.tokens / self.reader.tokens


def lifetime_tokens(hours: float, years: float) -> float:
    """Tokens read by one person at the published mean speed: a calculation, not a published figure.

    hours: of reading a day. years: of reading. Raises ValueError unless both are above 0.
    """
    if not (hours > 0 and years > 0):
        raise ValueError(f"hours and years must be above 0, not {hours} and {years}")
    words = reading_fact("silent reading").value * 60 * hours * DAYS_A_YEAR * years
    return words / reading_fact("words in a token").value


def lifetimes(hours: float, years: float) -> Lifetimes:
    """Hold one reader against the published web corpora and training runs, the smallest first."""
    reader = Text("one lifetime of reading", lifetime_tokens(hours, years), "")
    texts = [
        Text(f"{corpus.name} (corpus)", corpus.value, corpus.cite)
        for corpus in corpora()
        if corpus.verified and corpus.unit == "tokens"
    ]
    wanted = ("GPT-3 175B", "LLaMA-65B", "Llama-3.1-405B")
    texts += [
        Text(f"{run.model} (training run)", run.billion_tokens * 1e9, run.cite)
        for run in training_runs()
        if run.model in wanted and run.verified and run.billion_tokens is not None
    ]
    return Lifetimes(hours, years, reader, tuple(sorted(texts, key=lambda text: text.tokens)))
