"""How long each lesson runs, and how much memory it takes, in a kernel of its own on two cores.

    python benchmarks/lessons.py                    every solution notebook
    python benchmarks/lessons.py 03 04 --limit 2048

Prints a row a lesson: its cells, the minutes that it states, the least that its own text and exercises
ask for, the seconds by the clock and by the processors, and the most memory that the kernel and its
children held together (on Linux proportional shares, as a container counts them). The kernels have no
network. With `--limit` a kernel that comes to hold more MiB is ended at once, as a container would; the
exit status is 1 where a lesson failed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import psutil
from jupyter_client.manager import KernelManager

from course.authoring import limits, offline, source

ROOT = Path(__file__).resolve().parents[1]
USED = "__import__('resource').getrusage(__import__('resource').RUSAGE_SELF)"
ASK = f"(lambda u: print(u.ru_maxrss, u.ru_utime + u.ru_stime))({USED})"


@dataclass
class Measured:
    """One lesson's row; ``trouble`` is empty where every cell ran."""

    name: str
    cells: int
    stated: int
    counted: float
    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    trouble: str = ""


class Watch(threading.Thread):
    """Looks 20 times a second at a process and its children; ends them above ``limit`` MiB."""

    def __init__(self, pid: int, limit: float | None) -> None:
        super().__init__(daemon=True)
        self.root, self.limit = psutil.Process(pid), limit
        self.peak, self.ended, self.over = 0.0, False, threading.Event()

    def run(self) -> None:
        """Look until `over` is set."""
        while not self.over.wait(0.05):
            with contextlib.suppress(psutil.Error):
                family = [self.root, *self.root.children(recursive=True)]
                held = sum(map(_held, family)) / 2**20
                self.peak = max(self.peak, held)
                if self.limit and held > self.limit:
                    self.ended = True
                    for process in family:
                        process.kill()
                    return


def _held(process: psutil.Process) -> int:
    """Bytes resident; on Linux each page's share, so that what forked processes share counts once."""
    told = process.memory_full_info() if sys.platform == "linux" else process.memory_info()
    return getattr(told, "pss", told.rss)


def measure(path: Path, limit: float | None, seconds: int) -> Measured:
    """Run the notebook at `path` from top to bottom in a fresh kernel."""
    notebook = nbformat.read(path, as_version=4)
    lesson = source.read(path.with_suffix(".py"))
    row = Measured(
        path.stem, len(notebook.cells), limits.stated_minutes(lesson) or 0, limits.counted(lesson)
    )
    manager = KernelManager(kernel_name="python3")
    began = time.perf_counter()
    manager.start_kernel(cwd=str(path.parent))
    watch = Watch(manager.provisioner.pid, limit)
    watch.start()
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
        row.trouble = _run(client, notebook, seconds)
        row.wall = time.perf_counter() - began
        if not row.trouble:
            said: list[str] = []
            _execute(client, ASK, 30, said)
            held, row.cpu = map(float, "".join(said).split())
            row.peak = held / (2**20 if sys.platform == "darwin" else 2**10)
    except (RuntimeError, TimeoutError) as error:
        row.trouble = row.trouble or f"{type(error).__name__}: {error}"
    finally:
        watch.over.set()
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    row.peak = max(row.peak, watch.peak)
    if watch.ended:
        row.trouble = f"{row.trouble or 'it'} ended: it held more than {limit:g} MiB"
    return row


def _run(client: Any, notebook: Any, seconds: int) -> str:
    for number, cell in enumerate(notebook.cells, start=1):
        if cell.cell_type != "code":
            continue
        try:
            reply = _execute(client, cell.source, seconds, [])
        except (RuntimeError, TimeoutError):
            return f"cell {number} did not finish"
        if reply["status"] != "ok":
            return f"cell {number} raised {reply['ename']}: {reply['evalue']}"
    return ""


def _execute(client: Any, code: str, seconds: int, said: list[str]) -> dict[str, Any]:
    """Run `code`; raise TimeoutError after `seconds`, RuntimeError as soon as the kernel is gone."""
    sent, end = client.execute(code, allow_stdin=False), time.monotonic() + seconds
    while True:
        try:
            reply = client.get_shell_msg(timeout=1)
        except queue.Empty:
            if not client.is_alive():
                raise RuntimeError("the kernel has ended") from None
            if time.monotonic() > end:
                raise TimeoutError(f"more than {seconds} s") from None
            continue
        if reply["parent_header"].get("msg_id") == sent:
            break
    with contextlib.suppress(queue.Empty):
        while True:
            message = client.get_iopub_msg(timeout=0.2)
            if message["parent_header"].get("msg_id") == sent and message["msg_type"] == "stream":
                said.append(message["content"]["text"])
    return dict(reply["content"])


def main() -> int:
    """Measure the lessons asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="numbers, such as 03; all by default")
    parser.add_argument("--limit", type=float, help="end a kernel that holds more MiB than this")
    parser.add_argument("--cores", type=int, default=2, help="how many it may use (Linux)")
    parser.add_argument("--seconds", type=int, default=300, help="the most for one cell")
    given = parser.parse_args()
    paths = sorted((ROOT / "solutions").glob("*.ipynb"))
    paths = [p for p in paths if not given.lessons or p.name[:2] in given.lessons]
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.cores])
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        os.environ["IPYTHONDIR"] = str(offline.profile(Path(folder)))
        os.environ["COURSE_PROGRESS"] = "off"
        print("| lesson | cells | minutes | at least | wall s | CPU s | peak MiB |")
        print("| :-- | --: | --: | --: | --: | --: | --: |", flush=True)
        for path in paths:
            r = measure(path, given.limit, given.seconds)
            failed |= bool(r.trouble)
            print(
                f"| {r.name} | {r.cells} | {r.stated} | {r.counted:.0f} | {r.wall:.1f} | {r.cpu:.1f} "
                f"| {r.peak:.0f} | {r.trouble}".rstrip(" |")
                + " |",
                flush=True,
            )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
