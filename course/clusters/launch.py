"""Start several processes of one training run with torchrun, from a notebook cell or a program.

What they print appears at once. However the cell ends (done, failed, interrupted, out of time),
no process is left. All talk over the loopback interface, on a port that the system finds free.
"""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course import process
from course.clusters.lifeline import VARIABLE, Lifeline
from course.clusters.shipping import pack

RESULT = "COURSE_RUN_RESULT"
_PATIENCE = 5.0  # seconds that torchrun has to end
_CHATTER = ("ChildFailedError", "SignalException")  # torchrun's own words for what a rank said


@dataclass(frozen=True)
class Run:
    """A finished run: its command, what rank 0 reported, what was printed, and how long it took."""

    command: str
    result: dict[str, Any] = field(repr=False)
    lines: tuple[str, ...] = field(repr=False)
    seconds: float


class RunFailed(RuntimeError):
    """The processes did not reach their end; the message says why."""


def launch(
    module: str,
    *arguments: object,
    processes: int = 2,
    restarts: int = 0,
    seconds: float = 120.0,
    port: int = 0,
    function: Callable[..., Any] | None = None,
    show: bool = True,
) -> Run:
    """Run ``python -m module arguments`` in ``processes`` processes under torchrun.

    ``restarts``: how often torchrun may start all anew after one has died. ``seconds``: the most
    it may take. ``port``: for the rendezvous; 0 finds a free one. ``function`` goes to the
    processes as the file that their option ``--function`` names.

    Raises ValueError for numbers that make no run, a port in use or a function that cannot travel,
    RunFailed when the processes fail or the time is up. Interrupting it (KeyboardInterrupt) ends
    the processes, too.
    """
    _check(processes, restarts, seconds, port)
    words = [str(a) for a in arguments]
    if show:
        print(f"$ {command_line(module, *words, processes=processes, restarts=restarts)}")
        if cores() < processes:
            print(f"({in_turns(processes, cores())})", flush=True)
    begun = time.monotonic()
    line = Lifeline()
    try:
        with tempfile.TemporaryDirectory(prefix="course-run-") as folder:
            place, travels = Path(folder) / "result.json", Path(folder) / "function"
            if function is not None:
                travels.write_bytes(pack(function))
                words += ["--function", str(travels)]
            command = _torchrun(module, words, processes, restarts, port)
            environment = surroundings() | {VARIABLE: line.address, RESULT: str(place)}
            lines, errors, code = _watch(command, environment, line, seconds, show)
            if code != 0:
                raise RunFailed(_why(code, lines, errors, seconds))
            result = json.loads(place.read_text(encoding="utf-8")) if place.is_file() else {}
    finally:
        line.cut()
    said = command_line(module, *words, processes=processes, restarts=restarts)
    return Run(said, result, tuple(lines), time.monotonic() - begun)


def command_line(
    module: str,
    *arguments: object,
    processes: int = 2,
    restarts: int = 0,
    nodes: int = 1,
    first: str = "",
) -> str:
    """The command that a reader types: on one machine, or on each of ``nodes`` machines.

    ``first`` is the name of one of the machines, where all meet. Raises ValueError for several
    nodes without it.
    """
    head = ["torchrun"]
    if nodes > 1:
        if not first:
            raise ValueError(f"{nodes} nodes need the name of one of them, where all meet")
        head += [f"--nnodes {nodes}", "--rdzv-backend c10d", f"--rdzv-endpoint {first}:29400"]
    head.append(f"--nproc-per-node {processes}")
    if restarts:
        head.append(f"--max-restarts {restarts}")
    return " ".join([*head, "-m", module, *map(str, arguments)])


def typed_by_hand() -> str:
    """What to mind on this system before one types the command; `launch` sees to it by itself."""
    if sys.platform == "win32":
        return "On Windows first type: set USE_LIBUV=0 (PyTorch for Windows is built without it)."
    if sys.platform == "darwin":
        return (
            "On a Mac first type: export GLOO_SOCKET_IFNAME=lo0 (its own name may not be found on "
            "the network)."
        )
    return "This system needs no further settings for it."


def _torchrun(module: str, words: list[str], processes: int, restarts: int, port: int) -> list[str]:
    """torchrun's command line for one machine, over loopback."""
    return [
        *(sys.executable, "-m", "course.clusters.agent", "--nnodes=1"),
        f"--nproc-per-node={processes}",
        f"--max-restarts={restarts}",
        "--monitor-interval=0.1",
        "--rdzv-backend=c10d",
        f"--rdzv-endpoint=127.0.0.1:{port}",
        "--local-addr=127.0.0.1",
        *("-m", module, *words),
    ]


