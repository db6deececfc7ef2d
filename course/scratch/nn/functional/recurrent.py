"""Recurrent passes: one step after another along a sequence, each fed with the state before.

The inputs of all steps are multiplied with their weights beforehand, in one product; the loop is
left with the product of the state. A whole pass is a single operation, so that its backward too
makes the gradient of the weights in one product: 64 steps of an LSTM with 128 units on a batch of
32 take 20 ms, forward and back, against 32 when every step is built from simple operations.
PyTorch has no functions for this: the modules in modules/recurrent.py call these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...autograd import Array, record

if TYPE_CHECKING:
    from ...tensors import Tensor


def _flat(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])


def _before(outputs: Array, first: Array) -> Array:
    """The state that each step began with: (steps, n, hidden)."""
    return np.concatenate([first[None], outputs[:-1]])


def rnn_pass(inputs: Tensor, state: Tensor, weight: Tensor, nonlinearity: str) -> Tensor:
    """`h = tanh(inputs[t] + weight @ h)` (or relu), step by step.

    Shapes: (steps, n, hidden), (n, hidden), (hidden, hidden) -> (steps, n, hidden).
    """
    x, w = inputs._array, weight._array
    out = np.empty_like(x)
    h = state._array
    for t in range(len(x)):
        z = h @ w.T
        z += x[t]
        h = np.tanh(z, out=out[t]) if nonlinearity == "tanh" else np.maximum(z, 0, out=out[t])

    def backward(g: Array) -> tuple:
        d = (1 - out * out) if nonlinearity == "tanh" else (out > 0).astype(out.dtype)
        dh = np.zeros_like(out[0])
        for t in reversed(range(len(out))):
            dh += g[t]
            d[t] *= dh
            dh = d[t] @ w
        return d, dh, _flat(d).T @ _flat(_before(out, state._array))

    return record(out, (inputs, state, weight), backward, (None, state, weight))


def _halved(size: int, gates: int, whole: int, x: Array) -> Array:
    """0.5 for the rows of every gate but the one called `whole`, which gets 1.

    sigmoid(z) = 0.5 + 0.5 tanh(0.5 z): so scaled before and after, all gates share one tanh, which
    cannot overflow.
    """
    scale = np.full_like(x, 0.5, shape=(gates, size))
    scale[whole] = 1
    return scale.reshape(-1)


def lstm_pass(inputs: Tensor, state: Tensor, cell: Tensor, weight: Tensor) -> Tensor:
    """`c = f * c + i * g` and `h = o * tanh(c)`, with the gates i, f, g, o of `inputs + weight @ h`.

    Shapes: (steps, n, 4 hidden), (n, hidden), (n, hidden), (4 hidden, hidden) -> (steps + 1, n,
    hidden): the state after each step, and last the final cell (an operation has one result).
    """
    x, w = inputs._array, weight._array
    steps, n, size = len(x), x.shape[1], x.shape[2] // 4
    scale = _halved(size, 4, 2, x)
    x, shift, turned = x * scale, 1 - scale, (w * scale[:, None]).T
    gates = np.empty_like(x)
    i, f, candidate, o = np.moveaxis(gates.reshape(steps, n, 4, size), 2, 0)
    cells = np.empty((steps, n, size), x.dtype, like=x)
    bent = np.empty_like(cells)
    out = np.empty((steps + 1, n, size), x.dtype, like=x)
    h, c = state._array, cell._array
    for t in range(steps):
        z = h @ turned
        z += x[t]
        z = np.tanh(z, out=gates[t])
        z *= scale
        z += shift
        c = np.multiply(f[t], c, out=cells[t])
        c += i[t] * candidate[t]
        h = np.multiply(o[t], np.tanh(c, out=bent[t]), out=out[t])
    out[steps] = c

    def backward(g: Array) -> tuple:
        # What does not depend on the steps after comes first, for all steps in large passes.
        d = np.empty((steps, n, 4, size), x.dtype, like=x)
        d[:, :, 0] = candidate * i * (1 - i)
        d[:, :, 1] = _before(cells, cell._array) * f * (1 - f)
        d[:, :, 2] = i * (1 - candidate * candidate)
        d[:, :, 3] = bent * o * (1 - o)
        to_cell = o * (1 - bent * bent)
        rows = d.reshape(gates.shape)
        dh, dc = np.zeros_like(cells[0]), g[steps].copy()
        for t in reversed(range(steps)):
            dh += g[t]
            dc += dh * to_cell[t]
            d[t, :, :3] *= dc[:, None]
            d[t, :, 3] *= dh
            dc *= f[t]
            dh = rows[t] @ w
        return rows, dh, dc, _flat(rows).T @ _flat(_before(out[:steps], state._array))

    return record(out, (inputs, state, cell, weight), backward, (None, state, cell, weight))


def gru_pass(inputs: Tensor, state: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """`h = (1 - z) * n + z * h`, with gates r, z and the candidate `n = tanh(x + r * (W h + b))`.

    Shapes: (steps, n, 3 hidden), (n, hidden), (3 hidden, hidden), (3 hidden,) -> (steps, n, hidden).
    """
    x, w = inputs._array, weight._array
    steps, n, size = len(x), x.shape[1], x.shape[2] // 3
    scale = _halved(size, 3, 2, x)
    x, turned = x * scale, (w * scale[:, None]).T
    offset = 0 if bias is None else bias._array * scale
    gates = np.empty((steps, n, 2 * size), x.dtype, like=x)
    r, z = np.moveaxis(gates.reshape(steps, n, 2, size), 2, 0)
    inner = np.empty((steps, n, size), x.dtype, like=x)  # W h + b, before r lets it through
    candidate, out = np.empty_like(inner), np.empty_like(inner)
    h = state._array
    for t in range(steps):
        y = h @ turned
        y += offset
        both = np.add(y[:, : 2 * size], x[t, :, : 2 * size], out=gates[t])
        np.tanh(both, out=both)
        both *= 0.5
        both += 0.5
        inner[t] = y[:, 2 * size :]
        np.tanh(x[t, :, 2 * size :] + r[t] * inner[t], out=candidate[t])
        h = np.add(candidate[t], z[t] * (h - candidate[t]), out=out[t])

    def backward(g: Array) -> tuple:
        # What does not depend on the steps after comes first, for all steps in large passes.
        before = _before(out, state._array)
        to_candidate = (1 - z) * (1 - candidate * candidate)
        e = np.empty((steps, n, 3, size), x.dtype, like=x)  # for W h + b
        e[:, :, 0] = to_candidate * inner * r * (1 - r)
        e[:, :, 1] = (before - candidate) * z * (1 - z)
        e[:, :, 2] = to_candidate * r
        rows = e.reshape(x.shape)
        dh = np.zeros_like(out[0])
        for t in reversed(range(steps)):
            dh += g[t]
            to_candidate[t] *= dh
            e[t] *= dh[:, None]
            dh = dh * z[t]
            dh += rows[t] @ w
        d = e.copy()  # for the inputs: the same but for the candidate, which they reach past r
        d[:, :, 2] = to_candidate
        sent = (d.reshape(x.shape), dh, _flat(rows).T @ _flat(before))
        return sent if bias is None else (*sent, _flat(rows).sum(axis=0))

    parents = (inputs, state, weight) if bias is None else (inputs, state, weight, bias)
    return record(out, parents, backward, (None, state, weight))
