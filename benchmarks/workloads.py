"""The four reference workloads: their data, their first weights, and one program for both engines.

A workload is a function of an engine (`course.scratch` or `torch`) that returns a `Training`. Data
and first weights are drawn from NumPy, so that every engine has the same; `inputs` and
`first_weights` hand them to the engines in `rivals`, which have no modules of PyTorch's names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

WIDTH, HEADS, LAYERS, CONTEXT, VOCABULARY = 128, 4, 4, 64, 65  # of workload d
Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Training:
    """A model, its optimizer and its loss on one fixed batch."""

    model: Any
    optimizer: Any
    loss: Callable[[], Any]

    def step(self) -> Any:
        """One training step; returns the loss before it."""
        self.optimizer.zero_grad()
        value = self.loss()
        value.backward()
        self.optimizer.step()
        return value


def tiny_mlp(engine: Any, **options: Any) -> Training:
    """(a) MLP 2-16-16-1 on 100 points, SGD. `options` go to the optimizer, here and below."""
    nn = engine.nn
    model = nn.Sequential(
        nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    x, y = _ready(model, engine, "a")
    optimizer = engine.optim.SGD(model.parameters(), lr=0.1, **options)
    return Training(model, optimizer, lambda: nn.functional.mse_loss(model(x), y))


def mlp(engine: Any, **options: Any) -> Training:
    """(b) MLP 784-256-128-10, batch 128, Adam."""
    nn = engine.nn
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    x, y = _ready(model, engine, "b")
    optimizer = engine.optim.Adam(model.parameters(), lr=1e-3, **options)
    return Training(model, optimizer, lambda: nn.functional.cross_entropy(model(x), y))


def cnn(engine: Any, **options: Any) -> Training:
    """(c) CNN on 1x28x28, batch 64: conv 8, pool, conv 16, pool, linear; SGD."""
    nn = engine.nn
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
    )  # fmt: skip
    x, y = _ready(model, engine, "c")
    optimizer = engine.optim.SGD(model.parameters(), lr=0.05, **options)
    return Training(model, optimizer, lambda: nn.functional.cross_entropy(model(x), y))


def char_gpt(engine: Any, **options: Any) -> Training:
    """(d) character GPT: 4 layers, 4 heads, width 128, context 64, batch 16, vocabulary 65; AdamW."""
    nn, F = engine.nn, engine.nn.functional
    Module: Any = nn.Module

    class Block(Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
            self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

        def forward(self, x: Any) -> Any:
            n, t, c = x.shape
            split = self.qkv(self.norm1(x)).reshape(n, t, 3, HEADS, c // HEADS)
            q, k, v = split.permute(2, 0, 3, 1, 4).unbind()
            mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.out(mixed.transpose(1, 2).reshape(n, t, c))
            return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

    class GPT(Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(CONTEXT, WIDTH)
            self.blocks = nn.Sequential(*(Block() for _ in range(LAYERS)))
            self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, VOCABULARY, bias=False)

        def forward(self, x: Any) -> Any:
            x = self.tokens(x) + self.places(engine.arange(CONTEXT))
            return self.head(self.norm(self.blocks(x)))

    model = GPT()
    x, y = _ready(model, engine, "d")
    optimizer = engine.optim.AdamW(model.parameters(), lr=1e-3, **options)
    return Training(
        model, optimizer, lambda: F.cross_entropy(model(x).reshape(-1, VOCABULARY), y.reshape(-1))
    )


WORKLOADS = {"a": tiny_mlp, "b": mlp, "c": cnn, "d": char_gpt}


def inputs(workload: str) -> tuple[np.ndarray, np.ndarray]:
    """The batch of a workload: float32 inputs (int64 tokens in d) and targets."""
    stream = np.random.default_rng(1)
    if workload == "a":
        points = stream.uniform(-1, 1, (100, 2)).astype(np.float32)
        return points, (points[:, :1] * points[:, 1:] > 0).astype(np.float32)
    if workload == "d":
        tokens = stream.integers(0, VOCABULARY, (16, CONTEXT + 1))
        return tokens[:, :-1].copy(), tokens[:, 1:].copy()
    shape = {"b": (128, 784), "c": (64, 1, 28, 28)}[workload]
    images = stream.uniform(0, 1, shape).astype(np.float32)
    return images, stream.integers(0, 10, shape[0])


def first_weights(workload: str) -> Arrays:
    """The first weights of a workload by their PyTorch names: float32, of about the usual size."""
    stream = np.random.default_rng(0)
    weights = {}
    for name, shape in SHAPES[workload].items():
        if len(shape) > 1:
            scale = 1 / np.sqrt(shape[-1] if len(shape) == 2 else np.prod(shape[1:]))
            array = stream.normal(size=shape) * scale
        else:
            array = np.full(shape, float("norm" in name and name.endswith("weight")))
        weights[name] = array.astype(np.float32)
    return weights


def _ready(model: Any, engine: Any, workload: str) -> tuple[Any, Any]:
    """Put the first weights into the model; the batch as the engine's tensors."""
    weights = first_weights(workload)
    model.load_state_dict({name: engine.from_numpy(array) for name, array in weights.items()})
    x, y = inputs(workload)
    return engine.from_numpy(x), engine.from_numpy(y)


def _layers(**sizes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """The weight, of the shape given, and the bias of each layer."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, shape in sizes.items():
        shapes |= {f"{name}.weight": shape, f"{name}.bias": shape[:1]}
    return shapes


_BLOCK = _layers(
    norm1=(WIDTH,), norm2=(WIDTH,), qkv=(3 * WIDTH, WIDTH), out=(WIDTH, WIDTH),
    up=(4 * WIDTH, WIDTH), down=(WIDTH, 4 * WIDTH),
)  # fmt: skip
SHAPES = {
    "a": _layers(**{"0": (16, 2), "2": (16, 16), "4": (1, 16)}),
    "b": _layers(**{"0": (256, 784), "2": (128, 256), "4": (10, 128)}),
    "c": _layers(**{"0": (8, 1, 3, 3), "3": (16, 8, 3, 3), "7": (10, 16 * 7 * 7)}),
    "d": {"tokens.weight": (VOCABULARY, WIDTH), "places.weight": (CONTEXT, WIDTH)}
    | {f"blocks.{i}.{name}": shape for i in range(LAYERS) for name, shape in _BLOCK.items()}
    | _layers(norm=(WIDTH,))
    | {"head.weight": (VOCABULARY, WIDTH)},
}
