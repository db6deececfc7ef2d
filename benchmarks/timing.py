"""Child process: time the engines on the workloads with one number of threads, interleaved.

Reads its task (`threads`, `engines`, `workloads`, `rounds`, `block_s`) as JSON from the command
line; prints its findings as one line of JSON. `engines.py` sets its environment and its cores.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from typing import Any

from catalogue import REFERENCE
from programs import Absent, Answers, Program, answers, build, disagreement

import course  # noqa: F401  (settles the allocator, for every engine alike)

PAUSE_S = 0.01  # between two engines' blocks: idle workers of the first go to sleep


def turn(names: list[str], number: int) -> list[str]:
    """The order of a round: rotated, and every second round backwards."""
    start = number % len(names)
    order = names[start:] + names[:start]
    return order[::-1] if number // len(names) % 2 else order


def timed(program: Program, steps: int) -> float:
    """Seconds for a step, in a block of so many steps."""
    began = time.perf_counter()
    for _ in range(steps):
        program.step()
    program.wait()
    return (time.perf_counter() - began) / steps


def block_of(program: Program, seconds: float) -> int:
    """How many steps take about so many seconds, at least two."""
    timed(program, 3)  # compilers have their say in the first steps
    steps, each = 1, timed(program, 1)
    while each * steps < min(seconds, 0.02):
        steps *= 2
        each = timed(program, steps)
    each = min(each, *(timed(program, steps) for _ in range(2)))  # not on a disturbed block's word
    return max(2, round(seconds / each))


def check(engine: str, workload: str, reference: Answers | None) -> tuple[Any, Any, dict[str, str]]:
    """The program and its answers, and what the record says of it."""
    try:
        program = build(engine, workload)
        found = answers(program)
    except Absent as reason:
        return None, None, {"status": "absent", "reason": str(reason)}
    except Exception as error:  # an engine that fails is a finding, not the end of the run
        words = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return None, None, {"status": "failed", "reason": words}
    if reference and (words := disagreement(found, reference)):
        return None, None, {"status": "wrong", "reason": words}
    return program, found, {"status": "measured"}


def measure(workload: str, engines: list[str], rounds: int, seconds: float) -> list[dict[str, Any]]:
    """A record for each engine: its status and, where it was measured, seconds a step by round."""
    reference: Answers | None = None
    programs: dict[str, Program] = {}
    records: dict[str, dict[str, Any]] = {}
    for engine in engines:
        began = time.perf_counter()
        program, found, record = check(engine, workload, reference)
        records[engine] = {"workload": workload, "engine": engine, **record}
        if engine == REFERENCE:
            if found is None:
                raise RuntimeError(f"{REFERENCE} is what all are checked against: {record}")
            reference = found
        if program is not None:
            programs[engine] = program
            records[engine]["ready_s"] = time.perf_counter() - began  # with import and compilation
            records[engine]["steps_per_block"] = block_of(program, seconds)
            records[engine]["seconds"] = []
        print(f"    {workload} {engine}: {record}", file=sys.stderr)
    for number in range(rounds):
        for engine in turn(list(programs), number):
            programs[engine].reset()
            gc.collect()
            time.sleep(PAUSE_S)
            timed(programs[engine], 2)  # wake the threads
            steps = records[engine]["steps_per_block"]
            records[engine]["seconds"].append(timed(programs[engine], steps))
    return list(records.values())


def main() -> None:
    """Measure the task and print it."""
    task = json.loads(sys.argv[1])
    times = []
    for workload in task["workloads"]:
        engines = [name for name, able in task["engines"].items() if workload in able]
        times += measure(workload, engines, task["rounds"], task["block_s"])
        gc.collect()
    torch = sys.modules["torch"]
    counted = {
        "threads": task["threads"],
        "torch_threads": torch.get_num_threads(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
    }
    print(json.dumps({"counted": counted, "times": times}))


if __name__ == "__main__":
    main()
