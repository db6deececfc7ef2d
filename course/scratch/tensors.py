"""The tensor: an array, its gradient, and how it was made.

A `Tensor` holds a NumPy array, the gradient that `backward` leaves on it, and, where gradients are
wanted, its parents and the function that sends a gradient back to them (see `autograd.record`). All
arithmetic stands in the files that the methods below come from; a method is the function of the
same name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from . import arithmetic, autograd, devices, dtypes, indexing, products, reductions, shapes

Array = autograd.Array


def wrap(array: Array) -> Tensor:
    """A tensor around `array`, which it shares; no gradient is wanted."""
    out = object.__new__(Tensor)
    out._array = np.asarray(array) if isinstance(array, np.generic) else array
    return out


class Tensor:
    """An array that remembers how it was computed. Made by `tensor`, `zeros`, `rand`, …"""

    _array: Array
    # What most tensors never need stands on the class: making one sets only what differs.
    _grad: Tensor | None = None
    _parents: tuple[Tensor, ...] = ()
    _backward: Callable | None = None
    _saved: Any = ()  # pairs (tensor, version) that the backward relies on
    _base: Tensor | None = None  # whose memory this is a view of
    _version = 0  # counts the changes in place
    _retains_grad = False
    _hooks: Any = ()
    requires_grad = False

    __array_priority__ = 1000  # array * tensor is the tensor's affair

    def __init__(self, data: Any = ()) -> None:
        self._array = np.array(getattr(data, "_array", data), dtype=dtypes.get_default_dtype())

    # ------------------------------------------------------------------------------ what it is

    @property
    def shape(self) -> Size:
        return Size(self._array.shape)

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self._array.shape[dim]

    @property
    def ndim(self) -> int:
        return self._array.ndim

    def dim(self) -> int:
        return self._array.ndim

    def numel(self) -> int:
        return self._array.size

    @property
    def dtype(self) -> np.dtype:
        return self._array.dtype

    @property
    def device(self) -> devices.device:
        return devices.device("cpu")

    @property
    def is_leaf(self) -> bool:
        return self._backward is None

    @property
    def grad_fn(self) -> str | None:
        """The name of the operation that made this tensor (PyTorch: an object with such a name)."""
        return None if self._backward is None else f"<{autograd.operation(self._backward)}>"

    def is_floating_point(self) -> bool:
        return self._array.dtype.kind == "f"

    def is_contiguous(self) -> bool:
        return self._array.flags.c_contiguous

    def stride(self, dim: int | None = None) -> Any:
        steps = tuple(s // self._array.itemsize for s in self._array.strides)
        return steps if dim is None else steps[dim]

    def element_size(self) -> int:
        return self._array.itemsize

    @property
    def nbytes(self) -> int:
        return self._array.nbytes

    # ------------------------------------------------------------------------------ gradients

    @property
    def grad(self) -> Tensor | None:
        """The gradient that `backward` has added up here, or None."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        if value is not None and value._array.shape != self._array.shape:
            raise RuntimeError(
                f"grad of shape {value._array.shape} set on a tensor of shape {self._array.shape}"
            )
        self._grad = value

    @property
    def data(self) -> Tensor:
        """The same values without their history; changes show in both, unseen by backward."""
        return wrap(self._array)

    @data.setter
    def data(self, value: Tensor) -> None:
        self._array = value._array

    def backward(
        self,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Add this tensor's gradient with respect to each leaf it depends on to the leaf's `grad`.

        `gradient` weighs the elements; a single number needs none. Raises RuntimeError where
        nothing requires a gradient, or where the graph was freed by an earlier backward.
        """
        if create_graph:
            raise NotImplementedError(
                "create_graph=True: course.scratch does not differentiate gradients again"
            )
        autograd.walk([self], [autograd.start(self, gradient)], bool(retain_graph))

    def requires_grad_(self, requires_grad: bool = True) -> Tensor:
        """Ask for gradients (or no longer), in place."""
        if requires_grad and self._array.dtype.kind != "f":
            raise RuntimeError(
                f"only floating-point tensors can require gradients, this one holds {self.dtype}"
            )
        if not requires_grad and not self.is_leaf:
            raise RuntimeError("requires_grad can only be switched off on a leaf; use .detach()")
        self.requires_grad = requires_grad
        return self

    def detach(self) -> Tensor:
        """The same values (and memory) without their history."""
        out = wrap(self._array)
        out._base = self if self._base is None else self._base
        return out

    def retain_grad(self) -> None:
        """Keep the gradient of this tensor too, though it is not a leaf."""
        if not self.requires_grad:
            raise RuntimeError("retain_grad: this tensor does not require a gradient")
        self._retains_grad = not self.is_leaf

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Call `hook(gradient)` when this tensor's gradient is known; its result replaces it."""
        if not self.requires_grad:
            raise RuntimeError("register_hook: this tensor does not require a gradient")
        if not self._hooks:
            self._hooks = {}
        return RemovableHandle(self._hooks, hook)

    def _version_count(self) -> int:
        return self._version if self._base is None else self._base._version

    def _begin_in_place(self, name: str) -> Tensor:
        """Count a change in place, and return a stand-in that keeps the history so far."""
        recording = autograd.is_grad_enabled()
        if recording and self.requires_grad:
            if self.is_leaf:
                raise RuntimeError(
                    f"{name}: a leaf that requires a gradient cannot be changed in place while "
                    "recording; do it under no_grad()"
                )
            if self._base is not None:
                raise NotImplementedError(
                    f"{name}: changing a view in place while recording is left out of "
                    "course.scratch; change the whole tensor, or build a new one"
                )
        before = wrap(self._array)
        if recording:
            before.requires_grad, before._parents = self.requires_grad, self._parents
            before._backward, before._saved, before._base = self._backward, self._saved, self
        (self if self._base is None else self._base)._version += 1
        return before

    def _end_in_place(self, result: Tensor) -> Tensor:
        """Take over the values and the history of `result`, computed from the stand-in."""
        if result._array is not self._array:
            self._array[...] = result._array
        if result.requires_grad:
            self.requires_grad, self._parents = True, result._parents
            self._backward, self._saved = result._backward, result._saved
        return self

    # ---------------------------------------------------------------------------- values out and in

    def item(self) -> Any:
        """The only element, as a Python number."""
        if self._array.size != 1:
            raise RuntimeError(
                f"item: a tensor of shape {self._array.shape} is not a single number"
            )
        return self._array.item()

    def tolist(self) -> Any:
        """The elements as nested lists of Python numbers."""
        return self._array.tolist()

    def numpy(self) -> np.ndarray:
        """The array itself, shared; RuntimeError where a gradient is wanted: detach first."""
        if self.requires_grad:
            raise RuntimeError("numpy: this tensor requires a gradient; use x.detach().numpy()")
        return self._array

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.numpy()
        return array if dtype is None or dtype == array.dtype else array.astype(dtype)

    def __len__(self) -> int:
        if not self._array.ndim:
            raise TypeError("len: a tensor without dimensions has no length")
        return len(self._array)

    def __bool__(self) -> bool:
        if self._array.size != 1:
            raise RuntimeError(
                f"a tensor of shape {self._array.shape} is neither true nor false; use .any() or "
                ".all()"
            )
        return bool(self._array)

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self._array.dtype.kind == "f":
            raise TypeError("only integer tensors of a single element can be used as an index")
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return (
            format(self.item(), spec) if spec and not self._array.ndim else format(str(self), spec)
        )

    def __iter__(self) -> Iterator[Tensor]:
        if not self._array.ndim:
            raise TypeError("a tensor without dimensions cannot be iterated over")
        return iter([self[i] for i in range(len(self._array))])

    def __contains__(self, element: Any) -> bool:
        return bool((self == element).any())

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        body = np.array2string(
            self._array, separator=", ", prefix="tensor(", precision=4, threshold=1000
        )
        usual = self._array.dtype in (dtypes.get_default_dtype(), dtypes.int64, dtypes.boolean)
        kind = "" if usual else f", dtype={self._array.dtype}"
        if self._backward is not None:
            return f"tensor({body}{kind}, grad_fn={self.grad_fn})"
        return f"tensor({body}{kind}{', requires_grad=True' if self.requires_grad else ''})"

    def __deepcopy__(self, memo: dict) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError("only leaf tensors can be copied deeply; use .detach().clone()")
        out = object.__new__(type(self))
        out.__dict__.update(self.__dict__)
        out._array = self._array.copy()
        out._base, out._version, out._hooks = None, 0, ()
        out._grad = None if self._grad is None else wrap(self._grad._array.copy())
        memo[id(self)] = out
        return out

    # ----------------------------------------------------------------------------- kinds of numbers

    def to(self, *args: Any, dtype: Any = None, device: Any = None) -> Tensor:
        """This tensor with another dtype, or on another device; itself where nothing changes."""
        for value in args:
            if isinstance(value, Tensor):
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
        return autograd.record(
            array, (self,) if array.dtype.kind == "f" else (), lambda g: (g.astype(before),)
        )

    def type(self, dtype: Any) -> Tensor:
        return self.to(dtype)

    def float(self) -> Tensor:
        return self.to(dtypes.float32)

    def double(self) -> Tensor:
        return self.to(dtypes.float64)

    def half(self) -> Tensor:
        return self.to(dtypes.float16)

    def long(self) -> Tensor:
        return self.to(dtypes.int64)

    def int(self) -> Tensor:
        return self.to(dtypes.int32)

    def bool(self) -> Tensor:
        return self.to(dtypes.boolean)

    def type_as(self, other: Tensor) -> Tensor:
        return self.to(other.dtype)

    def cpu(self) -> Tensor:
        return self

    def contiguous(self) -> Tensor:
        """This tensor with its memory in order: itself, or a copy."""
        return (
            self
            if self._array.flags.c_contiguous
            else autograd.record(np.ascontiguousarray(self._array), (self,), lambda g: (g,))
        )

    def new_zeros(self, size: Any) -> Tensor:
        return wrap(np.zeros(size, self._array.dtype))

    def new_ones(self, size: Any) -> Tensor:
        return wrap(np.ones(size, self._array.dtype))

    # ------------------------------------------------------------------------------ in place

    def __setitem__(self, index: Any, value: Any) -> None:
        indexing.setitem(self, index, value)

    def _in_place(self, name: str, function: Callable, *args: Any, **kwargs: Any) -> Tensor:
        before = self._begin_in_place(name)
        if autograd.is_grad_enabled():
            # The backward may read the values as they were, so it gets a copy: these are
            # overwritten.
            before._array, before._base = before._array.copy(), None
        result = function(before, *args, **kwargs)
        if result._array.shape != self._array.shape:
            raise RuntimeError(
                f"{name}: the result has shape {result._array.shape}, the tensor "
                f"{self._array.shape}"
            )
        if dtypes.kind(result.dtype) > dtypes.kind(self.dtype):
            raise RuntimeError(
                f"{name}: a {result.dtype} result cannot be kept in a tensor of {self.dtype}"
            )
        return self._end_in_place(result)

    def add_(self, other: Any, *, alpha: Any = 1) -> Tensor:
        return self._in_place("add_", arithmetic.add, other, alpha=alpha)

    def sub_(self, other: Any, *, alpha: Any = 1) -> Tensor:
        return self._in_place("sub_", arithmetic.sub, other, alpha=alpha)

    def mul_(self, other: Any) -> Tensor:
        return self._in_place("mul_", arithmetic.mul, other)

    def div_(self, other: Any) -> Tensor:
        return self._in_place("div_", arithmetic.div, other)

    def clamp_(self, min: Any = None, max: Any = None) -> Tensor:
        return self._in_place("clamp_", arithmetic.clamp, min, max)

    def masked_fill_(self, mask: Tensor, value: Any) -> Tensor:
        return self._in_place("masked_fill_", arithmetic.masked_fill, mask, value)

    def copy_(self, src: Tensor) -> Tensor:
        self[...] = src.to(self._array.dtype)
        return self

    def fill_(self, value: Any) -> Tensor:
        self[...] = value
        return self

    def zero_(self) -> Tensor:
        return self.fill_(0)

    __iadd__, __isub__, __imul__, __itruediv__ = add_, sub_, mul_, div_

    # ------------------------------------------------------------------------------ the operations

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

    def __rsub__(self, other: Any) -> Tensor:
        return arithmetic.sub(other, self)

    def __rtruediv__(self, other: Any) -> Tensor:
        return arithmetic.div(other, self)

    def __rpow__(self, other: Any) -> Tensor:
        return arithmetic.pow(other, self)

    eq = __eq__ = arithmetic.eq  # type: ignore[assignment]
    ne = __ne__ = arithmetic.ne  # type: ignore[assignment]
    lt = __lt__ = arithmetic.lt
    le = __le__ = arithmetic.le
    gt = __gt__ = arithmetic.gt
    ge = __ge__ = arithmetic.ge
    bitwise_and = __and__ = arithmetic.bitwise_and
    bitwise_or = __or__ = arithmetic.bitwise_or
    bitwise_xor = __xor__ = arithmetic.bitwise_xor
    bitwise_not = __invert__ = arithmetic.bitwise_not
    logical_not, logical_and, logical_or = (
        arithmetic.logical_not,
        arithmetic.logical_and,
        arithmetic.logical_or,
    )
    isnan, isinf, isfinite = arithmetic.isnan, arithmetic.isinf, arithmetic.isfinite
    isclose, allclose, equal = arithmetic.isclose, arithmetic.allclose, arithmetic.equal

    square, sqrt, rsqrt, reciprocal = (
        arithmetic.square,
        arithmetic.sqrt,
        arithmetic.rsqrt,
        arithmetic.reciprocal,
    )
    exp, expm1, log, log1p, log2 = (
        arithmetic.exp,
        arithmetic.expm1,
        arithmetic.log,
        arithmetic.log1p,
        arithmetic.log2,
    )
    sin, cos, tanh, sigmoid, relu = (
        arithmetic.sin,
        arithmetic.cos,
        arithmetic.tanh,
        arithmetic.sigmoid,
        arithmetic.relu,
    )
    sign, floor, ceil, round, clamp = (
        arithmetic.sign,
        arithmetic.floor,
        arithmetic.ceil,
        arithmetic.round,
        arithmetic.clamp,
    )
    maximum, minimum = arithmetic.maximum, arithmetic.minimum
    masked_fill = arithmetic.masked_fill

    def where(self, condition: Tensor, other: Any) -> Tensor:
        return arithmetic.where(condition, self, other)

    sum, mean, var, std, prod = (
        reductions.sum,
        reductions.mean,
        reductions.var,
        reductions.std,
        reductions.prod,
    )
    max, min, amax, amin = reductions.max, reductions.min, reductions.amax, reductions.amin
    argmax, argmin, all, any = reductions.argmax, reductions.argmin, reductions.all, reductions.any
    softmax, log_softmax, logsumexp = (
        reductions.softmax,
        reductions.log_softmax,
        reductions.logsumexp,
    )
    cumsum, norm, sort, topk, argsort = (
        reductions.cumsum, reductions.norm, reductions.sort, reductions.topk, reductions.argsort,
    )  # fmt: skip
    bincount = reductions.bincount

    def reshape(self, *shape: Any) -> Tensor:
        return shapes.reshape(self, shapes.sizes(shape))

    def permute(self, *dims: Any) -> Tensor:
        return shapes.permute(self, shapes.sizes(dims))

    view, flatten, unflatten = shapes.view, shapes.flatten, shapes.unflatten
    transpose, t, movedim, squeeze, unsqueeze = (
        shapes.transpose,
        shapes.t,
        shapes.movedim,
        shapes.squeeze,
        shapes.unsqueeze,
    )
    expand, expand_as, broadcast_to = shapes.expand, shapes.expand_as, shapes.broadcast_to
    repeat, repeat_interleave, flip, roll = (
        shapes.repeat,
        shapes.repeat_interleave,
        shapes.flip,
        shapes.roll,
    )
    narrow, split, chunk, unbind, select = (
        shapes.narrow,
        shapes.split,
        shapes.chunk,
        shapes.unbind,
        shapes.select,
    )
    tril, triu, diagonal, diag, clone = (
        shapes.tril,
        shapes.triu,
        shapes.diagonal,
        shapes.diag,
        shapes.clone,
    )

    @property
    def T(self) -> Tensor:  # noqa: N802
        return shapes.permute(self, tuple(range(self._array.ndim))[::-1])

    @property
    def mT(self) -> Tensor:  # noqa: N802
        return shapes.transpose(self, -2, -1)

    mm, mv, bmm, dot, outer = products.mm, products.mv, products.bmm, products.dot, products.outer

    __getitem__ = indexing.getitem
    gather, scatter, scatter_add = indexing.gather, indexing.scatter, indexing.scatter_add
    index_select, masked_select, nonzero = (
        indexing.index_select,
        indexing.masked_select,
        indexing.nonzero,
    )


class Size(tuple):
    """The shape of a tensor: a tuple that can count its elements."""

    def numel(self) -> int:
        return int(np.prod(self))

    def __repr__(self) -> str:
        return f"Size({list(self)})"


class RemovableHandle:
    """What registering a hook returns: `remove` takes the hook off again."""

    _count = 0

    def __init__(self, hooks: dict, hook: Callable) -> None:
        RemovableHandle._count += 1
        self._hooks, self.id = hooks, RemovableHandle._count
        hooks[self.id] = hook

    def remove(self) -> None:
        self._hooks.pop(self.id, None)
