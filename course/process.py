"""Settings of this process that both engines share: thread pools and the allocator.

NumPy's OpenBLAS and PyTorch's OpenMP each keep a pool of worker threads. Idle workers spin before they
sleep, so alternating the two engines makes each wait for cores that the other's workers burn: at two
threads a PyTorch matmul was measured 23 times slower (327 to 7,459 microseconds). Two environment
variables end this. Each library reads them as it loads: `environment` names them, so that a launcher can
set them for the kernels it starts; `settle` sets them for this process, and has an OpenBLAS that is
loaded already, in a notebook that imports NumPy first, read them again. OpenMP cannot be told
afterwards: PyTorch's workers, where it was imported before this course, spin on for some 10 ms.

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
    late = "numpy" in sys.modules and "OPENBLAS_THREAD_TIMEOUT" not in os.environ
    for name, value in environment().items():
        os.environ.setdefault(name, value)
    if late:
        _reread_openblas()
    if sys.platform == "linux":
        try:
            libc = ctypes.CDLL("libc.so.6")
            libc.mallopt(_M_MMAP_THRESHOLD, _LARGEST)
            libc.mallopt(_M_TRIM_THRESHOLD, _KEEP)
        except (OSError, AttributeError):  # another C library (musl): its own allocator stays
            pass


def _reread_openblas() -> None:
    """Have every loaded OpenBLAS read its variables again; its next product starts new workers."""
    try:
        from threadpoolctl import threadpool_info  # scikit-learn brings it
    except ImportError:
        return
    for library in threadpool_info():
        if library["internal_api"] == "openblas":
            openblas = ctypes.CDLL(library["filepath"])
            try:
                openblas.openblas_read_env()
                openblas.blas_thread_shutdown_()
            except AttributeError:  # built without these: its workers keep spinning
                pass
