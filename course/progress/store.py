"""The file that remembers: one event a line, appended; a damaged line costs only itself.

Each line is a checksum and an event as JSON, written with one append. So two notebooks may write at
once, a kill in the middle of a write leaves at most a torn last line, and what a damaged file still
holds can be read. A database would need files beside it and locks that a mounted drive (Colab's)
does not keep; here a lock only guards the rare rewriting.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from course.progress.state import State

_LARGEST = 1_000_000  # bytes, after which the events are written as their sum
_PATIENCE = 2.0  # seconds to wait for another notebook's rewriting


class Store:
    """The progress in the file ``path``; it is made when the first event is added.

    ``notice`` is a sentence about damage that was found and set aside, or "".
    """

    def __init__(self, path: Path) -> None:
        self.path, self.notice = path, ""

    def read(self) -> State:
        """What the file holds; raises OSError when it is there and cannot be read."""
        state, damaged = _parse(self._bytes())
        if damaged:
            with contextlib.suppress(OSError), self._alone() as alone:
                if alone:
                    state = self._repaired()
        return state

    def add(self, event: dict[str, Any]) -> State:
        """Append an event, stamped with the time, and return the new state; raises OSError."""
        event = {"when": round(time.time(), 1), **event}
        State().add(event)  # an event that could not be read again is not written
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone() as alone:
            state = self._repaired() if alone else _parse(self._bytes())[0]
            state.add(event)
            if alone and self.path.exists() and self.path.stat().st_size > _LARGEST:
                self._rewrite(_line({"what": "state", "state": state.as_dict()}))
            else:
                # Another's torn line may stand at the end: an empty line keeps this one whole.
                self._append(_line(event) if alone else b"\n" + _line(event))
        return state

    @staticmethod
    def parse(data: bytes) -> State:
        """The state in a file's content, as far as it can be read."""
        return _parse(data)[0]

    def forget(self) -> list[Path]:
        """Delete the file and what was set aside beside it; return what was deleted."""
        found = sorted(self.path.parent.glob(f"{self.path.name}.*"))
        gone = [path for path in (self.path, *found) if path.is_file()]
        for path in gone:
            path.unlink()
        return gone

    def _bytes(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""

    def _append(self, line: bytes) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _repaired(self) -> State:
        """The state; a damaged file is set aside and what can be read of it written anew."""
        data = self._bytes()
        state, damaged = _parse(data)
        if damaged:
            aside = self._set_aside(data)
            whole = [line + b"\n" for line in data.split(b"\n") if line and _take(State(), line)]
            self._rewrite(b"".join(whole))
            kept = "everything else in it is kept" if whole else "nothing in it could be read"
            self.notice = (
                f"A part of your progress file was damaged; {kept}. "
                f"The damaged file is set aside as {aside.name}."
            )
        return state

    def _set_aside(self, data: bytes) -> Path:
        now = datetime.now().strftime("%Y%m%d-%H%M%S")
        for number in range(1000):
            more = f"-{number}" if number else ""
            aside = self.path.with_name(f"{self.path.name}.damaged-{now}{more}")
            with contextlib.suppress(FileExistsError), aside.open("xb") as file:
                file.write(data)
                return aside
        raise OSError(f"cannot set {self.path} aside")

    def _rewrite(self, data: bytes) -> None:
        half = self.path.with_name(f"{self.path.name}.new-{os.getpid()}")
        with half.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, self.path)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether this process alone may rewrite the file, until the block ends."""
        # A file of its own: the progress file can be replaced while this one is held.
        with contextlib.ExitStack() as stack:
            try:
                file = stack.enter_context(
                    self.path.with_name(f"{self.path.name}.lock").open("ab", buffering=0)
                )
                alone = _lock(file, time.monotonic() + _PATIENCE)
            except OSError:
                alone = False
            if alone:
                stack.callback(_unlock, file)
            yield alone


def _parse(data: bytes) -> tuple[State, bool]:
    """The state in the whole lines of ``data``, and whether there was anything else."""
    state, damaged = State(), bool(data) and not data.endswith(b"\n")
    for line in data.split(b"\n"):
        if line and not _take(state, line):
            damaged = True
    return state, damaged


def _line(event: dict[str, Any]) -> bytes:
    text = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _take(state: State, line: bytes) -> bool:
    """Take the event of one line into ``state``; False when the line is damaged."""
    try:
        if line[:9] != b"%08x " % zlib.crc32(line[9:]):
            return False
        state.add(json.loads(line[9:]))
    except (ValueError, AttributeError):
        return False
    return True


def _lock(file: IO[bytes], give_up: float) -> bool:
    """Take the file's lock; False where it stays taken, or the file system has none."""
    while True:
        try:
            _try_lock(file)
            return True
        except BlockingIOError:
            if time.monotonic() > give_up:
                return False
            time.sleep(0.005)
        except OSError:
            return False


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> None:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
