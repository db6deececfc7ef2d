"""A kernel with the offline profile reaches this machine and no other."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course.authoring import offline

REACH = """
import socket, threading
from course.authoring import offline
offline.forbid()
server = socket.create_server(("127.0.0.1", 0))
socket.create_connection(server.getsockname()).close()
socket.create_connection(("localhost", server.getsockname()[1])).close()
{attempt}
"""


def told(attempt: str) -> str:
    """The last line that Python prints when it tries `attempt`."""
    code = REACH.format(attempt=attempt)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return (done.stderr.strip() or "fine").splitlines()[-1]


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('192.0.2.1', 80), timeout=1)",
        "socket.socket().connect_ex(('192.0.2.1', 80))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'', ('192.0.2.1', 9))",
        "socket.getaddrinfo('example.org', 80)",
        "import urllib.request; urllib.request.urlopen('http://192.0.2.1')",
    ],
)
def test_another_machine_is_refused_in_words(attempt: str) -> None:
    assert "a lesson runs without one" in told(attempt)


def test_this_machine_is_reached() -> None:
    assert told("pass") == "fine"


def test_a_notebook_under_the_guard_has_no_network(tmp_path: Path) -> None:
    reach = "import socket\nsocket.getaddrinfo('example.org', 80)"
    clean = "assert 'sys' not in dir() and 'forbid' not in dir()"
    cells = [nbformat.v4.new_code_cell(text) for text in (clean, reach)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "reach.ipynb")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    words = ["-p", "course.authoring.guard", "--nbval-lax", "--nbval-current-env", "reach.ipynb"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rA", *words],
        cwd=tmp_path,
        env={**os.environ},
        capture_output=True,
        text=True,
    )
    assert "PASSED reach.ipynb::Cell 0" in done.stdout
    assert "FAILED reach.ipynb::Cell 1" in done.stdout
    assert "a lesson runs without one" in done.stdout


def test_the_profile_is_a_startup_file(tmp_path: Path) -> None:
    offline.profile(tmp_path)
    (file,) = tmp_path.rglob("*.py")
    assert file.parent.name == "startup"
