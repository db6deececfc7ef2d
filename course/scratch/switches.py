"""Whether operations are recorded, and whether NaNs are searched: switches of the running thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any


class _Mode(threading.local):
    enabled = True
    anomaly = False


mode = _Mode()


class _Switch:
    """Sets the gradient mode in a `with` block or a decorated function, and restores it after."""

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._before: list[bool] = []

    def __enter__(self) -> None:
        self._before.append(mode.enabled)
        mode.enabled = self._wanted

    def __exit__(self, *exc: object) -> None:
        mode.enabled = self._before.pop()

    def __call__(self, function: Callable) -> Callable:
        @wraps(function)
        def switched(*args: Any, **kwargs: Any) -> Any:
            with _Switch(self._wanted):
                return function(*args, **kwargs)

        return switched


class _Plain(_Switch):
    """A switch without settings, which also decorates without brackets: `@no_grad`."""

    def __new__(cls, orig_func: Callable | None = None) -> Any:
        return super().__new__(cls) if orig_func is None else cls()(orig_func)


class no_grad(_Plain):  # noqa: N801
    """Compute without recording, as a context manager or a decorator: results need no gradient."""

    def __init__(self) -> None:
        super().__init__(False)


class enable_grad(_Plain):  # noqa: N801
    """Record again inside a `no_grad` block."""

    def __init__(self) -> None:
        super().__init__(True)


class inference_mode(_Switch):  # noqa: N801
    """The same as `no_grad` here; PyTorch saves a little more."""

    def __init__(self, mode: bool = True) -> None:
        super().__init__(not mode)


class set_grad_enabled(_Switch):  # noqa: N801
    """Switch recording on or off, at once and, as a context manager, until the block ends."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        super().__enter__()

    def __enter__(self) -> None:
        mode.enabled = self._wanted

    def __call__(self, function: Callable) -> Callable:
        self.__exit__()  # a decorator changes nothing until the function runs
        return super().__call__(function)


class detect_anomaly:  # noqa: N801
    """Inside this block, stop at the first NaN and name the operation that made it."""

    def __enter__(self) -> None:
        self._before, mode.anomaly = mode.anomaly, True

    def __exit__(self, *exc: object) -> None:
        mode.anomaly = self._before


def is_grad_enabled() -> bool:
    """Whether operations are being recorded."""
    return mode.enabled
