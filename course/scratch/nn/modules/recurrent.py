"""Recurrent layers, RNN, LSTM and GRU, and their single steps, the cells."""

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


class _Weighted(Module):
    """What layers and cells share: sets of four weights, and a pass along a sequence."""

    _gates = 1  # how many rows of weights there are for each hidden unit
    _state_names: tuple[str, ...] = ("h",)

    def __init__(self, input_size: int, hidden_size: int, bias: bool) -> None:
        super().__init__()
        if hidden_size < 1:
            raise ValueError(f"{type(self).__name__}: hidden_size {hidden_size} must be at least 1")
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias

    def _add_weights(self, suffix: str, inputs: int) -> None:
        rows = self._gates * self.hidden_size
        shapes: dict[str, tuple[int, ...] | None] = {
            "weight_ih": (rows, inputs), "weight_hh": (rows, self.hidden_size)
        }  # fmt: skip
        if self.bias:
            shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
        elif not suffix:  # PyTorch's cells keep the places, its layers do not
            shapes |= {"bias_ih": None, "bias_hh": None}
        bound = 1 / math.sqrt(self.hidden_size)
        for name, shape in shapes.items():
            parameter = None if shape is None else Parameter(creation.empty(shape))
            self.register_parameter(name + suffix, parameter)
            if parameter is not None:
                init.uniform_(parameter, -bound, bound)

    def _weights(self, suffix: str) -> list[Any]:
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [self._parameters.get(name + suffix) for name in names]

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        """The states after each step of `x` (steps, n, inputs), and the last ones."""
        raise NotImplementedError

    def _states(self, hx: Any, shape: tuple[int, ...], batched: bool, x: Tensor) -> States:
        """The first states as given, or zeros; unbatched ones get a batch of one."""
        if hx is None:
            return tuple(creation.zeros(shape, dtype=x.dtype) for _ in self._state_names)
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

    def _check(self, input: Tensor, ranks: tuple[int, int]) -> None:
        name = type(self).__name__
        if input.ndim not in ranks:
            raise ValueError(
                f"{name}: expected {ranks[0]} or {ranks[1]} dimensions, got {tuple(input.shape)}"
            )
        if input.shape[-1] != self.input_size:
            raise RuntimeError(
                f"{name}: the input's last size must be input_size={self.input_size}, "
                f"got shape {tuple(input.shape)}"
            )

    def extra_repr(self) -> str:
        return f"{self.input_size}, {self.hidden_size}"


