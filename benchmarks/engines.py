"""The engine beside PyTorch and others: time, memory, import time and growth, checked and compared.

    python benchmarks/engines.py [--threads 1 2] [--repeats N] [--engines ...] [--workloads a b c d]
                                 [--parts times memory imports growth] [--quick] [--markdown]
                                 [--out FOLDER] [--device cuda]

README.md beside this file says what is measured and what is not. Everything runs in child
processes; this one gathers, prints, and writes engines.json, engines.md and engines.png. With
`--device cuda` it measures the times of scratch and PyTorch on a GPU instead (gpu.json).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

import report
from catalogue import ENGINES, REFERENCE, TITLES
from machine import cores, describe, environment, pinned

HERE = Path(__file__).resolve().parent
PARTS = ("times", "memory", "imports", "growth")
ALLOCATOR = "glibc keeps freed memory with the process (course.process.settle)"
IMPORT = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add = parser.add_argument
    add(
        "--threads",
        type=int,
        nargs="+",
        default=[n for n in (1, 2) if n <= len(cores())],
        help="numbers of threads (1 2)",
    )
    add("--repeats", type=int, help="rounds (15; with --quick 2)")
    add("--engines", nargs="+", choices=ENGINES, default=list(ENGINES), metavar="ENGINE",
        help=f"of {', '.join(ENGINES)}; {REFERENCE} is always among them")  # fmt: skip
    add("--workloads", nargs="+", choices=TITLES, default=list(TITLES), help="of a b c d")
    add("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure")
    add("--quick", action="store_true", help="see that it works; the figures mean little")
    add("--markdown", action="store_true", help="print the tables as Markdown")
    add("--out", type=Path, default=Path("build/benchmarks"), help="folder for the result")
    add("--device", choices=("cpu", "cuda"), default="cpu", help="cuda: times on a GPU alone")
    given = parser.parse_args()
    if not 1 <= min(given.threads) <= max(given.threads) <= len(cores()):
        parser.error(f"--threads {given.threads}: expected 1 to {len(cores())}, the cores usable")
    if given.repeats is not None and given.repeats < 1:
        parser.error(f"--repeats {given.repeats}: expected at least 1")
    return given


class ChildError(Exception):
    """A child process ended without a result; the message is the last line that it wrote."""


def child(*words: str, threads: int = 1) -> Any:
    """What a child prints last, as JSON, in the environment that all engines share."""
    with pinned(threads):
        process = subprocess.run(
            [sys.executable, *words],
            env=os.environ | environment(threads),
            cwd=HERE,
            stdout=subprocess.PIPE,
            stderr=None if words[0] == "timing.py" else subprocess.PIPE,  # its progress is shown
            text=True,
        )
    lines = process.stdout.splitlines()
    if process.returncode or not lines:
        last = (process.stderr or f"exit status {process.returncode}").strip().splitlines()[-1]
        raise ChildError(last[:200])
    return json.loads(lines[-1])


def times(engines: list[str], given: argparse.Namespace, threads: int) -> list[dict[str, Any]]:
    """A record for each engine and workload, with medians and ratios."""
    task = {
        "threads": threads,
        "engines": {name: ENGINES[name].workloads for name in engines},
        "workloads": given.workloads,
        "rounds": given.repeats,
        "block_s": 0.02 if given.quick else 0.3,
    }
    found = child("timing.py", json.dumps(task), threads=threads)
    return [record | found["counted"] for record in report.summarize(found["times"])]


def lacking(engines: list[str], workloads: list[str]) -> list[dict[str, Any]]:
    """The records of what an engine cannot express."""
    return [
        {"workload": w, "engine": e, "status": "absent", "reason": ENGINES[e].lacks}
        for e in engines
        for w in workloads
        if w not in ENGINES[e].workloads
    ]


def memory(engine: str, workload: str) -> dict[str, Any]:
    """The peak memory of a process that does nothing but this."""
    found = {"engine": engine, "workload": workload}
    try:
        return found | child("memory.py", engine, workload)
    except ChildError as error:
        return found | {"status": "failed", "reason": str(error)}


def import_time(engine: str, repeats: int) -> dict[str, Any]:
    """Median milliseconds of the import in a fresh process, after one that warms the file cache."""
    found: dict[str, Any] = {"engine": engine}
    code = IMPORT.format(ENGINES[engine].imports)
    try:
        all_ms = [round(child("-c", code) * 1e3, 1) for _ in range(repeats + 1)][1:]
    except ChildError as error:
        return found | {"status": "absent", "reason": str(error)}
    return found | {"status": "measured", "ms": median(all_ms), "all_ms": all_ms}


def growth(engine: str, quick: bool) -> list[dict[str, Any]]:
    """How one engine's time grows with ten times the work."""
    found = child("growth.py", engine, *(["--quick"] if quick else []))
    return [{"engine": engine} | record for record in found]


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Everything that was asked for, one part after the other."""
    engines = [REFERENCE, *(name for name in given.engines if name != REFERENCE)]
    result: dict[str, Any] = {
        "schema": 1,
        "quick": given.quick,
        "machine": describe(),
        "settings": {
            "rounds": given.repeats,
            "environment": environment("N"),
            "allocator": ALLOCATOR,
        },
        "threads": given.threads,
        "engines": engines,
        "workloads": {w: TITLES[w] for w in given.workloads},
        **{part: [] for part in PARTS},
    }
    if "times" in given.parts:
        for threads in given.threads:
            say(f"times, threads: {threads}")
            found = times(engines, given, threads)
            absent = [r | {"threads": threads} for r in lacking(engines, given.workloads)]
            result["times"] += found + absent
    for engine in engines:
        say(f"memory, import time and growth: {engine}")
        if "memory" in given.parts:
            able = [w for w in given.workloads if w in ENGINES[engine].workloads]
            result["memory"] += [memory(engine, workload) for workload in able]
        if "imports" in given.parts and not engine.startswith("torch-"):
            result["imports"].append(import_time(engine, 1 if given.quick else 5))
        if "growth" in given.parts and engine in ("scratch", "torch"):
            result["growth"] += growth(engine, given.quick)
    return result


def on_gpu(given: argparse.Namespace) -> None:
    """Times on a GPU, or a sentence that says why there are none."""
    words = ("--workloads", *given.workloads, "--rounds", str(given.repeats))
    result = child("gpu.py", *words) | {"machine": describe()}
    if "missing" in result:
        say(f"nothing measured on a GPU: {result['missing']}")
        return
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "gpu.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    ms = {(r["workload"], r["engine"]): r["ms"] for r in result["gpu"]}
    print(f"milliseconds a step on {result['name']}\n")
    for w in given.workloads:
        mine, its = ms[w, "scratch"], ms[w, "torch"]
        print(f"{w}  scratch {mine:9.3f}  torch {its:9.3f}  ratio {mine / its:.2f}  {TITLES[w]}")


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, write the result, print the tables."""
    given = options()
    given.repeats = given.repeats or (2 if given.quick else 15)
    if given.device == "cuda":
        return on_gpu(given)
    result = measure(given)
    given.out.mkdir(parents=True, exist_ok=True)
    if result["times"]:
        from picture import draw  # matplotlib, only now: see catalogue.py

        drawn = draw(result)
        (given.out / "engines.png").write_bytes(drawn.png())
        result["picture"] = {"file": "engines.png", "alt": drawn.alt}
    words = json.dumps(result, indent=1, ensure_ascii=False)
    (given.out / "engines.json").write_text(words + "\n", encoding="utf-8")
    (given.out / "engines.md").write_text(report.markdown(result), encoding="utf-8")
    print(report.markdown(result) if given.markdown else report.text(result))
    say(f"\nwritten: {given.out}/engines.json, engines.md, engines.png")


if __name__ == "__main__":
    main()
