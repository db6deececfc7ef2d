"""A launched run leaves no process behind, however it ends, and says in words what is missing."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from course.clusters import launch
from course.clusters.launch import RunFailed

HERE = Path(__file__).parent
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals as on Linux and macOS")


def until(true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} seconds until {what}"
        time.sleep(0.05)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The processes find the module that waits."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")]))


@pytest.fixture
def parent(waiting: None):
    """A program that launches two waiting processes, as a notebook's kernel does."""
    # A shell's background job ignores the interrupt, and so would what it starts.
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from course.clusters.launch import launch; launch('waits', seconds=500)"
    )
    root = str(HERE.parents[1])
    words = [sys.executable, "-c", code]
    made = subprocess.Popen(words, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    yield psutil.Process(made.pid)
    for child in psutil.Process(made.pid).children(True) if made.poll() is None else []:
        child.kill()
    made.kill()
    made.wait()
    made.stdout.close()


def family(parent: psutil.Process, size: int) -> list[psutil.Process]:
    """Its descendants, once there are that many: torchrun, then the processes that it starts."""
    until(lambda: len(parent.children(True)) >= size, f"{size} processes run")
    return parent.children(True)


def all_gone(processes: list[psutil.Process]) -> None:
    def gone(p: psutil.Process) -> bool:
        return not p.is_running() or p.status() == psutil.STATUS_ZOMBIE

    until(lambda: all(map(gone, processes)), "no process is left", 60)


@POSIX
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_process_outlives_the_one_that_launched_it(parent, how: signal.Signals) -> None:
    children = family(parent, 3)
    # Let the last one load far enough to wait, so that it is not only the start that is tested.
    time.sleep(0.5)
    parent.send_signal(how)
    all_gone([parent, *children])


@POSIX
def test_a_launcher_killed_while_torchrun_starts_leaves_nothing_either(parent) -> None:
    children = family(parent, 1)
    parent.kill()
    all_gone([parent, *children])
    time.sleep(0.5)
    assert not [p for p in psutil.process_iter(["cmdline"]) if "waits" in (p.info["cmdline"] or [])]


def answer(client, asked: str) -> dict:
    while True:
        reply = client.get_shell_msg(timeout=120)
        if reply["parent_header"].get("msg_id") == asked:
            return reply["content"]


@POSIX
def test_a_notebook_cell_shows_lines_at_once_and_can_be_interrupted(waiting) -> None:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(startup_timeout=120, cwd=str(HERE.parents[1]))
    try:
        cell = "from course.clusters.launch import launch; launch('waits', seconds=500)"
        asked = client.execute(cell)
        children, printed = [], ""
        # Both processes have spoken, and neither has ended: the output is live.
        while printed.count("pid ") < 2:
            message = client.get_iopub_msg(timeout=120)
            printed += message["content"].get("text", "")
        children = [psutil.Process(int(pid)) for pid in re.findall(r"pid (\d+)", printed)]
        children += children[0].parents()[:1]  # torchrun
        manager.interrupt_kernel()
        assert answer(client, asked)["ename"] == "KeyboardInterrupt"
        all_gone(children)
        assert answer(client, client.execute("1 + 1"))["status"] == "ok"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@POSIX
def test_time_out_is_said_and_ends_even_a_stopped_process(waiting) -> None:
    me = psutil.Process()
    with pytest.raises(RunFailed, match="had not ended after 20 seconds and were stopped"):
        launch.launch("waits", "deaf", seconds=20, show=False)
    all_gone([p for p in me.children(True) if "waits" in p.cmdline()])


def test_the_readers_command_line_grows_to_many_nodes() -> None:
    one = launch.command_line("course.clusters.runs.data_parallel", "--steps", 10, processes=2)
    assert one == "torchrun --nproc-per-node 2 -m course.clusters.runs.data_parallel --steps 10"
    many = launch.command_line("run", processes=8, nodes=16, first="node0", restarts=3)
    assert many == (
        "torchrun --nnodes 16 --rdzv-backend c10d --rdzv-endpoint node0:29400 "
        "--nproc-per-node 8 --max-restarts 3 -m run"
    )
    with pytest.raises(ValueError, match="where all meet"):
        launch.command_line("run", nodes=2)


def test_a_port_in_use_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f"port {port} cannot be used .*Leave `port` out"):
            launch.launch("waits", port=port)
    with pytest.raises(ValueError, match=r"from 1 to 65535.*not 99999"):
        launch.launch("waits", port=99999)


def test_numbers_that_make_no_run_are_refused() -> None:
    with pytest.raises(ValueError, match="from 1 to 16 on one machine, not 0"):
        launch.launch("waits", processes=0)
    with pytest.raises(ValueError, match="only a function can travel"):
        launch.launch("waits", function=len, show=False)
    with pytest.raises(ValueError, match="seconds above 0, not -1 and 5"):
        launch.launch("waits", restarts=-1, seconds=5)


def test_one_core_is_told_that_processes_take_turns(monkeypatch, capsys) -> None:
    monkeypatch.setattr(launch, "cores", lambda: 1)
    monkeypatch.setattr(launch, "_watch", lambda *given: ([], [], 0))
    launch.launch("anything")
    assert "2 processes on one core take turns" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("missing", "said"),
    [("is_available", "without torch.distributed"), ("is_gloo_available", "without gloo")],
)
def test_a_pytorch_without_its_distributed_part_is_named(monkeypatch, missing, said) -> None:
    import torch.distributed as dist

    monkeypatch.setattr(dist, missing, lambda: False)
    monkeypatch.setattr(launch, "_watch", lambda *given: ([], ["AttributeError: x"], 1))
    with pytest.raises(RunFailed, match=said):
        launch.launch("anything", show=False)


def test_the_first_error_of_a_rank_is_repeated(monkeypatch) -> None:
    errors = ["Traceback", "ValueError: no such thing", "torch...errors.ChildFailedError: x"]
    monkeypatch.setattr(launch, "_watch", lambda *given: ([], errors, 1))
    with pytest.raises(RunFailed, match=r"ended with code 1\. ValueError: no such thing"):
        launch.launch("anything", show=False)


@pytest.mark.parametrize(
    ("system", "interfaces", "wanted"),
    [
        ("linux", ["lo", "eth0"], {"GLOO_SOCKET_IFNAME": "lo"}),
        ("darwin", ["lo0", "en0"], {"GLOO_SOCKET_IFNAME": "lo0"}),
        ("win32", [], {"USE_LIBUV": "0"}),
    ],
)
def test_every_system_gets_its_surroundings(monkeypatch, system, interfaces, wanted) -> None:
    for name in ("GLOO_SOCKET_IFNAME", "USE_LIBUV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(socket, "if_nameindex", lambda: list(enumerate(interfaces)))
    found = launch.surroundings()
    assert all(f"{name}={value}" in launch.typed_by_hand() for name, value in wanted.items()) or (
        system == "linux" and "no further settings" in launch.typed_by_hand()
    )
    kept = {k: v for k, v in found.items() if k in ("GLOO_SOCKET_IFNAME", "USE_LIBUV")}
    assert kept == wanted
    assert found["OMP_NUM_THREADS"] == "1" and found["PYTHONUNBUFFERED"] == "1"
