"""Why many slow threads beat a few fast ones: a processor that hides the wait for memory.

Each thread computes for some cycles, then asks memory for its next operand and waits. In every cycle the
processor issues one instruction: of the same thread until that asks memory, then of the one that has
been ready longest. (Taking turns after each instruction would let all threads reach their request at
about the same time, and then all wait together.) Memory answers after its latency, and begins a new
request every ``interval`` cycles.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COMPUTE, WAIT, READY = 1, 2, 0  # what a thread does in a cycle


@dataclass(frozen=True)
class Machine:
    """A processor and its memory, in cycles.

    threads: how many it holds at once. work: instructions from one request to the next, the request
    among them. latency: from a request's begin to its answer. interval: from one request's begin to
    the next one's, at least.
    """

    threads: int
    work: int
    latency: int
    interval: int = 1

    def __post_init__(self) -> None:
        for name, value, least in (
            ("threads", self.threads, 1),
            ("work", self.work, 1),
            ("latency", self.latency, 0),
            ("interval", self.interval, 1),
        ):
            if value != int(value) or value < least:
                raise ValueError(f"{name} must be a whole number of {least} or more, not {value}")

    @property
    def limit(self) -> float:
        """Requests a cycle that processor and memory can do, however many threads there are."""
        return min(1 / self.work, 1 / self.interval)

    @property
    def throughput(self) -> float:
        """Requests a cycle by Little's law: threads, over the time one of them takes for a round."""
        return min(self.threads / (self.work + self.latency), self.limit)

    @property
    def enough(self) -> int:
        """The least number of threads that reaches the limit: rate times time, rounded up."""
        rounds = self.work + self.latency
        return -(-rounds // max(self.work, self.interval))

    @property
    def busy(self) -> float:
        """The share of cycles in which an instruction is issued, by Little's law."""
        return self.throughput * self.work


@dataclass(frozen=True)
class Trace:
    """What happened in each cycle.

    states: (threads, cycles), COMPUTE, WAIT or READY. issued: the share of cycles with an
    instruction. throughput: requests answered a cycle, outstanding: the mean number of requests on
    their way, and wait: the mean time of one, in cycles; each after the start has passed.
    """

    machine: Machine
    states: NDArray[np.int8]
    issued: float
    throughput: float
    outstanding: float
    wait: float


def run(machine: Machine, cycles: int, skip: int | None = None) -> Trace:
    """Simulate ``cycles`` cycles, of which the means leave out the first ``skip`` (default: half).

    Raises ValueError unless 0 <= skip < cycles.
    """
    skip = cycles // 2 if skip is None else skip
    if not 0 <= skip < cycles:
        raise ValueError(f"skip must be from 0 to less than {cycles} cycles, not {skip}")
    states = np.full((machine.threads, cycles), READY, np.int8)
    ready = deque(range(machine.threads))
    left = [machine.work] * machine.threads  # instructions until the request
    answers: deque[tuple[int, int, int]] = deque()  # (cycle of the answer, of the request, thread)
    free = 0  # the cycle in which memory can begin another request
    answered, waited = 0, 0
    for cycle in range(cycles):
        while answers and answers[0][0] <= cycle:
            _, asked, thread = answers.popleft()
            ready.append(thread)
            if cycle >= skip:
                answered, waited = answered + 1, waited + cycle - asked
        if not ready:
            continue
        thread = ready.popleft()
        states[thread, cycle] = COMPUTE
        left[thread] -= 1
        if left[thread]:
            ready.appendleft(thread)
            continue
        left[thread] = machine.work
        begins = max(cycle + 1, free)
        free = begins + machine.interval
        answers.append((begins + machine.latency, cycle + 1, thread))
        states[thread, cycle + 1 : begins + machine.latency] = WAIT
    seen = states[:, skip:]
    return Trace(
        machine,
        states,
        float((seen == COMPUTE).any(axis=0).mean()),
        answered / seen.shape[1],
        float((seen == WAIT).sum() / seen.shape[1]),
        waited / answered if answered else float("nan"),
    )


def few_fast(machine: Machine, threads: int, speed: int) -> float:
    """The share of the slow processor's limit that ``threads`` threads, ``speed`` times as fast, reach.

    They issue ``speed`` instructions a cycle; memory stays as it is. Raises ValueError below 1.
    """
    if threads < 1 or speed < 1:
        raise ValueError(f"threads and speed must be 1 or more, not {threads} and {speed}")
    rate = min(threads / (machine.work / speed + machine.latency), 1 / machine.interval)
    return rate / machine.limit
