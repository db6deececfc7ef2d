"""Modules that only call a function: activations, pooling and losses.

PyTorch writes a class for each. Their constructors take exactly what the function takes beside its
tensors, by the same names, in the same order and with the same defaults; so here one function makes
them all.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from ...tensors import Tensor
from .. import functional as F
from ..functional.activation import refuse
from .module import Module


def _module(name: str, function: Callable[..., Tensor], tensors: int = 1) -> Any:
    """The class called `name` whose `forward` takes the first `tensors` arguments of `function`.

    The other arguments are given to the constructor and are attributes afterwards, weights among
    them as buffers.
    """
    parameters = list(inspect.signature(function).parameters.values())
    settings = inspect.Signature([p for p in parameters[tensors:] if p.name != "dtype"])
    names = list(settings.parameters)
    myself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)

    def construct(self: Module, *args: Any, **kwargs: Any) -> None:
        Module.__init__(self)
        try:
            given = settings.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{name}{settings}: {error}") from None
        given.apply_defaults()
        refuse(given.arguments.get("inplace", False))
        if given.arguments.get("stride", 1) is None:
            given.arguments["stride"] = given.arguments["kernel_size"]
        for key, value in given.arguments.items():
            if key.endswith("weight"):
                self.register_buffer(key, value)
            else:
                setattr(self, key, value)

    def forward(self: Module, *input: Tensor) -> Tensor:
        return function(*input, **{key: getattr(self, key) for key in names})

    def extra_repr(self: Module) -> str:
        shown = [key for key in names if tensors == 1 and key != "inplace"]
        return ", ".join(f"{key}={getattr(self, key)!r}" for key in shown)

    construct.__signature__ = settings.replace(  # type: ignore[attr-defined]
        parameters=[myself, *settings.parameters.values()]
    )
    forward.__signature__ = inspect.Signature([myself, *parameters[:tensors]])  # type: ignore[attr-defined]
    members = {"__init__": construct, "forward": forward, "extra_repr": extra_repr}
    about = f"Calls `functional.{function.__name__}`: {(function.__doc__ or '').lstrip()}"
    return type(name, (Module,), {**members, "__doc__": about, "__module__": __name__})


ReLU = _module("ReLU", F.relu)
ReLU6 = _module("ReLU6", F.relu6)
LeakyReLU = _module("LeakyReLU", F.leaky_relu)
ELU = _module("ELU", F.elu)
SiLU = _module("SiLU", F.silu)
GELU = _module("GELU", F.gelu)
Sigmoid = _module("Sigmoid", F.sigmoid)
LogSigmoid = _module("LogSigmoid", F.logsigmoid)
Tanh = _module("Tanh", F.tanh)
Hardtanh = _module("Hardtanh", F.hardtanh)
Softplus = _module("Softplus", F.softplus)
Softmax = _module("Softmax", F.softmax)
LogSoftmax = _module("LogSoftmax", F.log_softmax)

MaxPool1d = _module("MaxPool1d", F.max_pool1d)
MaxPool2d = _module("MaxPool2d", F.max_pool2d)
AvgPool1d = _module("AvgPool1d", F.avg_pool1d)
AvgPool2d = _module("AvgPool2d", F.avg_pool2d)
AdaptiveAvgPool1d = _module("AdaptiveAvgPool1d", F.adaptive_avg_pool1d)
AdaptiveAvgPool2d = _module("AdaptiveAvgPool2d", F.adaptive_avg_pool2d)
AdaptiveMaxPool1d = _module("AdaptiveMaxPool1d", F.adaptive_max_pool1d)
AdaptiveMaxPool2d = _module("AdaptiveMaxPool2d", F.adaptive_max_pool2d)

MSELoss = _module("MSELoss", F.mse_loss, 2)
L1Loss = _module("L1Loss", F.l1_loss, 2)
HuberLoss = _module("HuberLoss", F.huber_loss, 2)
SmoothL1Loss = _module("SmoothL1Loss", F.smooth_l1_loss, 2)
CrossEntropyLoss = _module("CrossEntropyLoss", F.cross_entropy, 2)
NLLLoss = _module("NLLLoss", F.nll_loss, 2)
BCELoss = _module("BCELoss", F.binary_cross_entropy, 2)
BCEWithLogitsLoss = _module("BCEWithLogitsLoss", F.binary_cross_entropy_with_logits, 2)
KLDivLoss = _module("KLDivLoss", F.kl_div, 2)
