"""The models of lesson 07: how each is trained, and training them once.

Nothing trained lies in this project. A model is trained where it is first asked for, and kept for
the rest of the program; in a learner's folder also on disk, beside the progress, until the recipe,
the text or the engine is another.
"""

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from course import scratch, training
from course.language import batches, texts, tokenizer
from course.language.characters import Characters, characters
from course.language.gpt import Config, gpt, next_token_loss
from course.language.sampling import generate
from course.progress.record import HOME, learner_folder

Tokens = Characters | tokenizer.Tokenizer
# What a prompt begins with where the reader gives none: the token that separates names, or lines.
START = "\n"


@dataclass(frozen=True)
class Recipe:
    """A text, a model's size, and how to train it.

    vocabulary: 0 for single characters, else the size of the byte-pair vocabulary.
    lr: the highest learning rate; it rises over the first twentieth and falls to nearly 0.
    """

    text: str
    vocabulary: int
    context: int
    layers: int
    heads: int
    width: int
    batch_size: int
    steps: int
    lr: float
    weight_decay: float = 0.01
    held_out: float = 0.05
    seed: int = 0

    def config(self, size: int) -> Config:
        """The model's settings for a vocabulary of `size` tokens."""
        return Config(
            size, context=self.context, layers=self.layers, heads=self.heads, width=self.width
        )


RECIPES = {
    "names": Recipe("names", 0, 16, 2, 4, 48, 32, 1500, 5e-3),
    "manual": Recipe("prose", 768, 32, 2, 4, 96, 16, 1300, 4e-3),
}
_TEXTS: dict[str, Callable[[], texts.Text]] = {"names": texts.names, "prose": texts.prose}


@dataclass
class Trained:
    """A trained model with its tokenizer and what its training was like.

    losses: of each step. held_out: the mean loss a token on text that was kept back.
    seconds: of the training. kept: "" or where the model was read from. start: what a text begins
    with where no prompt is given.
    """

    recipe: Recipe
    tokenizer: Tokens
    model: Any
    losses: list[float] = field(repr=False)
    held_out: float
    seconds: float
    kept: str = ""
    start: str = START

    @property
    def parameters(self) -> int:
        """How many numbers the model learned."""
        return sum(weight.numel() for weight in self.model.parameters())

    def write(self, prompt: str = "", count: int = 100, **settings: Any) -> str:
        """`prompt` and `count` tokens that the model adds; `settings` are those of `generate`.

        Raises ValueError for characters never seen and for settings out of range.
        """
        tokens = self.tokenizer.encode(prompt or self.start)
        added = self.tokenizer.decode(generate(self.model, tokens, count, **settings))
        return prompt + added

    def __str__(self) -> str:
        recipe = self.recipe
        made = f"read from {self.kept}" if self.kept else f"trained here in {self.seconds:.0f} s"
        return (
            f"GPT on {recipe.text}: {self.parameters:,} parameters, {len(self.tokenizer)} tokens, "
            f"context {recipe.context}; {made}. Loss {np.mean(self.losses[:10]):.2f} at first, "
            f"{np.mean(self.losses[-50:]):.2f} at the end, {self.held_out:.2f} on held-out text."
        )


def recipe(name: str) -> Recipe:
    """The recipe called `name`; raises ValueError, which lists the names, for another."""
    if name not in RECIPES:
        raise ValueError(f"There is no model {name!r}. Choose one of: {', '.join(RECIPES)}.")
    return RECIPES[name]


def tokens_of(chosen: Recipe) -> tuple[Tokens, list[int]]:
    """The recipe's tokenizer, learned from its text, and the text in its tokens."""
    return _cut(_TEXTS[chosen.text]().text, chosen.vocabulary)


def _cut(text: str, vocabulary: int) -> tuple[Tokens, list[int]]:
    made: Tokens = characters(text)
    if vocabulary:
        made = tokenizer.train(text, vocabulary)
    return made, made.encode(text)


def learn(engine: Any, model: Any, chosen: Recipe, tokens: list[int]) -> Iterator[float]:
    """Train `model`, of either engine, by the recipe; hands out the loss of each step.

    Both engines get the same batches. Raises ValueError where the text is too short.
    """
    windows, _ = loaders_of(engine, chosen, tokens)
    optimizer = engine.optim.AdamW(
        model.parameters(), lr=chosen.lr, weight_decay=chosen.weight_decay
    )
    rise, steps = max(1, chosen.steps // 20), chosen.steps
    rate = engine.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / rise, 0.01 + 0.99 * (1 + np.cos(np.pi * step / steps)) / 2),
    )
    for step in training.steps(model, windows, loss=next_token_loss(engine), optimizer=optimizer):
        rate.step()
        yield step.loss


def held_out_loss(engine: Any, model: Any, chosen: Recipe, tokens: list[int]) -> float:
    """The mean loss a token on the end of the text, on which nothing was trained."""
    _, judged = loaders_of(engine, chosen, tokens)
    return float(training.evaluate(model, judged, next_token_loss(engine))["loss"])


