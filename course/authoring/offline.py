"""Forbid a process the network: every lesson must run without one.

A kernel that is given `profile`'s folder as its IPYTHONDIR runs this file as it starts. Python's own
sockets are watched, by an audit hook that code cannot take away; what a C library opens is not.
"""

from __future__ import annotations

import ipaddress
import sys
from pathlib import Path
from typing import Any

_WATCHED = ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname")


def forbid() -> None:
    """From now on, reaching for any machine but this one raises ConnectionRefusedError."""
    sys.addaudithook(_refuse)


def profile(folder: Path) -> Path:
    """Write into `folder` what makes an IPython kernel forbid itself the network; return `folder`."""
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True, exist_ok=True)
    # As one expression, for a startup file shares its names with the notebook.
    line = f"__import__('runpy').run_path({str(Path(__file__).resolve())!r}, run_name='__main__')\n"
    (startup / "00_offline.py").write_text(line, encoding="utf-8")
    return folder


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _WATCHED:
        return
    address = arguments[1] if event in ("socket.connect", "socket.sendto") else arguments[0]
    host = address[0] if isinstance(address, tuple) else address
    # A path is a socket between programs of this machine.
    if event in ("socket.connect", "socket.sendto") and not isinstance(address, tuple):
        return
    if not _is_here(host):
        raise ConnectionRefusedError(
            f"The network is forbidden here: a lesson runs without one, and this reached for {host!r}."
        )


def _is_here(host: Any) -> bool:
    if host is None:
        return True
    name = host.decode(errors="replace") if isinstance(host, bytes) else str(host)
    if name in ("", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        import socket

        return name == socket.gethostname()


if __name__ == "__main__":
    forbid()
