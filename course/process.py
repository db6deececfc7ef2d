"""Settings of this process that both engines share: thread pools and the allocator.

NumPy's OpenBLAS and PyTorch's OpenMP each keep a pool of worker threads. Idle workers spin before they
sleep, so alternating the two engines makes each wait for cores that the other's workers burn: at two
threads a PyTorch matmul was measured 23 times slower (327 to 7,459 microseconds). Two environment
variables end this, if they are set before NumPy and PyTorch load; `environment` names them, so that a
launcher can set them for the kernels it starts, and `settle` sets them for this process.

On Linux, freed large arrays go back to the system and fault in again at every training step. Raising
glibc's thresholds keeps them (a small CNN's step: 13.3 to 7.1 ms). It serves PyTorch the same, so it is
applied to the process, never to one engine alone.
"""

import ctypes
import os
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # from glibc's malloc.h
_LARGEST = 1 << 25  # bytes; glibc refuses a higher threshold for mmap
_KEEP = 1 << 30  # bytes of freed memory that stay with the process


def environment() -> dict[str, str]:
    """The variables under which NumPy and PyTorch share the cores, for a process yet to start."""
    return {"OPENBLAS_THREAD_TIMEOUT": "4", "OMP_WAIT_POLICY": "PASSIVE"}


def settle() -> None:
    """Set thread waiting and the allocator for this process; what the user has set already, stays."""
    for name, value in environment().items():
        os.environ.setdefault(name, value)
    if sys.platform == "linux":
        try:
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST)
            libc.mallopt(_M_TRIM_THRESHOLD, _KEEP)
        except (OSError, AttributeError):  # another C library (musl): its own allocator stays
            pass
