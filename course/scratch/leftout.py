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
    "acos", "acosh", "addcdiv", "addcmul", "addmv", "addr", "aminmax", "angle", "argwhere",
    "as_strided", "asin", "asinh", "atan", "atan2", "atanh", "bernoulli", "bfloat16",
    "bincount", "broadcast_to", "cholesky", "clamp_max", "clamp_min", "copysign", "corrcoef",
    "cosh", "count_nonzero", "cov", "cross", "cummax", "cummin", "cumprod", "data_ptr",
    "det", "diag", "diag_embed", "diagonal", "diff", "digamma", "dist", "erfc", "erfinv",
    "exp2", "exp_", "expand_as", "fill_diagonal_", "fliplr", "flipud", "fmod", "frac",
    "heaviside", "histc", "hypot", "index_add", "index_copy", "index_fill", "index_put_",
    "inner", "inverse", "kron", "kthvalue", "layout", "lerp", "lgamma", "logaddexp",
    "logcumsumexp", "logdet", "logical_xor", "logit", "lu", "masked_scatter", "masked_select",
    "matrix_power", "median", "mode", "movedim", "msort", "multinomial", "nan_to_num",
    "nanmean", "nanmedian", "nanquantile", "nansum", "narrow", "new_empty", "new_full",
    "new_ones", "new_tensor", "new_zeros", "normal_", "pin_memory", "pinverse", "put_", "qr",
    "quantile", "random_", "ravel", "relu_", "renorm", "reshape_as", "resize_", "roll", "rot90",
    "scatter", "scatter_", "scatter_add", "scatter_reduce", "select", "short", "sigmoid_",
    "sinc", "sinh", "slogdet", "sqrt_", "squeeze_", "storage", "svd", "swapaxes", "take",
    "take_along_dim", "tan", "tanh_", "tensor_split", "tile", "to_sparse", "trace",
    "triangular_solve", "trunc", "type", "type_as", "unfold", "uniform_", "unique",
    "unsqueeze_", "view_as", "xlogy",
)  # fmt: skip

if TYPE_CHECKING:

    class LeftOutMethods:
        """A class that has all of these, for the tensor to inherit from."""

else:
    LeftOutMethods = type("LeftOutMethods", (), {name: LeftOut() for name in METHODS})
