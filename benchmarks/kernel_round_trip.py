"""How long a `1+1` takes over the kernel websocket, with and without TCP_NODELAY.

    python benchmarks/kernel_round_trip.py [rounds]

Starts the server of `course lab` twice, the second time without the course's server extension, and
prints the median and the 95th percentile of the time from request to the kernel's idle message.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from course.classroom import lab

TOKEN = "benchmark"


async def wait_for(port: int) -> None:
    """Return when the server on `port` answers."""
    for _ in range(300):
        try:
            await AsyncHTTPClient().fetch(f"http://{lab.HOST}:{port}/api")
            return
        except OSError:
            await asyncio.sleep(0.1)
    raise TimeoutError("The server did not answer within 30 seconds.")


async def one(connection: WebSocketClientConnection) -> float:
    """Milliseconds for one `1+1`."""
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "benchmark"}
    content = {"code": "1+1", "silent": False, "store_history": False}
    message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
    began = time.perf_counter()
    await connection.write_message(json.dumps({**message, "channel": "shell"}))
    idle = replied = False
    while not (idle and replied):
        text = await connection.read_message()
        if text is None:
            raise ConnectionError("The server closed the kernel's websocket.")
        answer = json.loads(text)
        if answer["parent_header"].get("msg_id") == header["msg_id"]:
            replied |= answer["msg_type"] == "execute_reply"
            idle |= answer["content"].get("execution_state") == "idle"
    return (time.perf_counter() - began) * 1e3


async def measure(port: int, rounds: int) -> list[float]:
    """Milliseconds of `rounds` executions in a fresh kernel of the server on `port`."""
    await wait_for(port)
    base, query = f"{lab.HOST}:{port}/api/kernels", f"token={TOKEN}"
    request = HTTPRequest(f"http://{base}?{query}", method="POST", body="{}")
    kernel = json.loads((await AsyncHTTPClient().fetch(request)).body)["id"]
    connection = await websocket_connect(f"ws://{base}/{kernel}/channels?{query}")
    for _ in range(5):
        await one(connection)
    times = [await one(connection) for _ in range(rounds)]
    connection.close()
    return times


def main() -> None:
    """Measure both and print them."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    off = '--ServerApp.jpserver_extensions={"course.classroom.nodelay": False, "jupyterlab": True}'
    for name, more in (("with TCP_NODELAY", []), ("without", [off])):
        with tempfile.TemporaryDirectory() as folder:
            port = lab.free_port(9400)
            words = [*lab.command(Path(folder), port, browser=False), *more]
            server = subprocess.Popen(words, env=lab.environment(TOKEN))
            try:
                times = sorted(asyncio.run(measure(port, rounds)))
            finally:
                server.terminate()
                server.wait()
        print(
            f"{name:>16}: median {statistics.median(times):5.1f} ms, "
            f"95th percentile {times[int(0.95 * len(times))]:5.1f} ms over {rounds} rounds"
        )


if __name__ == "__main__":
    main()
