"""Activations as modules; each calls the function of the same name."""

from __future__ import annotations

from typing import Any

from ... import creation
from ...tensors import Tensor
from .. import functional as F
from ..parameter import Parameter
from .module import Module


class _Plain(Module):
    """An activation without settings."""

    _function: Any

    def forward(self, input: Tensor) -> Tensor:
        return type(self)._function(input)


class ReLU(_Plain):
    """`input` where it is above 0, else 0."""

    _function = staticmethod(F.relu)


class ReLU6(_Plain):
    """`input` held between 0 and 6."""

    _function = staticmethod(F.relu6)


class Sigmoid(_Plain):
    """`1 / (1 + exp(-input))`."""

    _function = staticmethod(F.sigmoid)


class Tanh(_Plain):
    """The hyperbolic tangent."""

    _function = staticmethod(F.tanh)


class SiLU(_Plain):
    """`input * sigmoid(input)`."""

    _function = staticmethod(F.silu)


class Mish(_Plain):
    """`input * tanh(softplus(input))`."""

    _function = staticmethod(F.mish)


class LogSigmoid(_Plain):
    """`log(sigmoid(input))`."""

    _function = staticmethod(F.logsigmoid)


class Softsign(_Plain):
    """`input / (1 + |input|)`."""

    _function = staticmethod(F.softsign)


class GELU(Module):
    """`input` times the normal distribution's share below it; see `functional.gelu`."""

    def __init__(self, approximate: str = "none") -> None:
        super().__init__()
        self.approximate = approximate

    def forward(self, input: Tensor) -> Tensor:
        return F.gelu(input, self.approximate)


class LeakyReLU(Module):
    """`input` above 0, `negative_slope * input` below."""

    def __init__(self, negative_slope: float = 0.01) -> None:
        super().__init__()
        self.negative_slope = negative_slope

    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(input, self.negative_slope)


class ELU(Module):
    """`input` above 0, `alpha * (exp(input) - 1)` below."""

    def __init__(self, alpha: float = 1.0) -> None:
        super().__init__()
        self.alpha = alpha

    def forward(self, input: Tensor) -> Tensor:
        return F.elu(input, self.alpha)


class Hardtanh(Module):
    """`input` held between `min_val` and `max_val`."""

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        super().__init__()
        self.min_val, self.max_val = min_val, max_val

    def forward(self, input: Tensor) -> Tensor:
        return F.hardtanh(input, self.min_val, self.max_val)


class Softplus(Module):
    """`log(1 + exp(beta * input)) / beta`."""

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        super().__init__()
        self.beta, self.threshold = beta, threshold

    def forward(self, input: Tensor) -> Tensor:
        return F.softplus(input, self.beta, self.threshold)


class Softmax(Module):
    """Positive numbers that sum to 1 along `dim` (which PyTorch guesses, with a warning)."""

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        if dim is None:
            raise TypeError(
                f"{type(self).__name__}: say along which dim, e.g. dim=1 for (n, classes)"
            )
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.softmax(input, self.dim)


class LogSoftmax(Softmax):
    """`log(softmax(input))` along `dim`, without overflow."""

    def forward(self, input: Tensor) -> Tensor:
        return F.log_softmax(input, self.dim)


class SELU(_Plain):
    """`elu`, scaled so that deep networks keep mean 0 and variance 1."""

    _function = staticmethod(F.selu)


class Hardsigmoid(_Plain):
    """A straight line from 0 at -3 to 1 at 3."""

    _function = staticmethod(F.hardsigmoid)


class Hardswish(_Plain):
    """`input * hardsigmoid(input)`."""

    _function = staticmethod(F.hardswish)


class CELU(ELU):
    """`input` above 0, `alpha * (exp(input / alpha) - 1)` below."""

    def forward(self, input: Tensor) -> Tensor:
        return F.celu(input, self.alpha)


class PReLU(Module):
    """`input` above 0, a learned `weight * input` below."""

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Any = None, dtype: Any = None
    ) -> None:
        super().__init__()
        self.num_parameters, self.init = num_parameters, init
        self.weight = Parameter(
            creation.full((num_parameters,), float(init), device=device, dtype=dtype)
        )

    def forward(self, input: Tensor) -> Tensor:
        return F.prelu(input, self.weight)


class GLU(Module):
    """One half of the input along `dim`, let through by the sigmoid of the other."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, input: Tensor) -> Tensor:
        return F.glu(input, self.dim)


class Softmin(Softmax):
    """The softmax of the negative input along `dim`."""

    def forward(self, input: Tensor) -> Tensor:
        return F.softmin(input, self.dim)
