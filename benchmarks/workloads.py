"""The four reference workloads, each written once for both engines.

A workload is a function of an engine (`course.scratch` or `torch`) that returns a training step, a function
without arguments that returns the loss, and the model. Data and first weights are the same for all engines:
they are drawn from NumPy by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Step = Callable[[], Any]


def _fill(model: Any, engine: Any, seed: int = 0) -> None:
    """The same first weights on every engine, of about the usual size."""
    stream = np.random.default_rng(seed)
    state = {}
    for name, value in model.state_dict().items():
        shape = tuple(value.shape)
        scale = 1 / np.sqrt(shape[-1] if len(shape) == 2 else max(np.prod(shape[1:]), 1))
        array = stream.normal(size=shape) * scale if len(shape) > 1 else np.zeros(shape)
        if "norm" in name and name.endswith("weight"):
            array = np.ones(shape)
        state[name] = engine.from_numpy(array.astype(np.float32))
    model.load_state_dict(state)


def _step(model: Any, optimizer: Any, loss: Callable[[], Any]) -> tuple[Step, Any]:
    def step() -> Any:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return value

    return step, model


def tiny_mlp(engine: Any) -> tuple[Step, Any]:
    """(a) MLP 2-16-16-1 on 100 points, SGD."""
    nn = engine.nn
    model = nn.Sequential(
        nn.Linear(2, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1)
    )
    _fill(model, engine)
    points = np.random.default_rng(1).uniform(-1, 1, (100, 2)).astype(np.float32)
    x, y = (
        engine.from_numpy(points),
        engine.from_numpy((points[:, :1] * points[:, 1:] > 0).astype(np.float32)),
    )
    optimizer = engine.optim.SGD(model.parameters(), lr=0.1)
    return _step(model, optimizer, lambda: nn.functional.mse_loss(model(x), y))


def mlp(engine: Any) -> tuple[Step, Any]:
    """(b) MLP 784-256-128-10, batch 128, Adam."""
    nn = engine.nn
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10)
    )
    _fill(model, engine)
    stream = np.random.default_rng(1)
    x = engine.from_numpy(stream.uniform(0, 1, (128, 784)).astype(np.float32))
    y = engine.from_numpy(stream.integers(0, 10, 128))
    optimizer = engine.optim.Adam(model.parameters(), lr=1e-3)
    return _step(model, optimizer, lambda: nn.functional.cross_entropy(model(x), y))


def cnn(engine: Any) -> tuple[Step, Any]:
    """(c) CNN on 1x28x28, batch 64: conv 8, pool, conv 16, pool, linear; SGD."""
    nn = engine.nn
    model = nn.Sequential(
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
    )  # fmt: skip
    _fill(model, engine)
    stream = np.random.default_rng(1)
    x = engine.from_numpy(stream.uniform(0, 1, (64, 1, 28, 28)).astype(np.float32))
    y = engine.from_numpy(stream.integers(0, 10, 64))
    optimizer = engine.optim.SGD(model.parameters(), lr=0.05)
    return _step(model, optimizer, lambda: nn.functional.cross_entropy(model(x), y))


def char_gpt(engine: Any) -> tuple[Step, Any]:
    """(d) character GPT: 4 layers, 4 heads, width 128, context 64, batch 16, vocabulary 65; AdamW."""
    nn, F = engine.nn, engine.nn.functional
    width, heads, context, vocabulary, batch = 128, 4, 64, 65, 16

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            n, t, c = x.shape
            parts = (
                self.qkv(self.norm1(x)).reshape(n, t, 3, heads, c // heads).permute(2, 0, 3, 1, 4)
            )
            mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_causal=True)
            x = x + self.out(mixed.transpose(1, 2).reshape(n, t, c))
            return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))

    class GPT(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(context, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(4)))
            self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

        def forward(self, x: Any) -> Any:
            return self.head(
                self.norm(self.blocks(self.tokens(x) + self.places(engine.arange(context))))
            )

    model = GPT()
    _fill(model, engine)
    tokens = np.random.default_rng(1).integers(0, vocabulary, (batch, context + 1))
    x, y = (
        engine.from_numpy(tokens[:, :-1].copy()),
        engine.from_numpy(tokens[:, 1:].reshape(-1).copy()),
    )
    optimizer = engine.optim.AdamW(model.parameters(), lr=1e-3)
    return _step(model, optimizer, lambda: F.cross_entropy(model(x).reshape(-1, vocabulary), y))


WORKLOADS = {"a": tiny_mlp, "b": mlp, "c": cnn, "d": char_gpt}
