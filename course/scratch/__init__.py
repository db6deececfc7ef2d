# ruff: noqa: F401 (the names imported here are what the package offers)
"""The engine: a strict subset of PyTorch on NumPy. Every name here means what it means in `torch`.

What is left out raises an AttributeError that says so. README.md beside this file says in which
order to read the engine.
"""

from . import tensors as _tensors  # isort: skip  (first: it closes the circle with autograd)

from math import e, inf, nan, pi

from numpy import finfo, iinfo

from . import autograd, linalg, nn, optim, random, utils
from .arithmetic import (
    abs,
    add,
    allclose,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    ceil,
    clamp,
    cos,
    div,
    eq,
    equal,
    exp,
    expm1,
    floor,
    floor_divide,
    ge,
    gt,
    isclose,
    isfinite,
    isinf,
    isnan,
    le,
    log,
    log1p,
    log2,
    logical_and,
    logical_not,
    logical_or,
    lt,
    masked_fill,
    maximum,
    minimum,
    mul,
    ne,
    neg,
    pow,
    reciprocal,
    relu,
    remainder,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sqrt,
    square,
    sub,
    tanh,
    where,
)
from .chunks import get_num_threads, set_num_threads
from .creation import (
    arange,
    as_tensor,
    empty,
    empty_like,
    eye,
    from_numpy,
    full,
    full_like,
    is_tensor,
    linspace,
    logspace,
    ones,
    ones_like,
    tensor,
    tril_indices,
    triu_indices,
    zeros,
    zeros_like,
)
from .devices import device
from .dtypes import (
    boolean as bool,
)
from .dtypes import (
    float16,
    float32,
    float64,
    get_default_dtype,
    int8,
    int16,
    int32,
    int64,
    promote_types,
    set_default_dtype,
    uint8,
)
from .elementary import (
    acos,
    addcmul,
    asin,
    atan,
    atan2,
    cosh,
    erf,
    exp2,
    lerp,
    log10,
    logaddexp,
    sinh,
    tan,
    trunc,
)
from .indexing import gather, index_select, masked_select, nonzero, scatter, scatter_add
from .leftout import left_out as _left_out
from .products import addmm, baddbmm, bmm, dot, einsum, matmul, mm, mv, outer
from .random import (
    Generator,
    bernoulli,
    default_generator,
    get_rng_state,
    initial_seed,
    manual_seed,
    multinomial,
    normal,
    rand,
    rand_like,
    randint,
    randn,
    randn_like,
    randperm,
    set_rng_state,
)
from .reductions import (
    all,
    amax,
    amin,
    any,
    argmax,
    argmin,
    argsort,
    bincount,
    cumsum,
    log_softmax,
    logsumexp,
    max,
    mean,
    min,
    norm,
    prod,
    softmax,
    sort,
    std,
    sum,
    topk,
    var,
)
from .serialization import load, save
from .shapes import (
    broadcast_to,
    cat,
    chunk,
    clone,
    concat,
    diag,
    diagonal,
    flatten,
    flip,
    hstack,
    meshgrid,
    movedim,
    narrow,
    permute,
    ravel,
    repeat_interleave,
    reshape,
    roll,
    select,
    split,
    squeeze,
    stack,
    swapaxes,
    t,
    tile,
    transpose,
    tril,
    triu,
    unbind,
    unflatten,
    unsqueeze,
    vstack,
)
from .summaries import count_nonzero, cumprod, diff, median, std_mean, trace, unique, var_mean
from .switches import enable_grad, inference_mode, is_grad_enabled, no_grad, set_grad_enabled
from .tensors import Size, Tensor

half, float, double = float16, float32, float64
short, int, long = int16, int32, int64

clip = clamp
concatenate = cat

__getattr__ = _left_out("course.scratch")
