"""`course lab`: a real server, for this computer alone, on a free port, ended by Ctrl-C."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys

import pytest

from course.classroom import lab


@pytest.fixture
def taken():
    """A port on which somebody else listens."""
    with socket.socket() as other:
        other.bind((lab.HOST, 0))
        other.listen()
        yield other.getsockname()[1]


def get(host: str, port: int, path: str) -> int:
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def test_the_server_is_open_to_its_token_and_this_computer_alone(taken, tmp_path):
    # A shell's background job ignores Ctrl-C and hands that on to all it starts; a terminal does not.
    heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    start = f"{heed}; import sys; from course.cli import main; main(sys.argv[1:])"
    words = [sys.executable, "-c", start, "lab", "--no-browser", "--port", str(taken)]
    with subprocess.Popen(
        [*words, "--dir", str(tmp_path / "mine")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said = ""
            for line in process.stdout:
                said += line
                if "Ctrl-C" in line:
                    break
            assert f"Port {taken} is taken; using " in said
            found = re.search(r"http://127\.0\.0\.1:(\d+)/(lab\S*)\?token=(\w+)", said)
            assert found, said
            port, page, token = int(found[1]), found[2], found[3]
            assert port > taken
            assert (tmp_path / "mine" / page.removeprefix("lab").removeprefix("/tree/")).exists()

            assert get(lab.HOST, port, "/api/contents") == 403
            assert get(lab.HOST, port, "/api/contents?token=wrong") == 403
            assert get(lab.HOST, port, f"/api/contents?token={token}") == 200
            assert get(lab.HOST, port, f"/{page}?token={token}") == 200
            if sys.platform == "linux":  # the whole of 127.0.0.0/8 is this computer there
                with pytest.raises(ConnectionRefusedError):
                    get("127.0.0.2", port, "/api")

            os.killpg(process.pid, signal.SIGINT)
            rest = process.stdout.read()
            assert process.wait(30) == 0
            assert "Stopping. Your work is in" in rest
            assert "Traceback" not in said + rest
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def test_the_next_free_port_is_taken(taken):
    assert lab.free_port(taken) > taken


@pytest.mark.parametrize("port", [-1, 0, 80, 65536])
def test_a_port_that_cannot_be_is_named(port):
    with pytest.raises(ValueError, match=f"Port {port} cannot be used"):
        lab.free_port(port)


def test_ports_that_are_all_taken_say_so(taken):
    with pytest.raises(lab.LabError, match="Name another one"):
        lab.free_port(taken, tries=1)


def test_the_token_stays_off_the_command_line_and_kernels_share_the_cores(tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    given = lab.environment("secret")
    assert given["JUPYTER_TOKEN"] == "secret"
    assert given["JUPYTER_CONFIG_PATH"].endswith(os.pathsep + "mine")
    assert {"OPENBLAS_THREAD_TIMEOUT", "OMP_WAIT_POLICY"} <= set(given)
    assert not any(
        "secret" in word or "token=" in word for word in lab.command(tmp_path, 8888, browser=False)
    )


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no root")
@pytest.mark.parametrize(("user", "allowed"), [(0, True), (1000, False)])
def test_root_is_allowed_only_for_root(tmp_path, monkeypatch, user, allowed):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert ("--allow-root" in lab.command(tmp_path, 8888, browser=False)) == allowed


def test_a_server_that_fails_to_start_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "command", lambda *_, **__: [sys.executable, "-c", "exit(3)"])
    with pytest.raises(lab.LabError, match="exit status 3"):
        lab.run(tmp_path / "mine", browser=False)


def test_the_lab_loads_the_course_s_extension_and_not_the_contributors_ones():
    code = """
from jupyter_server.serverapp import ServerApp
server = ServerApp()
server.initialize(argv=["--ServerApp.log_level=ERROR", "--allow-root"], new_httpserver=False)
for name, extension in server.extension_manager.extensions.items():
    print(name, extension.enabled)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=lab.environment("secret"),
        capture_output=True,
        text=True,
    )
    enabled = dict(line.split() for line in done.stdout.splitlines() if line.count(" ") == 1)
    assert enabled.get("course.classroom.nodelay") == "True", done.stdout + done.stderr
    assert enabled.get("jupyterlab") == "True"
    assert "True" not in [enabled[name] for name in enabled if name.startswith("nbgrader")]


def test_the_extension_sets_nodelay_before_the_kernel_is_connected():
    from course.classroom import nodelay

    order = []

    class Handler:
        def set_nodelay(self, value):
            order.append(("nodelay", value))

    class Connection:
        websocket_handler = Handler()

        def connect(self):
            order.append("connect")

    class Server:
        kernel_websocket_connection_class = Connection

        class web_app:  # noqa: N801  the server's own name for it
            settings: dict[str, type] = {}  # noqa: RUF012

    nodelay._load_jupyter_server_extension(Server)
    Server.web_app.settings["kernel_websocket_connection_class"]().connect()
    assert order == [("nodelay", True), "connect"]
