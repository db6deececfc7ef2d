"""JupyterLab, started at the learner's folder for this computer alone and stopped cleanly."""

import http.client
import importlib.util
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from course import process
from course.classroom import folder as learner

HOST = "127.0.0.1"
_SETTINGS = Path(__file__).with_name("jupyter")
_START_SECONDS = 90
_STOP_SECONDS = 10


class LabError(OSError):
    """JupyterLab cannot be started here; the message says what to do."""


def free_port(wanted: int, tries: int = 100) -> int:
    """The first port from `wanted` on that nobody listens on.

    Raises ValueError for a port outside 1024 to 65535, LabError when all the tries are taken.
    """
    if not 1024 <= wanted <= 65535:
        raise ValueError(f"Port {wanted} cannot be used: choose one from 1024 to 65535.")
    for port in range(wanted, min(wanted + tries, 65536)):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            if os.name != "nt":  # as the server does; on Windows it would take a port in use
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise LabError(
        f"Ports {wanted} to {port} are all taken. Name another one: course lab --port 9000"
    )


def command(folder: Path, port: int, *, browser: bool) -> list[str]:
    """The command line that starts JupyterLab in `folder`, with this very Python."""
    import zmq

    words = [
        *(sys.executable, "-m", "jupyterlab"),
        f"--ServerApp.ip={HOST}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.base_url=/",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/{_page(folder)}",
        f"--ServerApp.open_browser={browser}",
        "--ServerApp.answer_yes=True",  # Ctrl-C stops, without a question
        "--Application.log_level=ERROR",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--allow-root")
    if zmq.has("curve"):  # between server and kernel; without it each kernel prints a warning
        words.append("--KernelManager.transport_encryption=auto")
    return words


def environment(token: str) -> dict[str, str]:
    """The environment of the server and its kernels; `token` stays off the command line."""
    given = dict(os.environ)
    settings = [str(_SETTINGS), given.get("JUPYTER_CONFIG_PATH", "")]
    return {
        **process.environment(),
        **given,
        "JUPYTER_TOKEN": token,
        "JUPYTER_PREFER_ENV_PATH": "1",
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, settings)),
    }


def run(folder: Path | None = None, *, port: int = 8888, browser: bool = True) -> int:
    """Open JupyterLab at the lessons in `folder` and stay until it ends; return its exit status.

    Raises LabError or FolderError, with what to do, when that cannot be.
    """
    if importlib.util.find_spec("jupyterlab") is None:
        raise ImportError(
            "JupyterLab is not installed here. Install it with: pip install jupyterlab"
        )
    update = learner.update(folder or learner.default_folder())
    print(update)
    chosen = free_port(port)
    if chosen != port:
        print(f"Port {port} is taken; using {chosen} instead.")
    print("Starting JupyterLab ...", flush=True)
    token = secrets.token_hex(24)
    server = subprocess.Popen(
        command(update.folder, chosen, browser=browser), env=environment(token)
    )
    # Ctrl-C reaches the server by itself; a container's stop signal reaches this process alone.
    before = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    try:
        _wait_until_it_answers(server, chosen)
        print(
            f"\nThe course is open at\n\n    http://{HOST}:{chosen}/{_page(update.folder)}"
            f"?token={token}\n\nKeep this window open; Ctrl-C in it stops the course.",
            flush=True,
        )
        return server.wait()
    except KeyboardInterrupt:
        print("\nStopping. Your work is in", update.folder, flush=True)
        return 0
    finally:
        _stop(server)
        signal.signal(signal.SIGTERM, before)


def _page(folder: Path) -> str:
    first = learner.landing_page(folder)
    return f"lab/tree/{first}" if first else "lab"


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise LabError(
                f"JupyterLab stopped while starting (exit status {server.returncode}); its own "
                "message is above."
            )
        if _answers(port):
            return
        time.sleep(0.1)
    raise LabError(f"JupyterLab did not answer within {_START_SECONDS} seconds; try again.")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/api")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """End the server and its kernels; a Ctrl-C has reached it already, so wait a moment first."""
    for seconds, more in ((3, server.terminate), (_STOP_SECONDS, server.kill)):
        try:
            server.wait(seconds)
            return
        except subprocess.TimeoutExpired:
            more()
    server.wait()