def loaders_of(engine: Any, chosen: Recipe, tokens: list[int]) -> tuple[Any, Any]:
    """The recipe's batches to train on, and its held-out windows to judge by."""
    return batches.loaders(
        engine,
        tokens,
        context=chosen.context,
        batch_size=chosen.batch_size,
        steps=chosen.steps,
        seed=chosen.seed,
        held_out=chosen.held_out,
    )


_here: dict[str, Trained] = {}


def is_ready(name: str) -> bool:
    """Whether `trained(name)` has been trained or read in this program already."""
    return name in _here


def trained(name: str = "names", *, progress: bool = False) -> Trained:
    """The model called `name`: "names" or "manual". The first call trains it, with a bar if asked.

    Raises ValueError for another name, DatasetError where its text is not installed.
    """
    chosen = recipe(name)
    if name not in _here:
        made, tokens = tokens_of(chosen)
        place = _place(name, chosen, tokens)
        found = _read(place, chosen, made, progress) if place else None
        if found is None:
            found = _train(chosen, made, tokens, progress)
            if place:
                _keep(place, found, progress)
        _here[name] = found
    return _here[name]


def on_text(text: str, *, progress: bool = False, **changes: Any) -> Trained:
    """Train a model on a text of your own; nothing is kept.

    changes: fields of the `Recipe` of the names' model to replace, for instance `steps=500`,
    `context=32`, or `vocabulary=400` for byte pairs. Raises ValueError where the text is empty or
    too short for the context, and for changes that contradict each other.
    """
    _known(changes)
    chosen = replace(RECIPES["names"], **{"held_out": 0.1, **changes, "text": "your text"})
    if not 0 < chosen.lr < 1:
        raise ValueError(f"lr must lie between 0 and 1, for example 0.005; got {chosen.lr}.")
    made, tokens = _cut(text, chosen.vocabulary)
    found = _train(chosen, made, tokens, progress)
    found.start = START if START in text else text[0]
    return found


def _known(changes: dict[str, Any]) -> None:
    names = [part.name for part in fields(Recipe) if part.name != "text"]
    for name in changes:
        if name not in names:
            raise ValueError(f"A recipe has no {name!r}; it has {', '.join(names)}.")


def _build(chosen: Recipe, made: Tokens) -> Any:
    state = scratch.get_rng_state()
    scratch.manual_seed(chosen.seed)
    try:
        return gpt(scratch, chosen.config(len(made)))
    finally:
        scratch.set_rng_state(state)


def _train(chosen: Recipe, made: Tokens, tokens: list[int], progress: bool) -> Trained:
    model, losses, began = _build(chosen, made), [], time.perf_counter()
    steps = learn(scratch, model, chosen, tokens)
    if progress:
        from tqdm.auto import tqdm

        steps = tqdm(steps, total=chosen.steps, unit="step", desc=f"training on {chosen.text}")
    for loss in steps:
        losses.append(loss)
        if progress and len(losses) % 20 == 0:
            steps.set_postfix_str(f"loss {loss:.3f}", refresh=False)  # type: ignore[attr-defined]
    seconds = time.perf_counter() - began
    judged = held_out_loss(scratch, model, chosen, tokens)
    model.eval()
    return Trained(chosen, made, model, losses, judged, seconds)


# On disk: the weights, the losses and what belongs to them, in one file.


def _place(name: str, chosen: Recipe, tokens: list[int]) -> Path | None:
    """The file of this very training, in the learner's folder; None outside of one."""
    folder = learner_folder()
    if folder is None:
        return None
    mark = hashlib.sha256(json.dumps(asdict(chosen)).encode())
    mark.update(np.asarray(tokens, np.int64).tobytes())
    mark.update(np.__version__.encode())
    return folder / HOME / "trained" / f"{name}-{mark.hexdigest()[:12]}.safetensors"


def _read(place: Path, chosen: Recipe, made: Tokens, progress: bool) -> Trained | None:
    if not place.is_file():
        return None
    try:
        kept = scratch.load(place)
        losses, (judged, seconds) = kept.pop("losses").tolist(), kept.pop("numbers").tolist()
        model = _build(chosen, made)
        model.load_state_dict(kept)
        model.eval()
        found = Trained(chosen, made, model, losses, judged, seconds, place.name)
    except Exception as error:  # torn, or of another version: training again always helps
        _say(progress, f"{place.name} could not be read ({type(error).__name__}): training again.")
        return None
    _say(
        progress,
        f"This model was trained here before ({found.seconds:.0f} s) and kept. To train it again, "
        f"delete {place} and restart the kernel.",
    )
    return found


def _keep(place: Path, found: Trained, progress: bool) -> None:
    numbers = {"losses": found.losses, "numbers": [found.held_out, found.seconds]}
    tensors = {name: scratch.tensor(row, dtype=scratch.float64) for name, row in numbers.items()}
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        for old in place.parent.glob(f"{place.name.rsplit('-', 1)[0]}-*"):
            old.unlink()
        scratch.save({**found.model.state_dict(), **tensors}, place)
    except OSError as error:
        _say(progress, f"The model could not be kept ({error.strerror}): next time it is trained.")
        return
    _say(progress, f"Kept as {place}: next time it is read, not trained.")


def _say(progress: bool, words: str) -> None:
    if progress:
        print(words, file=sys.stdout)