def surroundings() -> dict[str, str]:
    """The environment of a launched process: one thread each, loopback, output at once."""
    found = dict(os.environ) | process.environment()
    found |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    found |= {"PYTHONIOENCODING": "utf-8", "TORCH_CPP_LOG_LEVEL": "ERROR"}
    # The processes must find this very course, wherever they are started.
    here = str(Path(__file__).resolve().parents[2])
    found["PYTHONPATH"] = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH", ""))))
    if sys.platform == "win32":
        found["USE_LIBUV"] = "0"  # PyTorch for Windows is built without it
    else:
        names = {name for _, name in socket.if_nameindex()}
        for name in ("lo", "lo0"):  # Linux, macOS: whose own host name may not resolve
            if name in names:
                found["GLOO_SOCKET_IFNAME"] = name
    return found


def cores() -> int:
    """The processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_turns(processes: int, cores: int) -> str:
    """What a reader should know where there are fewer cores than processes."""
    have = "one core" if cores == 1 else f"{cores} cores"
    return (
        f"{processes} processes on {have} take turns: every result is the same, but no time is "
        "gained, and times measured here say nothing about a cluster"
    )


def _check(processes: int, restarts: int, seconds: float, port: int) -> None:
    if not 1 <= processes <= 16:
        raise ValueError(f"processes must be from 1 to 16 on one machine, not {processes}")
    if restarts < 0 or seconds <= 0:
        raise ValueError(
            f"restarts must be at least 0 and seconds above 0, not {restarts} and {seconds}"
        )
    if not 0 <= port < 65536:
        raise ValueError(f"a port is from 1 to 65535 (0 finds a free one), not {port}")
    if port:
        try:
            with socket.create_server(("127.0.0.1", port)):
                pass
        except OSError as error:
            raise ValueError(
                f"port {port} cannot be used ({error}): another program has it, or it is no port "
                "for programs of yours. Leave `port` out, and a free one is found."
            ) from error


def _watch(
    command: list[str], environment: dict[str, str], line: Lifeline, seconds: float, show: bool
) -> tuple[list[str], list[str], int | None]:
    """Lines printed, last lines of errors, and the exit code; None where the time was up."""
    agent = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        # The interrupt that Jupyter sends to its whole group is ours to handle.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    heard: queue.Queue[tuple[str, str] | None] = queue.Queue()
    for name, stream in (("out", agent.stdout), ("err", agent.stderr)):
        threading.Thread(target=_read, args=(name, stream, heard), daemon=True).start()
    lines: list[str] = []
    errors: list[str] = []
    end, streams = time.monotonic() + seconds, 2
    try:
        while streams:
            if time.monotonic() > end:
                return lines, errors, None
            try:
                item = heard.get(timeout=0.1)
            except queue.Empty:
                continue
            if item is None:
                streams -= 1
            elif item[0] == "out":
                lines.append(item[1])
                if show:
                    print(item[1], flush=True)
            else:
                errors = [*errors, item[1]][-400:]
        return lines, errors, agent.wait()
    finally:
        line.cut()
        try:
            agent.wait(_PATIENCE)
        except subprocess.TimeoutExpired:  # it never got as far as holding its lifeline
            agent.kill()
            agent.wait()


def _read(name: str, stream: Any, heard: queue.Queue[tuple[str, str] | None]) -> None:
    with stream:
        for text in stream:
            heard.put((name, text.rstrip("\n")))
    heard.put(None)


def _why(code: int | None, lines: list[str], errors: list[str], seconds: float) -> str:
    for text in reversed(lines):
        if text.startswith("Cannot run: "):
            return text
    if code is None:
        last = f" Last printed: {lines[-1]!r}." if lines else ""
        return (
            f"The processes had not ended after {seconds:g} seconds and were stopped. Does one wait "
            f"for a message that nobody sends?{last}"
        )
    missing = nothing_to_run_on()
    if missing:
        return missing
    told = [e for e in errors if "Error" in e and not any(word in e for word in _CHATTER)]
    last = told[-1].strip() if told else "\n".join(errors[-5:])
    return f"The processes ended with code {code}. {last}"


def nothing_to_run_on() -> str:
    """What is missing of PyTorch's distributed part, in words; empty where nothing is."""
    rest = "Install one from pytorch.org; the simulated parts of the lesson work without."
    try:
        import torch.distributed as dist
    except ImportError as error:
        return f"PyTorch cannot be loaded ({error}); `course doctor` says what to do."
    if not dist.is_available():
        return f"This PyTorch was built without torch.distributed. {rest}"
    if not dist.is_gloo_available():
        return f"This PyTorch was built without gloo, by which processes on CPUs talk. {rest}"
    return ""
