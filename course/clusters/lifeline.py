"""A lifeline from a launched process to its launcher: when the launcher goes, so does the process.

The launcher listens on a loopback port; each process connects, says its number, and listens. The
system closes the connection however the launcher ends, a killed kernel included, and on every
system alike: no process outlives the cell that started it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import threading

VARIABLE = "COURSE_LIFELINE"


class Lifeline:
    """The launcher's end: processes hold the other one with :func:`hold`."""

    def __init__(self) -> None:
        self._token = secrets.token_hex(8)
        self._server = socket.create_server(("127.0.0.1", 0))
        self._held: dict[int, socket.socket] = {}  # by process number
        self._lock, self._closed = threading.Lock(), False
        threading.Thread(target=self._accept, daemon=True, name="lifeline").start()

    @property
    def address(self) -> str:
        """What a process needs in the environment variable `COURSE_LIFELINE`."""
        return f"{self._server.getsockname()[1]}:{self._token}"

    def _accept(self) -> None:
        while True:
            try:
                held, _ = self._server.accept()
            except OSError:  # closed
                return
            try:
                held.settimeout(5)
                token, pid = held.makefile().readline().split()
                if token != self._token:
                    raise ValueError("another program knocked")
                with self._lock:
                    if self._closed:
                        raise ValueError("too late")
                    self._held[int(pid)] = held
            except (OSError, ValueError):
                held.close()

    def cut(self, patience: float = 5.0) -> None:
        """Let go: every process at the other end leaves at once; one that does not hear is killed."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            for held in self._held.values():
                with contextlib.suppress(OSError):
                    held.shutdown(socket.SHUT_WR)
            for pid, held in self._held.items():
                # The other end is open for as long as the process lives, so that no number is
                # taken for one that another process has by now.
                held.settimeout(patience)
                try:
                    held.recv(1)
                except TimeoutError:
                    with contextlib.suppress(OSError):
                        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
                except OSError:
                    pass
                held.close()


def hold() -> None:
    """In a launched process: end at once when the launcher does; nothing without a launcher."""
    if VARIABLE not in os.environ:
        return
    port, token = os.environ[VARIABLE].split(":")
    try:
        line = socket.create_connection(("127.0.0.1", int(port)), timeout=5)
        line.sendall(f"{token} {os.getpid()}\n".encode())
        line.settimeout(None)
    except OSError:  # the launcher has gone already
        os._exit(1)

    def watch() -> None:
        with contextlib.suppress(OSError):
            line.recv(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="lifeline").start()
