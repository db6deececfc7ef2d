"""Every operation as a method of the tensor: `x.exp()` is `exp(x)`, and `x + y` is `add(x, y)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import (
    arithmetic,
    autograd,
    devices,
    dtypes,
    elementary,
    indexing,
    inplace,
    leftout,
    products,
    reductions,
    shapes,
    summaries,
    tensors,
)

if TYPE_CHECKING:
    from .tensors import Tensor


class Methods(leftout.LeftOutMethods):
    """The part of `Tensor` that only names functions of the other files."""

    _array: Any

    # ------------------------------------------------------------------------------ arithmetic

    add = __add__ = __radd__ = arithmetic.add
    sub = __sub__ = arithmetic.sub
    mul = __mul__ = __rmul__ = arithmetic.mul
    div = __truediv__ = arithmetic.div
    pow = __pow__ = arithmetic.pow
    remainder = __mod__ = arithmetic.remainder
    floor_divide = __floordiv__ = arithmetic.floor_divide
    matmul = __matmul__ = products.matmul
    neg = __neg__ = arithmetic.neg
    abs = __abs__ = arithmetic.abs

    def __rsub__(self: Any, other: Any) -> Tensor:
        return arithmetic.sub(other, self)

    def __rtruediv__(self: Any, other: Any) -> Tensor:
        return arithmetic.div(other, self)

    def __rpow__(self: Any, other: Any) -> Tensor:
        return arithmetic.pow(other, self)

    eq = __eq__ = arithmetic.eq  # type: ignore[assignment]
    ne = __ne__ = arithmetic.ne  # type: ignore[assignment]
    lt = __lt__ = arithmetic.lt
    le = __le__ = arithmetic.le
    gt = __gt__ = arithmetic.gt
    ge = __ge__ = arithmetic.ge
    bitwise_and = __and__ = __rand__ = arithmetic.bitwise_and
    bitwise_or = __or__ = __ror__ = arithmetic.bitwise_or
    bitwise_xor = __xor__ = __rxor__ = arithmetic.bitwise_xor
    bitwise_not = __invert__ = arithmetic.bitwise_not
    logical_not = arithmetic.logical_not
    logical_and = arithmetic.logical_and
    logical_or = arithmetic.logical_or
    isnan = arithmetic.isnan
    isinf = arithmetic.isinf
    isfinite = arithmetic.isfinite
    isclose = arithmetic.isclose
    allclose = arithmetic.allclose
    equal = arithmetic.equal

    square = arithmetic.square
    sqrt = arithmetic.sqrt
    rsqrt = arithmetic.rsqrt
    reciprocal = arithmetic.reciprocal
    exp = arithmetic.exp
    expm1 = arithmetic.expm1
    log = arithmetic.log
    log1p = arithmetic.log1p
    log2 = arithmetic.log2
    sin = arithmetic.sin
    cos = arithmetic.cos
    tanh = arithmetic.tanh
    sigmoid = arithmetic.sigmoid
    relu = arithmetic.relu
    sign = arithmetic.sign
    floor = arithmetic.floor
    ceil = arithmetic.ceil
    round = arithmetic.round
    clamp = clip = arithmetic.clamp
    maximum = arithmetic.maximum
    minimum = arithmetic.minimum
    masked_fill = arithmetic.masked_fill
    tan = elementary.tan
    asin = elementary.asin
    acos = elementary.acos
    atan = elementary.atan
    atan2 = elementary.atan2
    sinh = elementary.sinh
    cosh = elementary.cosh
    log10 = elementary.log10
    exp2 = elementary.exp2
    erf = elementary.erf
    logaddexp = elementary.logaddexp
    trunc = elementary.trunc
    lerp = elementary.lerp
    addcmul = elementary.addcmul

    def where(self: Any, condition: Tensor, other: Any) -> Tensor:
        return arithmetic.where(condition, self, other)

    # ------------------------------------------------------------------------------ reductions

    sum = reductions.sum
    mean = reductions.mean
    var = reductions.var
    std = reductions.std
    prod = reductions.prod
    max = reductions.max
    min = reductions.min
    amax = reductions.amax
    amin = reductions.amin
    argmax = reductions.argmax
    argmin = reductions.argmin
    all = reductions.all
    any = reductions.any
    softmax = reductions.softmax
    log_softmax = reductions.log_softmax
    logsumexp = reductions.logsumexp
    cumsum = reductions.cumsum
    norm = reductions.norm
    sort = reductions.sort
    topk = reductions.topk
    argsort = reductions.argsort
    bincount = reductions.bincount
    median = summaries.median
    count_nonzero = summaries.count_nonzero
    unique = summaries.unique
    trace = summaries.trace
    diff = summaries.diff
    cumprod = summaries.cumprod
    mm = products.mm
    mv = products.mv
    bmm = products.bmm
    dot = products.dot
    outer = products.outer
    addmm = products.addmm
    baddbmm = products.baddbmm

    # ------------------------------------------------------------------------------ shapes and places

    def reshape(self: Any, *shape: Any) -> Tensor:
        return shapes.reshape(self, shapes.sizes(shape))

    def permute(self: Any, *dims: Any) -> Tensor:
        return shapes.permute(self, shapes.sizes(dims))

    def flip(self: Any, *dims: Any) -> Tensor:
        return shapes.flip(self, shapes.sizes(dims))

    def split(self: Any, split_size: Any, dim: int = 0) -> tuple[Tensor, ...]:
        return shapes.split(self, split_size, dim)

    @property
    def T(self: Any) -> Tensor:  # noqa: N802
        return shapes.permute(self, tuple(range(self._array.ndim))[::-1])

    @property
    def mT(self: Any) -> Tensor:  # noqa: N802
        return shapes.transpose(self, -2, -1)

    view = shapes.view
    flatten = shapes.flatten
    unflatten = shapes.unflatten
    transpose = shapes.transpose
    t = shapes.t
    movedim = shapes.movedim
    squeeze = shapes.squeeze
    unsqueeze = shapes.unsqueeze
    expand = shapes.expand
    expand_as = shapes.expand_as
    broadcast_to = shapes.broadcast_to
    repeat = shapes.repeat
    repeat_interleave = shapes.repeat_interleave
    roll = shapes.roll
    narrow = shapes.narrow
    chunk = shapes.chunk
    unbind = shapes.unbind
    select = shapes.select
    tril = shapes.tril
    triu = shapes.triu
    diagonal = shapes.diagonal
    diag = shapes.diag
    clone = shapes.clone
    contiguous = shapes.contiguous
    ravel = shapes.ravel
    swapaxes = shapes.swapaxes

    def tile(self: Any, *dims: Any) -> Tensor:
        return shapes.tile(self, shapes.sizes(dims))

    def view_as(self: Any, other: Tensor) -> Tensor:
        return shapes.view(self, other.shape)

    def reshape_as(self: Any, other: Tensor) -> Tensor:
        return shapes.reshape(self, other.shape)

    __getitem__ = indexing.getitem
    __setitem__ = indexing.setitem
    gather = indexing.gather
    scatter = indexing.scatter
    scatter_add = indexing.scatter_add
    index_select = indexing.index_select
    masked_select = indexing.masked_select
    nonzero = indexing.nonzero

    # ------------------------------------------------------------------------------ in place

    add_ = __iadd__ = inplace.add_
    sub_ = __isub__ = inplace.sub_
    mul_ = __imul__ = inplace.mul_
    div_ = __itruediv__ = inplace.div_
    clamp_ = inplace.clamp_
    masked_fill_ = inplace.masked_fill_
    copy_ = inplace.copy_
    fill_ = inplace.fill_
    zero_ = inplace.zero_

    # ------------------------------------------------------------------------------ kinds of numbers

    def to(self: Any, *args: Any, dtype: Any = None, device: Any = None) -> Tensor:
        """This tensor with another dtype, or on another device; itself where nothing changes."""
        for value in args:
            if isinstance(value, tensors.Tensor):
                dtype = value.dtype
            elif isinstance(value, str | devices.device):
                device = value
            else:
                dtype = value
        if device is not None:
            devices.device(device)
        if dtype is None or self._array.dtype == dtype:
            return self
        before = self._array.dtype
        with np.errstate(invalid="ignore", over="ignore"):
            array = self._array.astype(dtypes.check_dtype(dtype))
        parents = (self,) if array.dtype.kind == "f" else ()  # whole numbers have no gradients
        return autograd.record(array, parents, lambda g: (g.astype(before),))

    def type(self: Any, dtype: Any) -> Tensor:
        return self.to(dtype)

    def type_as(self: Any, other: Tensor) -> Tensor:
        return self.to(other.dtype)

    def float(self: Any) -> Tensor:
        return self.to(dtypes.float32)

    def double(self: Any) -> Tensor:
        return self.to(dtypes.float64)

    def half(self: Any) -> Tensor:
        return self.to(dtypes.float16)

    def long(self: Any) -> Tensor:
        return self.to(dtypes.int64)

    def int(self: Any) -> Tensor:
        return self.to(dtypes.int32)

    def short(self: Any) -> Tensor:
        return self.to(dtypes.int16)

    def bool(self: Any) -> Tensor:
        return self.to(dtypes.boolean)

    def cpu(self: Any) -> Tensor:
        return self

    def new_zeros(self: Any, *size: Any) -> Tensor:
        return tensors.wrap(np.zeros(shapes.sizes(size), self._array.dtype))

    def new_ones(self: Any, *size: Any) -> Tensor:
        return tensors.wrap(np.ones(shapes.sizes(size), self._array.dtype))

    def new_empty(self: Any, *size: Any) -> Tensor:
        return tensors.wrap(np.empty(shapes.sizes(size), self._array.dtype))

    def new_full(self: Any, size: Any, fill_value: Any) -> Tensor:
        return tensors.wrap(np.full(shapes.sizes((size,)), fill_value, self._array.dtype))

    def new_tensor(self: Any, data: Any) -> Tensor:
        return tensors.wrap(np.array(data, self._array.dtype))
