"""Recurrent layers: RNN, LSTM and GRU, on top of each other and in both directions."""

from __future__ import annotations

import math
from typing import Any

from ... import creation
from ...shapes import cat, flip, stack
from ...tensors import Tensor
from .. import functional as F
from .. import init
from ..functional.recurrent import gru_pass, lstm_pass, rnn_pass
from ..parameter import Parameter
from .module import Module

States = tuple[Tensor, ...]  # (h,), and for an LSTM (h, c)
_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


class _Recurrent(Module):
    """What the three share: sets of four weights, and a pass for each layer and direction."""

    _gates = 1  # how many rows of weights there are for each hidden unit
    _state_names: tuple[str, ...] = ("h",)

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, *,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        for name, value in (("hidden_size", hidden_size), ("num_layers", num_layers)):
            if value < 1:
                raise ValueError(f"{type(self).__name__}: {name} {value} must be at least 1")
        if not 0 <= dropout <= 1:
            raise ValueError(
                f"{type(self).__name__}: dropout is a probability from 0 to 1, got {dropout}"
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.bidirectional = bidirectional
        rows, bound = self._gates * hidden_size, 1 / math.sqrt(hidden_size)
        for layer, suffix in enumerate(self._suffixes()):
            below = hidden_size * (1 + bidirectional) if layer > bidirectional else input_size
            shapes = [(rows, below), (rows, hidden_size), (rows,), (rows,)]
            for name, shape in zip(_WEIGHTS, shapes if bias else shapes[:2], strict=False):
                weight = Parameter(creation.empty(shape, device=device, dtype=dtype))
                init.uniform_(weight, -bound, bound)
                self.register_parameter(name + suffix, weight)

    def _suffixes(self) -> list[str]:
        directions = ("", "_reverse") if self.bidirectional else ("",)
        return [f"_l{layer}{way}" for layer in range(self.num_layers) for way in directions]

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        """The states after each step of `x` (steps, n, inputs), and the last ones."""
        raise NotImplementedError

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """The states of the last layer at every step, and the last states of every layer.

        Shapes: (steps, n, input_size), or (n, steps, input_size) with `batch_first`, or (steps,
        input_size) -> the same with directions * hidden_size, and (layers * directions, n,
        hidden_size). `hx` holds the first states in that shape (an LSTM's is a pair).
        """
        batched, swapped = input.ndim == 3, self.batch_first and input.ndim == 3
        x = self._steps_first(input)
        suffixes = self._suffixes()
        states = self._states(hx, (len(suffixes), x.shape[1], self.hidden_size), batched, x)
        last: list[States] = []
        for layer in range(self.num_layers):
            if layer:
                x = F.dropout(x, self.dropout, self.training)
            ways = []
            for backwards in (False, True) if self.bidirectional else (False,):
                k = len(last)
                first = tuple(state[k] for state in states)
                weights = [self._parameters.get(name + suffixes[k]) for name in _WEIGHTS]
                out, end = self._pass(flip(x, 0) if backwards else x, first, *weights)
                ways.append(flip(out, 0) if backwards else out)
                last.append(end)
            x = cat(ways, -1) if self.bidirectional else ways[0]
        x = x.transpose(0, 1) if swapped else x
        ends = tuple(stack(kind) for kind in zip(*last, strict=True))
        if not batched:
            x, ends = x.squeeze(1), tuple(end.squeeze(1) for end in ends)
        return x, ends if len(ends) > 1 else ends[0]

    def _steps_first(self, input: Tensor) -> Tensor:
        """The input, checked, as (steps, n, input_size)."""
        name, shape = type(self).__name__, tuple(input.shape)
        if input.ndim not in (2, 3):
            raise ValueError(f"{name}: expected 2 or 3 dimensions, got {shape}")
        if shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: the input's last size must be input_size={self.input_size}, got {shape}"
            )
        x = input if input.ndim == 3 else input.unsqueeze(1)
        x = x.transpose(0, 1) if input.ndim == 3 and self.batch_first else x
        if not len(x):
            raise RuntimeError(f"{name}: the sequence has no steps")
        return x

    def _states(self, hx: Any, shape: tuple[int, ...], batched: bool, x: Tensor) -> States:
        """The first states as given, or zeros; unbatched ones get a batch of one."""
        if hx is None:
            return tuple(
                creation.zeros(shape, dtype=x.dtype, device=x.device) for _ in self._state_names
            )
        given = (hx,) if isinstance(hx, Tensor) else tuple(hx)
        if len(given) != len(self._state_names):
            raise RuntimeError(
                f"{type(self).__name__}: the first state is {' and '.join(self._state_names)}, "
                f"got {len(given)} tensors"
            )
        given = given if batched else tuple(state.unsqueeze(-2) for state in given)
        for name, state in zip(self._state_names, given, strict=True):
            if state.shape != shape:
                raise RuntimeError(
                    f"{type(self).__name__}: the first {name} must have shape {shape} "
                    f"(with a batch), got {tuple(state.shape)}"
                )
        return given

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}"


class RNN(_Recurrent):
    """`h = tanh(W x + b + U h + c)`, or relu, at every step; see `forward` for the shapes."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0,
        bidirectional: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"RNN: nonlinearity is 'tanh' or 'relu', got {nonlinearity!r}")
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device=device, dtype=dtype,
        )  # fmt: skip
        self.nonlinearity = nonlinearity

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        bias = None if b is None or c is None else b + c
        out = rnn_pass(F.linear(x, w, bias), states[0], u, self.nonlinearity)
        return out, (out[-1],)


class LSTM(_Recurrent):
    """Long short-term memory: a cell that gates fill, keep and read (Hochreiter, Schmidhuber 1997).

    The weights of the gates stand on top of each other in the order i, f, g, o. `proj_size` is
    left out.
    """

    _gates, _state_names = 4, ("h", "c")

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        bias = None if b is None or c is None else b + c
        both = lstm_pass(F.linear(x, w, bias), states[0], states[1], u)
        return both[:-1], (both[-2], both[-1])


class GRU(_Recurrent):
    """Gated recurrent unit: a gate mixes the old state with a new one (Cho et al. 2014).

    The weights of the gates stand on top of each other in the order r, z, n.
    """

    _gates = 3

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        out = gru_pass(F.linear(x, w, b), states[0], u, c)
        return out, (out[-1],)
