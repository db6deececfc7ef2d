"""JAX: the whole training step is one jitted function, its old weights given up to it."""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from workloads import CONTEXT, HEADS, LAYERS, WIDTH, Arrays, first_weights, inputs


def linear(w: Any, name: str, x: Any) -> Any:
    return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]


def mlp(w: Any, x: Any) -> Any:
    """The MLP of workloads a and b."""
    return linear(w, "4", jax.nn.relu(linear(w, "2", jax.nn.relu(linear(w, "0", x)))))


def cnn(w: Any, x: Any) -> Any:
    """The CNN of workload c."""
    for name in ("0", "3"):
        x = jax.lax.conv(x, w[f"{name}.weight"], (1, 1), "SAME")
        x = jax.nn.relu(x + w[f"{name}.bias"][:, None, None])
        n, c, height, width = x.shape
        x = x.reshape(n, c, height // 2, 2, width // 2, 2).max((3, 5))
    return linear(w, "7", x.reshape(len(x), -1))


def norm(w: Any, name: str, x: Any) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred * jax.lax.rsqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return scaled * w[f"{name}.weight"] + w[f"{name}.bias"]


def gpt(w: Any, x: Any) -> Any:
    """The GPT of workload d."""
    n, t = x.shape
    x = w["tokens.weight"][x] + w["places.weight"][:t]
    for i in range(LAYERS):
        block = f"blocks.{i}"
        qkv = linear(w, f"{block}.qkv", norm(w, f"{block}.norm1", x))
        q, k, v = jnp.moveaxis(qkv.reshape(n, t, 3, HEADS, WIDTH // HEADS), 2, 0)
        mixed = jax.nn.dot_product_attention(q, k, v, is_causal=True)
        x = x + linear(w, f"{block}.out", mixed.reshape(n, t, WIDTH))
        up = jax.nn.gelu(linear(w, f"{block}.up", norm(w, f"{block}.norm2", x)), approximate=True)
        x = x + linear(w, f"{block}.down", up)
    return (norm(w, "norm", x) @ w["head.weight"].T).reshape(n * CONTEXT, -1)


SCORES = {"a": mlp, "b": mlp, "c": cnn, "d": gpt}
RATES = {"a": 0.1, "b": 1e-3, "c": 0.05, "d": 1e-3}


def loss(workload: str, w: Any, x: Any, y: Any) -> Any:
    found = SCORES[workload](w, x)
    if workload == "a":
        return jnp.mean((found - y) ** 2)
    chosen = jnp.take_along_axis(jax.nn.log_softmax(found), y.reshape(-1, 1), axis=1)
    return -jnp.mean(chosen)


def adam(w: Any, g: Any, moments: Any, rate: float, decay: float) -> tuple[Any, Any]:
    """AdamW on all weights; Adam where `decay` is 0."""
    mean, square, count = moments
    count += 1
    mean = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, mean, g)
    square = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, square, g)
    size, root = rate / (1 - 0.9**count), jnp.sqrt(1 - 0.999**count)
    w = jax.tree.map(
        lambda w, m, v: w * (1 - rate * decay) - size * m / (jnp.sqrt(v) / root + 1e-8),
        w, mean, square,
    )  # fmt: skip
    return w, (mean, square, count)


class Program:
    """A workload on JAX."""

    def __init__(self, workload: str) -> None:
        self._first = first_weights(workload)
        x, y = inputs(workload)
        self._data = jnp.asarray(x), jnp.asarray(y.astype(np.float32 if workload == "a" else int))
        self._grad = jax.value_and_grad(partial(loss, workload))
        self._state: Any = ()
        self._weights: Any = {}
        self.reset()
        if workload in "bd":
            zeros = [{n: jnp.zeros_like(w) for n, w in self._weights.items()} for _ in range(2)]
            self._state = (*zeros, jnp.zeros((), jnp.float32))
        rate, decay = RATES[workload], 0.01 if workload == "d" else 0.0

        @partial(jax.jit, donate_argnums=(0, 1))
        def step(w: Any, state: Any, x: Any, y: Any) -> Any:
            value, g = self._grad(w, x, y)
            if workload in "bd":
                w, state = adam(w, g, state, rate, decay)
            else:
                w = jax.tree.map(lambda w, g: w - rate * g, w, g)
            return w, state, value

        self._step = step

    def step(self) -> Any:
        self._weights, self._state, value = self._step(self._weights, self._state, *self._data)
        return value

    def wait(self) -> None:
        jax.block_until_ready((self._weights, self._state))

    def reset(self) -> None:
        self._weights = {name: jnp.array(array) for name, array in self._first.items()}

    def loss_and_gradients(self) -> tuple[float, Arrays]:
        value, g = jax.jit(self._grad)(self._weights, *self._data)
        return float(value), {name: np.asarray(array) for name, array in g.items()}


program = Program
