"""This machine's own roofline, measured in a few seconds, and the training step of lesson 03 on it.

Bandwidth: c = a + b on arrays of growing size; three arrays move, two in and one out, and are counted
once each. (Many processors also read what they are about to overwrite; that is not counted, so that a
bandwidth here can be up to a quarter below what the memory did.) Peak: the fastest product of
square matrices. Each is the best of several tries, because whatever else runs here can only slow a try
down; how far the middle try was from the best is kept beside it.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

from course import scratch
from course.accelerators import benches, learner_step
from course.accelerators.benches import Bench, Call
from course.accelerators.measured import Measured, Reading

SECONDS = 0.04  # for a reading: three tries at least, and about so long
_SMALLEST, _LARGEST = 48 * 2**10, 192 * 2**20  # bytes of the three arrays together
_SIDES = (128, 256, 512, 1024, 2048, 4096, 8192)
_ALWAYS = 256  # sides up to it are tried in any case
_LONG = 0.12  # seconds: no product is tried that should take longer


_finished: list[Session] = []  # the last one, for whoever shows what was measured already


def finished() -> Session | None:
    """The last session of this process that was measured to its end, or None."""
    return _finished[0] if _finished else None


class Session:
    """The measurements of a machine one by one, so that whoever calls can show how far they are."""

    def __init__(
        self, devices: Sequence[Bench] | None = None, seconds: float = SECONDS, largest: int = 0
    ) -> None:
        if not seconds > 0:
            raise ValueError(f"seconds for each reading must be more than 0, not {seconds}")
        self.devices: list[Bench] = list(devices) if devices is not None else [benches.Cpu()]
        if devices is None and (found := benches.gpu()) is not None:
            self.devices.append(found)
        self.seconds, self.largest = seconds, largest or _room()
        self.found = Measured(machine())
        if not benches.settable():
            self.found.notes.append(
                "The number of threads of NumPy's products cannot be set here (threadpoolctl knows no "
                "BLAS of this NumPy), so that they use as many as they choose."
            )
        self._jobs = list(self._plan())
        self.done = 0

    @property
    def total(self) -> int:
        """How many measurements there are."""
        return len(self._jobs)

    def next(self) -> bool:
        """Make the next measurement; False when none is left."""
        if self.done >= self.total:
            return False
        self._jobs[self.done]()
        self.done += 1
        if self.done == self.total:
            self._judge()
            _finished[:] = [self]
        return True

    def _plan(self) -> Iterator[Callable[[], None]]:
        for bench in self.devices:
            for threads in bench.threads:
                bytes_ = _SMALLEST
                while bytes_ <= self.largest:
                    yield lambda b=bench, t=threads, s=bytes_: self._memory(b, t, s)  # type: ignore[misc]
                    bytes_ *= 4
            for threads in bench.threads:
                for precision in bench.precisions:
                    for side in _SIDES:
                        yield lambda b=bench, t=threads, p=precision, s=side: self._product(b, t, p, s)  # type: ignore[misc]  # fmt: skip
        for bench in self.devices:
            for threads in sorted({min(bench.threads), max(bench.threads)}):
                for name in learner_step.SIZES:
                    for batch in learner_step.BATCHES:
                        yield lambda d=bench, t=threads, n=name, b=batch: self._step(d, t, n, b)  # type: ignore[misc]  # fmt: skip

    def _memory(self, bench: Bench, threads: int, bytes_: int) -> None:
        call, moved = bench.adding(bytes_, threads)
        best, middle = timed(call, bench.wait, self.seconds)
        self._keep(Reading("memory", bench.kind, threads, "fp32", bytes_, moved / 12, moved, best, middle))  # fmt: skip

    def _product(self, bench: Bench, threads: int, precision: str, side: int) -> None:
        # By the fastest so far, in any number of threads: one disturbed reading must not end it.
        known = self.found.of("product", bench.kind, precision=precision)
        if side > _ALWAYS and known and 2.0 * side**3 / max(r.rate for r in known) > _LONG:
            return
        with bench.limited(threads):
            best, middle = timed(bench.product(side, precision), bench.wait, self.seconds)
        moved = 3 * side * side * benches.itemsize(precision)
        self._keep(Reading("product", bench.kind, threads, precision, side, 2.0 * side**3, moved, best, middle))  # fmt: skip

    def _step(self, bench: Bench, threads: int, name: str, batch: int) -> None:
        if bench.kind == "gpu" and not scratch.cuda.is_available():
            return  # the hand-built engine reaches a GPU through CuPy alone
        device = "cuda" if bench.kind == "gpu" else "cpu"
        work = learner_step.counted(learner_step.SIZES[name], batch)
        call = learner_step.stepper(name, batch, device=device)
        with bench.limited(threads):
            best, middle = timed(call, bench.wait, self.seconds)
        self._keep(Reading("step", bench.kind, threads, "fp32", batch, work.flops, work.bytes, best, middle, name))  # fmt: skip

    def _keep(self, reading: Reading) -> None:
        self.found.readings.append(reading)

    def _judge(self) -> None:
        for bench in self.devices:
            few, many = min(bench.threads), max(bench.threads)
            for precision in bench.precisions if few < many else ():
                one, every = (self.found.peak(t, precision, bench.kind) for t in (few, many))
                if every < one:
                    self.found.notes.append(
                        f"In {precision.upper()} {many} threads were slower than {few}: other programs hold the "
                        "processors, so that one thread waits for another. Close them, and measure again."
                    )
        restless = [r for r in self.found.readings if r.restless > 0.5]
        if 3 * len(restless) > len(self.found.readings):
            self.found.notes.append(
                f"In {len(restless)} of {len(self.found.readings)} readings the middle try took half as long again "
                "as the best, or more: something else runs on this machine. Close it, and measure again."
            )


def measure_roofline(
    devices: Sequence[Bench] | None = None,
    *,
    seconds: float = SECONDS,
    largest: int = 0,
    progress: bool = True,
) -> Measured:
    """Measure bandwidth, peak and the training step of lesson 03 on this machine.

    devices: what to measure, by default the CPU and the GPU that there is. seconds: for each of some
    fifty readings. largest: bytes of the largest arrays, by default 192 MiB, more for a larger cache,
    less for a small memory. Raises ValueError for seconds that are not above 0.
    """
    session = Session(devices, seconds, largest)
    if progress:
        from tqdm.auto import tqdm

        with tqdm(total=session.total, unit="reading", desc="measuring") as bar:
            while session.next():
                bar.update(1)
    else:
        while session.next():
            pass
    return session.found


def timed(call: Call, wait: Call, seconds: float) -> tuple[float, float]:
    """Seconds of the best and the middle try of ``call``: three tries or more, fewer of a very long one."""
    call()  # the first one touches memory and starts threads
    wait()
    repeats, each = 1, 0.0
    while True:
        began = time.perf_counter()
        for _ in range(repeats):
            call()
        wait()
        each = (time.perf_counter() - began) / repeats
        if each * repeats > 5e-4 or repeats > 10_000:
            break
        repeats *= 4
    tries = [each]
    began_all = time.perf_counter()
    while True:
        gone = time.perf_counter() - began_all
        if each * repeats + gone > 10 * seconds or (len(tries) >= 3 and gone > seconds):
            break
        began = time.perf_counter()
        for _ in range(repeats):
            call()
        wait()
        tries.append((time.perf_counter() - began) / repeats)
    return min(tries), median(tries)


def caches() -> list[tuple[str, int]]:
    """This machine's caches for data, as (L1, bytes); empty where the system does not say."""
    found = []
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        try:
            kind = (folder / "type").read_text().strip()
            text = (folder / "size").read_text().strip()
            level = (folder / "level").read_text().strip()
        except OSError:
            continue
        scale = {"K": 2**10, "M": 2**20}.get(text[-1:], 0)
        if kind != "Instruction" and scale and text[:-1].isdigit():
            found.append((f"L{level}", int(text[:-1]) * scale))
    return found


def machine() -> str:
    """The processor's name as its system gives it, and how many processors may be used."""
    name = platform.processor() or platform.machine()
    if sys.platform == "linux" and (info := Path("/proc/cpuinfo")).exists():
        lines = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        name = lines[0].partition(":")[2].strip() if lines else name
    count = benches.cores()
    return f"{name}, {count} processor{'' if count == 1 else 's'}"


def _room() -> int:
    """Bytes of the largest arrays: four times the last cache, within an eighth of free memory."""
    last = max((bytes_ for _, bytes_ in caches()), default=0)
    wanted = min(max(_LARGEST, 4 * last), 4 * _LARGEST)
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # a system that does not say
        return _LARGEST
    return max(min(wanted, free // 8), 16 * _SMALLEST)
