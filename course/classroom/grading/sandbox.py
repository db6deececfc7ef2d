"""Limit this process before a learner's code runs in it: memory, processor time, files, network.

What the system does not offer is left out, and said: `limit` returns what it could do. It is a
fence against accidents and pranks, not a prison: the code still runs as the user who grades.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_CLONE_NEWNET, _CLONE_NEWUSER = 0x40000000, 0x10000000
_FILE_BYTES = 256 << 20


def limit(memory_mb: int, seconds: float, network: bool) -> dict[str, bool]:
    """Set the limits and return which of "memory" and "network" could be set.

    With `network` true the network is left as it is. Call it before other threads start: the
    system cuts the network off for a process of one thread only.
    """
    cut = False if network else cut_network()
    return {"memory": _limit_resources(memory_mb, seconds), "network": cut}


def _limit_resources(memory_mb: int, seconds: float) -> bool:
    try:
        import resource
    except ImportError:  # Windows
        return False
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _set(resource.RLIMIT_CPU, int(seconds) + 1, spare=5)  # the first is a signal that tells why
    return _set(resource.RLIMIT_AS, memory_mb << 20)


def _set(kind: int, value: int, spare: int = 0) -> bool:
    import resource

    hard = resource.getrlimit(kind)[1]
    most = value + spare
    if hard != resource.RLIM_INFINITY:
        value, most = min(value, hard), min(most, hard)
    try:
        resource.setrlimit(kind, (value, most))
    except (ValueError, OSError):  # macOS refuses some of them
        return False
    return True


def cut_network() -> bool:
    """Move this process into a network of its own without any connection; whether that worked.

    Linux only, and only where users may make namespaces (some distributions and containers forbid it).
    """
    if not sys.platform.startswith("linux"):
        return False
    user, group = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    try:  # keep the user's own number, so that files stay what they are
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError:
        pass
    return True
