"""The base of all layers and models: it knows its parameters, its parts, and its mode."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ... import dtypes
from ...autograd import Array
from ...devices import beside, destination
from ...tensors import RemovableHandle, Tensor
from ..parameter import Parameter


def _array(value: Any) -> Array:
    """The array of a tensor of this engine, of PyTorch or of NumPy."""
    return value._array if isinstance(value, Tensor) else np.asarray(value)


class _IncompatibleKeys(namedtuple("IncompatibleKeys", "missing_keys unexpected_keys")):
    def __repr__(self) -> str:
        return super().__repr__() if any(self) else "<All keys matched successfully>"


class Module:
    """Subclass it: make parameters and parts in `__init__`, compute in `forward`."""

    training: bool

    def __init__(self) -> None:
        for name in ("_parameters", "_buffers", "_modules", "_forward_hooks", "_forward_pre_hooks"):
            object.__setattr__(self, name, {})
        self._unsaved_buffers: set[str] = set()
        self.training = True

    def forward(self, *input: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} must define forward(...)")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        for hook in self._forward_pre_hooks.values():
            changed = hook(self, args)
            if changed is not None:
                args = changed if isinstance(changed, tuple) else (changed,)
        out = self.forward(*args, **kwargs)
        for hook in self._forward_hooks.values():
            changed = hook(self, args, out)
            out = out if changed is None else changed
        return out

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        if "_modules" not in tables:
            raise AttributeError(
                f"{type(self).__name__}: call super().__init__() before setting {name!r}"
            )
        for table, kind in (("_parameters", Parameter), ("_modules", Module), ("_buffers", Tensor)):
            if name in tables[table]:
                if value is not None and not isinstance(value, (kind, Parameter, Module)):
                    raise TypeError(
                        f"{type(self).__name__}.{name} is a {kind.__name__}; {type(value).__name__} "
                        "cannot take its place (del it first, or assign None)"
                    )
                moved = table == "_buffers" and isinstance(value, Parameter)
                if value is None or (isinstance(value, kind) and not moved):
                    tables[table][name] = value
                    return
                del tables[table][name]
        if isinstance(value, Parameter):
            tables.pop(name, None)
            tables["_parameters"][name] = value
        elif isinstance(value, Module):
            tables.pop(name, None)
            tables["_modules"][name] = value
        else:
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        for table in ("_parameters", "_buffers", "_modules"):
            if name in self.__dict__.get(table, ()):
                return self.__dict__[table][name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                return
        object.__delattr__(self, name)

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """List `param` under `name`; None keeps the place."""
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None, persistent: bool = True) -> None:
        """Keep a tensor that is saved with the model (unless not `persistent`) but not trained."""
        self._buffers[name] = tensor
        if not persistent:
            self._unsaved_buffers.add(name)

    def register_module(self, name: str, module: Module | None) -> None:
        """Make `module` a part under `name`."""
        self._modules[name] = module

    add_module = register_module

    def register_forward_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(module, args, output)` after each forward; its result replaces the output."""
        return RemovableHandle(self._forward_hooks, hook)

    def register_forward_pre_hook(self, hook: Callable) -> RemovableHandle:
        """Call `hook(module, args)` before each forward; its result replaces the arguments."""
        return RemovableHandle(self._forward_pre_hooks, hook)

    def named_modules(self, memo: Any = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and all below it, each once, with dotted names."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """This module and all below it, each once."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The direct parts with their names."""
        return ((name, part) for name, part in self._modules.items() if part is not None)

    def children(self) -> Iterator[Module]:
        """The direct parts."""
        return (part for _, part in self.named_children())

    def _named(self, table: str, prefix: str, recurse: bool) -> Iterator[tuple[str, Any]]:
        seen: set = set()
        for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, value in module.__dict__[table].items():
                if value is not None and value not in seen:
                    seen.add(value)
                    yield (f"{path}.{name}" if path else name), value

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[Any]:
        """All parameters, each once, with dotted names."""
        return self._named("_parameters", prefix, recurse)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """All parameters, each once."""
        return (parameter for _, parameter in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "", recurse: bool = True) -> Iterator[Any]:
        """All buffers, each once, with dotted names."""
        return self._named("_buffers", prefix, recurse)

    def buffers(self, recurse: bool = True) -> Iterator[Tensor]:
        """All buffers, each once."""
        return (buffer for _, buffer in self.named_buffers(recurse=recurse))

    def get_submodule(self, target: str) -> Module:
        """The part with this dotted name."""
        found: Any = self
        for name in target.split(".") if target else ():
            found = getattr(found, name)
        return found

    def state_dict(self, *, prefix: str = "") -> dict[str, Tensor]:
        """All parameters and persistent buffers by name, detached, in the module's memory."""
        kept = {k: v for k, v in self._buffers.items() if k not in self._unsaved_buffers}
        own = {**self._parameters, **kept}
        state = {prefix + name: value.detach() for name, value in own.items() if value is not None}
        for name, module in self.named_children():
            state.update(module.state_dict(prefix=f"{prefix}{name}."))
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any], strict: bool = True) -> Any:
        """Copy values into the parameters and buffers of the same names.

        Raises RuntimeError, and changes nothing, where shapes differ or, with `strict`, where names
        do.
        """
        own = self.state_dict()
        missing = [name for name in own if name not in state_dict]
        unexpected = [name for name in state_dict if name not in own]
        shapes = {
            name: (tuple(tensor.shape), tuple(state_dict[name].shape))
            for name, tensor in own.items()
            if name in state_dict
        }
        wrong = [
            f"{name} has shape {mine}, the saved one {saved}"
            for name, (mine, saved) in shapes.items()
            if mine != saved
        ]
        if strict and missing:
            wrong.append(f"missing: {', '.join(missing)}")
        if strict and unexpected:
            wrong.append(f"unexpected: {', '.join(unexpected)}")
        if wrong:
            raise RuntimeError(
                f"load_state_dict: {type(self).__name__} does not fit: {'; '.join(wrong)}"
            )
        for name, value in state_dict.items():
            if name in own:
                own[name]._array[...] = beside(_array(value), own[name]._array)
        return _IncompatibleKeys(missing, unexpected)

    def train(self, mode: bool = True) -> Module:
        """Set the training mode: dropout drops, batch norm uses and tracks its batch."""
        for module in self.modules():
            object.__setattr__(module, "training", mode)
        return self

    def eval(self) -> Module:
        """Set the evaluation mode: the opposite of `train`."""
        return self.train(False)

    def apply(self, fn: Callable[[Module], Any]) -> Module:
        """Call `fn` on every part, and then on this module."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    def requires_grad_(self, requires_grad: bool = True) -> Module:
        """Train all parameters, or freeze them."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients, or fill them with zeros."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.zero_()

    def to(self, *args: Any, dtype: Any = None, device: Any = None) -> Module:
        """Convert and move all parameters and buffers, in place; see `Tensor.to`.

        The dtype is for those of floating point.
        """
        dtype, device = destination(args, dtype, device)
        for tensor in [*self.parameters(), *self.buffers()]:
            kind = dtype if tensor.is_floating_point() else None
            tensor._array = tensor.detach().to(dtype=kind, device=device)._array
            if tensor._grad is not None:
                tensor._grad = tensor._grad.to(dtype=kind, device=device)
        return self

    def cpu(self) -> Module:
        """All parameters and buffers on the CPU."""
        return self.to("cpu")

    def cuda(self) -> Module:
        """All parameters and buffers on the GPU."""
        return self.to("cuda")

    def float(self) -> Module:
        """All floating-point parameters and buffers as float32."""
        return self.to(dtypes.float32)

    def double(self) -> Module:
        """All floating-point parameters and buffers as float64."""
        return self.to(dtypes.float64)

    def extra_repr(self) -> str:
        """What stands in the brackets of this module's line when a model is printed."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({k}): {m!r}".replace("\n", "\n  ") for k, m in self._modules.items()]
        if not lines:
            return f"{type(self).__name__}({self.extra_repr()})"
        if self.extra_repr():
            lines.insert(0, self.extra_repr())
        return f"{type(self).__name__}(\n  " + "\n  ".join(lines) + "\n)"
