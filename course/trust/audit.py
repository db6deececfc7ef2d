"""An append-only log of training runs in which every entry holds the hash of the one before.

Change, drop or reorder an entry, and the hashes no longer fit from there on. What the chain cannot
notice is stated too: whoever can write the file can write a whole new chain, or cut entries off its
end. So keep the last hash (:attr:`AuditLog.head`) somewhere that the writer of the log cannot reach.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from course.trust.papers import text_of

GENESIS = "0" * 64  # what stands before the first entry
_KEYS = ("number", "time", "run", "data_hash", "code", "seed", "metrics", "note", "previous")


class DamagedLog(ValueError):
    """The log is not what was written; the message names the first entry that does not fit."""


@dataclass(frozen=True)
class Entry:
    """One training run: when, on which data (by hash), with which code and seed, with what result."""

    number: int
    time: str
    run: str
    data_hash: str
    code: str
    seed: int
    metrics: Mapping[str, float]
    note: str
    previous: str
    hash: str

    def expected(self) -> str:
        """The hash that this entry must have."""
        return digest({key: getattr(self, key) for key in _KEYS})


def digest(record: Mapping[str, Any]) -> str:
    """SHA-256 of a record in one settled spelling (sorted keys, no spaces)."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def data_hash(*arrays: Any) -> str:
    """SHA-256 of arrays: shapes, kinds of number and every byte, in order.

    Raises TypeError for something that is no array of numbers or texts.
    """
    seen = hashlib.sha256()
    for value in arrays:
        array = np.ascontiguousarray(value)
        if array.dtype.hasobject:
            raise TypeError(
                f"{type(value).__name__} holds Python objects, whose bytes mean nothing tomorrow: "
                "hand over arrays of numbers."
            )
        # Big or little end first must not matter between machines.
        array = array.astype(array.dtype.newbyteorder("<"))
        seen.update(f"{array.dtype.str}{array.shape}".encode())
        seen.update(array.tobytes())
    return seen.hexdigest()


class AuditLog:
    """Training runs, one a line in a JSON Lines file at ``path`` (or in memory without one).

    Opening an existing file verifies it; raises DamagedLog when it does not fit.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self.path = None if path is None else Path(path)
        self._entries: list[Entry] = []
        if self.path is not None and self.path.exists():
            self._entries = read(self.path)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries, the oldest first."""
        return tuple(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    @property
    def head(self) -> str:
        """The last entry's hash: keep it elsewhere, and a shortened or rewritten log is noticed."""
        return self._entries[-1].hash if self._entries else GENESIS

    def append(
        self,
        run: str,
        *,
        data_hash: str,
        code: str,
        seed: int,
        metrics: Mapping[str, float],
        note: str = "",
        time: str = "",
    ) -> Entry:
        """Add a run and return its entry; ``time`` is now (UTC) unless given.

        Raises ValueError for a run without name, data hash, code version, or a metric that is no
        finite number; DamagedLog where the file has changed since it was opened.
        """
        for what, text in (("run", run), ("data_hash", data_hash), ("code", code)):
            if not text_of(text):
                raise ValueError(f"{what} is empty; an entry without it proves nothing.")
        numbers = {str(key): float(value) for key, value in metrics.items()}
        for key, number in numbers.items():
            if not math.isfinite(number):
                raise ValueError(f"The metric {key!r} is {number}; log finite numbers only.")
        if self.path is not None and self.path.exists() and read(self.path) != self._entries:
            raise DamagedLog(
                f"{self.path.name} was changed by something else since it was opened. Open it "
                "again, and append to what is there."
            )
        record: dict[str, Any] = {
            "number": len(self) + 1,
            "time": time or datetime.now(UTC).isoformat(timespec="seconds"),
            "run": run,
            "data_hash": data_hash,
            "code": code,
            "seed": int(seed),
            "metrics": numbers,
            "note": note,
            "previous": self.head,
        }
        entry = Entry(**record, hash=digest(record))
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**record, "hash": entry.hash}, ensure_ascii=False) + "\n")
                file.flush()
                os.fsync(file.fileno())
        self._entries.append(entry)
        return entry

    def verify(self, head: str = "") -> None:
        """Raise DamagedLog unless every entry fits, and the last hash is ``head`` where one is given.

        A log with a file is read from it again.
        """
        entries = self._entries
        if self.path is not None and (entries or self.path.exists()):
            entries = read(self.path)
        verify(entries)
        last = entries[-1].hash if entries else GENESIS
        if head and last != head:
            raise DamagedLog(
                f"The log is sound in itself, but its last hash is {last[:12]}… and you kept "
                f"{head[:12]}…: entries were cut off, or the whole log was written anew. "
                "Ask for a copy from the time when you noted the hash."
            )

    def __repr__(self) -> str:
        return f"<AuditLog: {len(self)} entries, head {self.head[:12]}…>"

    def rows(self) -> list[list[str]]:
        """Number, time, run, data, code, seed, metrics and hash of each entry, as text."""
        return [
            [
                str(e.number),
                e.time,
                e.run,
                e.data_hash[:12],
                e.code,
                str(e.seed),
                ", ".join(f"{key} {value:.4g}" for key, value in e.metrics.items()),
                e.hash[:12],
            ]
            for e in self
        ]


COLUMNS = ("Entry", "Time", "Run", "Data hash", "Code", "Seed", "Metrics", "Hash")


def verify(entries: list[Entry] | tuple[Entry, ...]) -> None:
    """Raise DamagedLog, which names the first entry that does not fit, unless the chain is whole."""
    previous = GENESIS
    for place, entry in enumerate(entries, start=1):
        where = f"Entry {place} ({entry.run!r}, {entry.time})"
        if entry.number != place:
            raise DamagedLog(
                f"{where} calls itself number {entry.number}: an entry was removed, doubled or "
                "moved. Compare with a copy; trust nothing after the entry before."
            )
        if entry.expected() != entry.hash:
            raise DamagedLog(
                f"{where} was changed after it was written: its content has the hash "
                f"{entry.expected()[:12]}…, it carries {entry.hash[:12]}…. Compare with a copy."
            )
        if entry.previous != previous:
            raise DamagedLog(
                f"{where} does not follow the entry before it: that was replaced or removed. "
                "Compare with a copy."
            )
        previous = entry.hash


def read(path: Path) -> list[Entry]:
    """The entries of a log file, verified.

    Raises DamagedLog for a line that is no entry or does not fit; OSError when it cannot be read.
    """
    entries: list[Entry] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise DamagedLog(f"{path.name} is no text file: {error.reason}. Take a copy.") from error
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
            if sorted(record) != sorted((*_KEYS, "hash")):
                raise ValueError("its fields are not those of an entry")
            entries.append(Entry(**record))
        except (ValueError, TypeError) as error:
            raise DamagedLog(
                f"{path.name}, line {number} is no entry of an audit log ({error}). Was the file "
                "edited, or the disk full? Take a copy that still verifies."
            ) from error
    verify(entries)
    return entries
