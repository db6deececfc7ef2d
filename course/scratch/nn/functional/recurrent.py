"""Recurrent passes: one step after another along a sequence, each fed with the state before.

The inputs of all steps are multiplied with their weights beforehand, in one product; the loop is
left with the product of the state. A whole pass is a single operation, so that its backward too
makes the gradient of the weights in one product. PyTorch has no functions for this: the modules in
modules/recurrent.py call these.
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


def lstm_pass(inputs: Tensor, state: Tensor, cell: Tensor, weight: Tensor) -> Tensor:
    """`c = f * c + i * g` and `h = o * tanh(c)`, with the gates i, f, g, o of `inputs + weight @ h`.

    Shapes: (steps, n, 4 hidden), (n, hidden), (n, hidden), (4 hidden, hidden) -> (steps + 1, n,
    hidden): the state after each step, and last the final cell (an operation has one result).
    """
    x, w = inputs._array, weight._array
    steps, n, size = len(x), x.shape[1], x.shape[2] // 4
    # sigmoid(z) = 0.5 + 0.5 tanh(z / 2): so all four gates come from a single call of tanh.
    scale = np.full(4 * size, 0.5, x.dtype)
    scale[2 * size : 3 * size] = 1
    gates = np.empty_like(x)
    cells = np.empty((steps, n, size), x.dtype)
    bent = np.empty_like(cells)
    out = np.empty((steps + 1, n, size), x.dtype)
    h, c = state._array, cell._array
    for t in range(steps):
        z = h @ w.T
        z += x[t]
        z *= scale
        np.tanh(z, out=z)
        z *= scale
        z += 1 - scale
        gates[t] = z
        i, f, candidate, o = np.split(z, 4, axis=1)
        np.multiply(f, c, out=cells[t])
        cells[t] += i * candidate
        c = cells[t]
        h = np.multiply(o, np.tanh(c, out=bent[t]), out=out[t])
    out[steps] = c

    def backward(g: Array) -> tuple:
        d = np.empty_like(gates)
        dh, dc = np.zeros_like(c), g[steps].copy()
        before = _before(cells, cell._array)
        for t in reversed(range(steps)):
            i, f, candidate, o = np.split(gates[t], 4, axis=1)
            di, df, dg, do = np.split(d[t], 4, axis=1)
            dh += g[t]
            dc += dh * o * (1 - bent[t] * bent[t])
            di[...] = dc * candidate * i * (1 - i)
            df[...] = dc * before[t] * f * (1 - f)
            dg[...] = dc * i * (1 - candidate * candidate)
            do[...] = dh * bent[t] * o * (1 - o)
            dc *= f
            dh = d[t] @ w
        return d, dh, dc, _flat(d).T @ _flat(_before(out[:steps], state._array))

    return record(out, (inputs, state, cell, weight), backward, (None, state, cell, weight))


def gru_pass(inputs: Tensor, state: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """`h = (1 - z) * n + z * h`, with gates r, z and the candidate `n = tanh(x + r * (W h + b))`.

    Shapes: (steps, n, 3 hidden), (n, hidden), (3 hidden, hidden), (3 hidden,) -> (steps, n, hidden).
    """
    x, w = inputs._array, weight._array
    size = x.shape[2] // 3
    gates = np.empty_like(x)  # r, z and the candidate of each step
    inner = np.empty((len(x), x.shape[1], size), x.dtype)  # W h + b, before r lets it through
    out = np.empty_like(inner)
    h = state._array
    for t in range(len(x)):
        y = h @ w.T
        if bias is not None:
            y += bias._array
        both, candidate = gates[t, :, : 2 * size], gates[t, :, 2 * size :]
        np.add(y[:, : 2 * size], x[t, :, : 2 * size], out=both)
        both *= 0.5  # sigmoid(a) = 0.5 + 0.5 tanh(a / 2), which cannot overflow
        np.tanh(both, out=both)
        both *= 0.5
        both += 0.5
        inner[t] = y[:, 2 * size :]
        r, z = both[:, :size], both[:, size:]
        np.tanh(x[t, :, 2 * size :] + r * inner[t], out=candidate)
        h = np.add(candidate, z * (h - candidate), out=out[t])

    def backward(g: Array) -> tuple:
        d = np.empty_like(gates)  # for the inputs
        e = np.empty_like(gates)  # for W h + b: the same but for the candidate, which passed r
        dh = np.zeros_like(out[0])
        before = _before(out, state._array)
        for t in reversed(range(len(out))):
            r, z, candidate = np.split(gates[t], 3, axis=1)
            dr, dz, dn = np.split(d[t], 3, axis=1)
            dh += g[t]
            dn[...] = dh * (1 - z) * (1 - candidate * candidate)
            dz[...] = dh * (before[t] - candidate) * z * (1 - z)
            dr[...] = dn * inner[t] * r * (1 - r)
            e[t] = d[t]
            e[t, :, 2 * size :] *= r
            dh = dh * z
            dh += e[t] @ w
        dw = _flat(e).T @ _flat(before)
        return (d, dh, dw) if bias is None else (d, dh, dw, _flat(e).sum(axis=0))

    parents = (inputs, state, weight) if bias is None else (inputs, state, weight, bias)
    return record(out, parents, backward, (None, state, weight))
