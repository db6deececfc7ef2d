# ruff: noqa: F401 (the names imported here are what the package offers)
"""The engine: a strict subset of PyTorch on NumPy. Every name here means what it means in `torch`.

What is left out raises an AttributeError that says so. README.md beside this file says in which
order to read the engine.
"""

from . import tensors as _tensors  # isort: skip  (first: it closes the circle with autograd)

# isort: off
# fmt: off
from math import e, inf, nan, pi

from numpy import finfo, iinfo

from . import autograd, cuda, nn, optim, random, utils
from .arithmetic import (
    abs, add, allclose, bitwise_and, bitwise_not, bitwise_or, bitwise_xor, ceil, clamp, cos, div,
    eq, equal, erf, exp, expm1, floor, floor_divide, ge, gt, isclose, isfinite, isinf, isnan, le,
    log, log1p, log2, log10, logical_and, logical_not, logical_or, lt, masked_fill, maximum,
    minimum, mul, ne, neg, pow, reciprocal, relu, remainder, round, rsqrt, sigmoid, sign, sin, sqrt,
    square, sub, tanh, where,
)
from .chunks import get_num_threads, set_num_threads
from .creation import (
    arange, as_tensor, empty, eye, from_numpy, full, full_like, is_tensor, linspace, ones,
    ones_like, tensor, zeros, zeros_like,
)
from .devices import device
from .dtypes import boolean as bool
from .dtypes import (
    float16, float32, float64, get_default_dtype, int8, int16, int32, int64, promote_types,
    set_default_dtype, uint8,
)
from .foreign import explain as _explain
from .indexing import gather, index_select, nonzero
from .leftout import left_out as _left_out
from .products import addmm, baddbmm, bmm, dot, einsum, matmul, mm, mv, outer
from .random import (
    Generator, default_generator, get_rng_state, initial_seed, manual_seed, multinomial, rand,
    rand_like, randint, randn, randn_like, randperm, set_rng_state,
)
from .reductions import (
    all, amax, amin, any, argmax, argmin, argsort, cumsum, log_softmax, logsumexp, max, mean, min,
    norm, prod, softmax, sort, std, sum, topk, var,
)
from .serialization import load, save
from .shapes import (
    cat, chunk, clone, flatten, flip, permute, repeat_interleave, reshape, split, squeeze, stack, t,
    transpose, tril, triu, unbind, unflatten, unsqueeze,
)
from .switches import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .tensors import Tensor
from .values import Size

# fmt: on
# isort: on
half, float, double = float16, float32, float64
short, int, long = int16, int32, int64
clip = clamp

_explain(__name__)

__getattr__ = _left_out("course.scratch")
