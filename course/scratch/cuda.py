"""A GPU, by way of CuPy: the only file that imports it.

The engine is NumPy code on both devices. NumPy hands a call on a CuPy array on to CuPy, and makes
new arrays on the GPU where it is told `like=` one that is there; so an operation is written once.
"""

from __future__ import annotations

from typing import Any

from .leftout import left_out as _left_out

__all__ = ["is_available", "synchronize"]


def _library() -> Any:
    """CuPy, or a RuntimeError that says what is missing."""
    try:
        import cupy
    except ImportError as error:
        raise RuntimeError(
            "device 'cuda': course.scratch uses a GPU through CuPy, which cannot be imported "
            f"({error}); install cupy-cuda12x or cupy-cuda13x, for the CUDA version that "
            "nvidia-smi shows, or use 'cpu'"
        ) from None
    if int(cupy.__version__.split(".")[0]) < 14:  # before, it mixed dtypes by NumPy 1's rules
        raise RuntimeError(
            f"device 'cuda': course.scratch needs CuPy 14 or newer, this is {cupy.__version__}; "
            "upgrade it, or use 'cpu'"
        )
    if not cupy.is_available():
        raise RuntimeError(
            "device 'cuda': CuPy is installed, but finds no NVIDIA GPU with a working driver "
            "here; use 'cpu'"
        )
    return cupy


def _erf(x: Any) -> Any:
    """CUDA's error function, element by element."""
    from cupyx.scipy.special import erf

    return erf(x)


def is_available() -> bool:
    """Whether tensors can be put on a GPU here."""
    try:
        return bool(_library())
    except RuntimeError:
        return False


def synchronize() -> None:
    """Wait until the GPU has done all that it was given: before stopping a clock, say."""
    _library().cuda.Device().synchronize()


__getattr__ = _left_out("course.scratch.cuda")
