"""A class at work on one machine: many kernels of one JupyterLab, each running a lesson at the pace of people.

    python benchmarks/classroom.py                            # 30 learners, lesson 03, about 15 minutes
    python benchmarks/classroom.py --learners 5 --pace 2      # see that it works

Each learner opens a lesson through the server, runs its cells in order, pauses before each as a reader does,
saves the notebook after each, and at the end the notebook is read back. Measured: how long a cell takes
beside the same cell of one learner alone, the server's answer to saving, the memory of each kernel (its
proportional share, so that libraries count once), and whether any cell failed or any saved output was lost.
The pauses are drawn from an exponential distribution whose mean is `--pace` seconds, with a fixed seed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from course.classroom import lab
from course.lessons import lessons_source

TOKEN = "benchmark"
CELL_SECONDS = 300


@dataclass
class Learner:
    """What one learner met: seconds a cell, seconds a save, cells that failed, kernel memory in MB."""

    cells: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    memory: float = 0.0
    lost: bool = False


class Server:
    """JupyterLab as `course lab` starts it, spoken to as a browser does."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"
        self.client = AsyncHTTPClient(max_clients=200)

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The JSON that the server answers; raises HTTPClientError when it refuses."""
        request = HTTPRequest(
            f"http://{self.address}/api/{path}",
            method=method,
            headers={"Authorization": f"token {TOKEN}"},
            body=None if body is None else json.dumps(body),
            request_timeout=CELL_SECONDS,
            allow_nonstandard_methods=True,
        )
        answer = await self.client.fetch(request)
        return json.loads(answer.body) if answer.body else None

    async def learn(self, file: str, pace: float, rng: random.Random) -> Learner:
        """Work through the notebook `file` from beginning to end; not all begin at once."""
        seen = Learner()
        await asyncio.sleep(rng.uniform(0, 6 * pace))
        notebook = (await self.call("GET", f"contents/{file}"))["content"]
        asked = {"path": file, "name": file, "type": "notebook", "kernel": {"name": "python3"}}
        kernel = (await self.call("POST", "sessions", asked))["kernel"]["id"]
        channels = HTTPRequest(
            f"ws://{self.address}/api/kernels/{kernel}/channels?token={TOKEN}",
            connect_timeout=CELL_SECONDS,
            request_timeout=CELL_SECONDS,
        )
        heard: asyncio.Queue[Any] = asyncio.Queue()
        # By callback: a message left unread would hold up the answers to the server's pings.
        socket = await websocket_connect(
            channels, on_message_callback=heard.put_nowait, max_message_size=200_000_000
        )
        for cell in notebook["cells"]:
            await asyncio.sleep(rng.expovariate(1 / pace))
            if cell["cell_type"] != "code":
                continue
            began = time.perf_counter()
            outputs, error = await _execute(socket, heard, "".join(cell["source"]))
            seen.cells.append(time.perf_counter() - began)
            if error:
                seen.failed.append(error)
            cell["outputs"], cell["execution_count"] = outputs, len(seen.cells)
            began = time.perf_counter()
            await self.call("PUT", f"contents/{file}", {"type": "notebook", "content": notebook})
            seen.saves.append(time.perf_counter() - began)
        seen.memory = max(_memories(kernel), default=0.0)
        kept = (await self.call("GET", f"contents/{file}"))["content"]
        seen.lost = [c.get("outputs") for c in kept["cells"]] != [
            c.get("outputs") for c in notebook["cells"]
        ]
        socket.close()
        return seen


async def _execute(socket: Any, heard: asyncio.Queue[Any], code: str) -> tuple[list[Any], str]:
    """Run `code` in the kernel behind `socket`; return what it printed and the error, "" for none."""
    number = uuid.uuid4().hex
    header = {
        "msg_id": number,
        "msg_type": "execute_request",
        "username": "",
        "session": number,
        "version": "5.3",
        "date": "",
    }
    content = {"code": code, "silent": False, "store_history": True, "stop_on_error": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket.write_message(json.dumps({**message, "channel": "shell", "buffers": []}))
    outputs: list[Any] = []
    error, idle, replied = "", False, False
    while not (idle and replied):
        raw = await asyncio.wait_for(heard.get(), CELL_SECONDS)
        if raw is None:
            return outputs, "the kernel is gone"
        if isinstance(raw, bytes):  # a widget's message with buffers
            continue
        told = json.loads(raw)
        if told["parent_header"].get("msg_id") != number:
            continue
        kind, said = told["msg_type"], told["content"]
        if kind == "status":
            idle = said["execution_state"] == "idle"
        elif kind == "execute_reply":
            replied = True
        elif kind == "error":
            error = f"{said['ename']}: {said['evalue']}"
        elif kind == "stream":
            outputs.append({"output_type": "stream", "name": said["name"], "text": said["text"]})
    return outputs, error


def _memories(kernel: str) -> list[float]:
    """MB, proportional, of the processes whose command line names `kernel` (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if kernel in (entry / "cmdline").read_text():
                lines = (entry / "smaps_rollup").read_text().splitlines()
                (share,) = (line for line in lines if line.startswith("Pss:"))
                found.append(int(share.split()[1]) / 1024)
        except (OSError, ValueError):
            continue
    return found


async def _class(port: int, names: list[str], pace: float) -> tuple[Learner, list[Learner], float]:
    server = Server(port)
    alone = await server.learn(names[0], 0.01, random.Random(0))
    began = time.perf_counter()
    everybody = await asyncio.gather(
        *(server.learn(name, pace, random.Random(n)) for n, name in enumerate(names[1:], 1))
    )
    return alone, list(everybody), time.perf_counter() - began


def report(alone: Learner, seen: list[Learner], seconds: float, free: tuple[float, float]) -> str:
    """The table of what was measured."""
    cells = sorted(second for learner in seen for second in learner.cells)
    saves = sorted(second for learner in seen for second in learner.saves)
    ratios = sorted(
        now / max(then, 0.05)
        for learner in seen
        for now, then in zip(learner.cells, alone.cells, strict=True)
    )
    memory = [learner.memory for learner in seen if learner.memory]
    rows = [
        ("learners", f"{len(seen)}"),
        ("the class took", f"{seconds / 60:.1f} min"),
        ("cells run", f"{len(cells)}"),
        ("a cell, median / p95 / longest", _three(cells)),
        ("a cell alone, median / p95 / longest", _three(sorted(alone.cells))),
        (
            "times as long as alone, median / p95",
            f"{_at(ratios, 0.5):.1f} / {_at(ratios, 0.95):.1f}",
        ),
        ("a save, median / p95 / longest", _three(saves)),
        ("a kernel's memory, mean / most", f"{statistics.mean(memory):.0f} / {max(memory):.0f} MB"),
        ("memory of the whole class", f"{(free[0] - free[1]) / 1024:.1f} GB at its end"),
        ("cells that failed", f"{sum(len(learner.failed) for learner in seen)}"),
        ("notebooks with something lost", f"{sum(learner.lost for learner in seen)}"),
    ]
    return "\n".join(
        f"| {name} | {value} |" for name, value in [("", ""), ("---", "---"), *rows][2:]
    )


def _three(seconds: list[float]) -> str:
    return f"{_at(seconds, 0.5):.2f} / {_at(seconds, 0.95):.2f} / {seconds[-1]:.1f} s"


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def _free() -> float:
    (line,) = (
        ln for ln in Path("/proc/meminfo").read_text().splitlines() if ln.startswith("MemAv")
    )
    return int(line.split()[1]) / 1024


def main() -> None:
    """Start the server, let the class work, print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--lesson", default="03")
    parser.add_argument("--pace", type=float, default=20.0, help="mean seconds before each cell")
    parser.add_argument("--threads", type=int, default=1, help="of each kernel's arithmetic")
    given = parser.parse_args()
    (lesson,) = lessons_source().glob(f"{given.lesson}_*.ipynb")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        names = [f"learner_{n:02d}.ipynb" for n in range(given.learners + 1)]
        for file in names:
            (folder / file).write_bytes(lesson.read_bytes())
        port = lab.free_port(8950)
        log = (folder / "server.log").open("w")
        before = _free()
        server = subprocess.Popen(
            lab.command(folder, port, browser=False),
            env={
                **lab.environment(TOKEN),
                "COURSE_PROGRESS": "off",
                **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(given.threads)),
            },
            stdout=log,
            stderr=log,
        )
        try:
            lab._wait_until_it_answers(server, port)
            alone, seen, seconds = asyncio.run(_class(port, names, given.pace))
            print(report(alone, seen, seconds, (before, _free())))
            for learner in seen:
                for error in learner.failed[:1]:
                    print("failed:", error[:200])
        finally:
            lab._stop(server)


if __name__ == "__main__":
    main()