class _Layers(_Weighted):
    """Layers on top of each other, each in one direction or in both."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, bias: bool = True,
        batch_first: bool = False, dropout: float = 0.0, bidirectional: bool = False, *,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias)
        if num_layers < 1:
            raise ValueError(f"{type(self).__name__}: num_layers {num_layers} must be at least 1")
        if not 0 <= dropout <= 1:
            raise ValueError(
                f"{type(self).__name__}: dropout is a probability from 0 to 1, got {dropout}"
            )
        self.num_layers, self.batch_first = num_layers, batch_first
        self.dropout, self.bidirectional = dropout, bidirectional
        for layer, suffix in enumerate(self._suffixes()):
            below = hidden_size * (1 + bidirectional)
            self._add_weights(suffix, below if layer > bidirectional else input_size)
        self.to(device=device, dtype=dtype)

    def _suffixes(self) -> list[str]:
        directions = ("", "_reverse") if self.bidirectional else ("",)
        return [f"_l{layer}{way}" for layer in range(self.num_layers) for way in directions]

    def forward(self, input: Tensor, hx: Any = None) -> tuple[Tensor, Any]:
        """The states of the last layer at every step, and the last states of every layer.

        Shapes: (steps, n, input_size), or (n, steps, input_size) with `batch_first`, or (steps,
        input_size) -> the same with directions * hidden_size, and (layers * directions, n,
        hidden_size). `hx` holds the first states in that shape (an LSTM's is a pair).
        """
        self._check(input, (2, 3))
        batched = input.ndim == 3
        x = input if batched else input.unsqueeze(1)
        x = x.transpose(0, 1) if batched and self.batch_first else x
        if not len(x):
            raise RuntimeError(f"{type(self).__name__}: the sequence has no steps")
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
                along = flip(x, 0) if backwards else x
                out, end = self._pass(along, first, *self._weights(suffixes[k]))
                ways.append(flip(out, 0) if backwards else out)
                last.append(end)
            x = cat(ways, -1) if self.bidirectional else ways[0]
        x = x.transpose(0, 1) if batched and self.batch_first else x
        ends = tuple(stack(kind) for kind in zip(*last, strict=True))
        if not batched:
            x, ends = x.squeeze(1), tuple(end.squeeze(1) for end in ends)
        return x, ends if len(ends) > 1 else ends[0]


class _Cell(_Weighted):
    """One step: (n, input_size) or (input_size,), and the state, to the next state."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(input_size, hidden_size, bias)
        self._add_weights("", input_size)
        self.to(device=device, dtype=dtype)

    def forward(self, input: Tensor, hx: Any = None) -> Any:
        """The next h, for an LSTM the pair (h, c): shapes (n, hidden_size) or (hidden_size,)."""
        self._check(input, (1, 2))
        batched = input.ndim == 2
        x = input if batched else input.unsqueeze(0)
        states = self._states(hx, (len(x), self.hidden_size), batched, x)
        _, ends = self._pass(x.unsqueeze(0), states, *self._weights(""))
        ends = ends if batched else tuple(end.squeeze(0) for end in ends)
        return ends if len(ends) > 1 else ends[0]


class _RNNPass(_Weighted):
    nonlinearity: str

    def _check_nonlinearity(self, nonlinearity: str) -> None:
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"{type(self).__name__}: nonlinearity is 'tanh' or 'relu', got {nonlinearity!r}"
            )
        self.nonlinearity = nonlinearity

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        bias = None if b is None or c is None else b + c
        out = rnn_pass(F.linear(x, w, bias), states[0], u, self.nonlinearity)
        return out, (out[-1],)


class RNN(_RNNPass, _Layers):
    """`h = tanh(W x + b + U h + c)`, or relu, at every step; see `forward` for the shapes."""

    def __init__(
        self, input_size: int, hidden_size: int, num_layers: int = 1, nonlinearity: str = "tanh",
        bias: bool = True, batch_first: bool = False, dropout: float = 0.0,
        bidirectional: bool = False, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        _Layers.__init__(
            self, input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional,
            device=device, dtype=dtype,
        )  # fmt: skip
        self._check_nonlinearity(nonlinearity)


class RNNCell(_RNNPass, _Cell):
    """One step of an RNN."""

    def __init__(
        self, input_size: int, hidden_size: int, bias: bool = True, nonlinearity: str = "tanh",
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        _Cell.__init__(self, input_size, hidden_size, bias, device, dtype)
        self._check_nonlinearity(nonlinearity)


class _LSTMPass(_Weighted):
    _gates = 4
    _state_names = ("h", "c")

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        bias = None if b is None or c is None else b + c
        both = lstm_pass(F.linear(x, w, bias), states[0], states[1], u)
        return both[:-1], (both[-2], both[-1])


class LSTM(_LSTMPass, _Layers):
    """Long short-term memory: a cell that gates fill, keep and read (Hochreiter, Schmidhuber 1997).

    The weights of the gates stand on top of each other in the order i, f, g, o. `proj_size` is
    left out.
    """


class LSTMCell(_LSTMPass, _Cell):
    """One step of an LSTM."""


class _GRUPass(_Weighted):
    _gates = 3

    def _pass(
        self, x: Tensor, states: States, w: Tensor, u: Tensor, b: Tensor | None, c: Tensor | None
    ) -> tuple[Tensor, States]:
        out = gru_pass(F.linear(x, w, b), states[0], u, c)
        return out, (out[-1],)


class GRU(_GRUPass, _Layers):
    """Gated recurrent unit: a gate mixes the old state with a new one (Cho et al. 2014).

    The weights of the gates stand on top of each other in the order r, z, n.
    """


class GRUCell(_GRUPass, _Cell):
    """One step of a GRU."""
