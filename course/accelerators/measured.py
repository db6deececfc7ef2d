"""What was measured of a machine: readings, the roofs that follow from them, and words about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

from course.accelerators.roofline import Roof

What = Literal["memory", "product", "step"]


@dataclass(frozen=True)
class Reading:
    """One measurement: what ran where, how large, and the seconds of its best and its middle try.

    size: bytes of the arrays, side of the matrices, or examples of the batch. subject: of a
    step, the name of the data. flops and bytes: of one try.
    """

    what: What
    device: str
    threads: int
    precision: str
    size: int
    flops: float
    bytes: float
    best: float
    middle: float
    subject: str = ""

    @property
    def rate(self) -> float:
        """Operations a second, of the best try."""
        return self.flops / self.best

    @property
    def bandwidth(self) -> float:
        """Bytes a second, of the best try."""
        return self.bytes / self.best

    @property
    def restless(self) -> float:
        """How much longer the middle try took than the best, as a share: what else ran here."""
        return self.middle / self.best - 1


@dataclass
class Measured:
    """All readings so far, and the words about the machine that belong to them."""

    machine: str
    readings: list[Reading] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, what: What, device: str = "cpu", **wanted: Any) -> list[Reading]:
        """The readings of a kind, in their order; ``wanted`` are values of a Reading's fields."""
        return [
            r
            for r in self.readings
            if (r.what, r.device) == (what, device)
            and all(getattr(r, name) == value for name, value in wanted.items())
        ]

    def bandwidth(self, threads: int, device: str = "cpu", footprint: float | None = None) -> float:
        """Bytes a second from main memory; with ``footprint``, from what holds so many bytes.

        Raises ValueError, with the numbers of threads there are, where nothing was measured.
        """
        found = self.of("memory", device, threads=threads)
        if not found:
            raise ValueError(self._missing("bandwidth", device, threads))
        if footprint is None:
            return found[-1].bandwidth
        return next((r for r in found if r.size >= footprint), found[-1]).bandwidth

    def peak(self, threads: int, precision: str = "fp32", device: str = "cpu") -> float:
        """Operations a second of the fastest product; raises ValueError where none was measured."""
        found = self.of("product", device, threads=threads, precision=precision)
        if not found:
            raise ValueError(self._missing(f"product in {precision!r}", device, threads))
        return max(r.rate for r in found)

    def roof(
        self,
        threads: int,
        precision: str = "fp32",
        device: str = "cpu",
        footprint: float | None = None,
    ) -> Roof:
        """The roof that was measured; raises ValueError where it was not."""
        name = f"this machine, {said(threads, device)}, {precision.upper()}"
        peak = self.peak(threads, precision, device)
        return Roof(name, peak, self.bandwidth(threads, device, footprint))

    def _missing(self, what: str, device: str, threads: int) -> str:
        there = {(r.device, r.threads, r.precision) for r in self.readings if r.what != "step"}
        words = ", ".join(f"{d} with {t} threads in {p}" for d, t, p in sorted(there))
        return f"no {what} was measured on {device!r} with {threads} threads; measured: {words or 'nothing'}"

    def rows(self) -> list[tuple[str, str, str]]:
        """What was measured, in words: where, what, how fast."""
        rows = []
        for device, threads in dict.fromkeys((r.device, r.threads) for r in self.readings):
            where = said(threads, device)
            memory = self.of("memory", device, threads=threads)
            if memory:
                fast = max(memory, key=lambda r: r.bandwidth)
                rows.append((where, f"memory, arrays of {size(memory[-1].size)}", f"{memory[-1].bandwidth / 1e9:.1f} GB/s"))  # fmt: skip
                rows.append((where, f"at best, arrays of {size(fast.size)}", f"{fast.bandwidth / 1e9:.1f} GB/s"))  # fmt: skip
            for precision in dict.fromkeys(r.precision for r in self.of("product", device, threads=threads)):  # fmt: skip
                best = max(self.of("product", device, threads=threads, precision=precision), key=lambda r: r.rate)  # fmt: skip
                rows.append((where, f"product in {precision.upper()}, side {best.size:,}", f"{best.rate / 1e9:,.1f} GFLOP/s"))  # fmt: skip
        for r in self.readings:
            if r.what == "step":
                rows.append((said(r.threads, r.device), f"training step, {r.subject}, batch {r.size}", f"{1e3 * r.best:.3f} ms = {r.rate / 1e9:.2f} GFLOP/s"))  # fmt: skip
        return rows

    def __str__(self) -> str:
        lines = [f"Measured here: {self.machine}"]
        lines += [f"{where:12}{what:46}{how:>28}" for where, what, how in self.rows()]
        return "\n".join([*lines, *self.notes])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row">{escape(a)}</th><td>{escape(b)}</td><td>{escape(c)}</td></tr>'
            for a, b, c in self.rows()
        )
        head = "".join(f'<th scope="col">{h}</th>' for h in ("where", "what", "how fast"))
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        caption = escape(f"Measured here: {self.machine}")
        return f"<table><caption>{caption}</caption><tr>{head}</tr>{cells}</table>{notes}"


def said(threads: int, device: str) -> str:
    """Where it ran, in words."""
    if device == "gpu":
        return "GPU"
    return "1 thread" if threads == 1 else f"{threads} threads"


def size(bytes_: float) -> str:
    """So many bytes, as a reader would write it."""
    for unit, one in (("MiB", 2**20), ("KiB", 2**10)):
        if bytes_ >= one:
            return f"{bytes_ / one:,.0f} {unit}"
    return f"{bytes_:.0f} bytes"
