"""Child process: the peak memory of one engine on one workload.

    python memory.py ENGINE WORKLOAD

Prints one line of JSON: MiB after the imports, and at most, of memory resident in this process.
"""

from __future__ import annotations

import importlib
import json
import sys
from contextlib import suppress

import programs
from catalogue import ENGINES

STEPS = 5


def peak() -> float:
    """The most MiB this process ever had resident."""
    import resource  # not on Windows

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / 2**20 if sys.platform == "darwin" else used / 2**10


def main() -> None:
    """Train a few steps and print what that took."""
    engine, workload = sys.argv[1:]
    try:
        with suppress(ModuleNotFoundError):  # `build` says so in words
            importlib.import_module(ENGINES[engine].imports)
        imported = peak()
        program = programs.build(engine, workload)
        for _ in range(STEPS):
            program.step()
        program.wait()
    except programs.Absent as reason:
        print(json.dumps({"status": "absent", "reason": str(reason)}))
    except Exception as error:  # said in the result; the other engines go on
        words = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        print(json.dumps({"status": "failed", "reason": words}))
    else:
        found = {"imports_mib": round(imported, 1), "peak_mib": round(peak(), 1)}
        print(json.dumps({"status": "measured", **found}))


if __name__ == "__main__":
    main()
