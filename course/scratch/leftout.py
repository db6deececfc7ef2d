"""What is said when somebody asks for a part of PyTorch that the engine leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any


def sentence(place: str, name: str) -> str:
    """What to tell someone who looked for `name` in `place`, e.g. "course.scratch.nn"."""
    torchs = place.replace("course.scratch", "torch")
    return (
        f"{place} has no {name!r}: the engine is a small part of PyTorch. If {torchs}.{name} "
        "exists, use PyTorch for it, or write it from the operations that are here."
    )


def left_out(place: str) -> Callable[[str], Any]:
    """A `__getattr__` for the module `place`: Python calls it for names that are not there."""

    def missing(name: str) -> Any:
        raise AttributeError(sentence(place, name))

    return missing


class LeftOut:
    """Stands for a method that is left out, and says so when asked for.

    A `__getattr__` would say it of every name, but Python then looks up all attributes of a class
    on a slower path: each operation on tensors took 12 percent longer.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, owner: type) -> Any:
        raise AttributeError(sentence("course.scratch.Tensor", self._name))


METHODS = (
    "acosh", "addcdiv", "addmv", "addr", "aminmax", "angle", "argwhere", "as_strided", "asinh",
    "atanh", "bernoulli", "bfloat16", "cholesky", "clamp_max", "clamp_min", "copysign", "corrcoef",
    "cov", "cross", "cuda", "cummax", "cummin", "data_ptr", "det", "diag_embed", "digamma", "dist",
    "erfc", "erfinv", "exp_", "fill_diagonal_", "fliplr", "flipud", "fmod", "frac", "heaviside",
    "histc", "hypot", "index_add", "index_copy", "index_fill", "index_put_", "inner", "inverse",
    "is_cuda", "kron", "kthvalue", "layout", "lgamma", "logcumsumexp", "logdet", "logical_xor",
    "logit", "lu", "masked_scatter", "matrix_power", "mode", "msort", "multinomial", "nan_to_num",
    "nanmean", "nanmedian", "nanquantile", "nansum", "normal_", "pin_memory", "pinverse", "put_",
    "qr", "quantile", "random_", "relu_", "renorm", "resize_", "rot90", "scatter_", "scatter_reduce",
    "sigmoid_", "sinc", "slogdet", "sqrt_", "squeeze_", "storage", "svd", "take", "take_along_dim",
    "tanh_", "tensor_split", "to_sparse", "triangular_solve", "unfold", "uniform_", "unsqueeze_",
    "xlogy",
)  # fmt: skip

if TYPE_CHECKING:

    class LeftOutMethods:
        """A class that has all of these, for the tensor to inherit from."""

else:
    LeftOutMethods = type("LeftOutMethods", (), {name: LeftOut() for name in METHODS})
