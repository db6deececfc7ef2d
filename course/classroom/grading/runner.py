"""Run one submission's cells and checks; this is what happens inside its process.

The job is what `job` makes. Each event is a line of JSON in the report file: the limits that hold,
each check's points with its diagnosis, cells that were stopped, and the end. A line counts only
with the job's token, and whatever the learner's code prints goes nowhere.
"""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import json
import os
import sys
import time
from collections.abc import Callable
from functools import partial
from types import CodeType
from typing import Any

from course.classroom.grading.cells import Cell

_MOST_TEXT = 2000


def job(
    cells: list[Cell], imports: str, seconds: float, total: float, memory_mb: int, network: bool
) -> dict[str, Any]:
    """What a runner needs to know. `seconds` is for a cell, `total` for all; megabytes."""
    return {
        "cells": [vars(cell) for cell in cells],
        "imports": imports,
        "seconds": seconds,
        "total": total,
        "memory_mb": memory_mb,
        "network": network,
    }


def enter(todo: dict[str, Any], report: str, folder: str, environment: dict[str, str]) -> None:
    """Make this process the submission's, in `folder` and with nothing else; run, and end it."""
    if hasattr(os, "setsid"):
        os.setsid()  # so that all it starts can be ended with it
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    # Files handed in beside the notebook can be imported, after everything else.
    sys.path[:] = [place for place in sys.path if place not in ("", ".")] + [""]
    say = _reporter(todo["token"], report)
    from course.classroom.grading.sandbox import limit

    say(event="limits", **limit(todo["memory_mb"], todo["total"], todo["network"]))
    _run(todo, say)
    say(event="end")
    os._exit(0)  # no waiting for threads that the learner's code left behind


def _reporter(token: str, report: str) -> Callable[..., None]:
    """Open the report for the events; what others print goes nowhere."""
    channel = os.open(report, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    write, dumps = os.write, json.dumps

    def say(**event: Any) -> None:
        write(channel, dumps({"token": token, **event}).encode() + b"\n")

    return say


def _run(todo: dict[str, Any], say: Callable[..., None]) -> None:
    names: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    official: dict[str, Any] = {"__name__": "__main__"}
    try:
        from course.checks.limits import run_limited
        from course.classroom.grading.integrity import Snapshot

        exec(todo["imports"], official)
        snapshot = Snapshot()
    except Exception as error:
        say(event="broken", said=f"{type(error).__name__}: {error}"[:500])
        return
    official.pop("__builtins__", None)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    for number, cell in enumerate(todo["cells"], start=1):
        started = time.monotonic()
        if cell["check"]:
            found = _check(cell, names, official, snapshot, todo["seconds"])
            seconds = round(time.monotonic() - started, 3)
            say(event="check", name=cell["check"], seconds=seconds, **found)
            continue
        run_it = partial(_cell, cell, number, names, loop)
        ran = run_limited(run_it, todo["seconds"])
        if ran.ending != "returned":
            kind = "time" if ran.error is None else type(ran.error).__name__
            say(event="cell", kind=kind, said=str(ran.error or "")[:200])


def _check(
    cell: dict[str, Any],
    names: dict[str, Any],
    official: dict[str, Any],
    snapshot: Any,
    seconds: float,
) -> dict[str, Any]:
    """Run an official check over the learner's names and return its points and words."""
    from course.checks.limits import run_limited

    changed = snapshot.restore()
    # What the check itself imports is the course's; a learner's `float` or `exercises` is not.
    shadowed = set(vars(builtins)) - {cell["check"]}
    space = {k: v for k, v in names.items() if k not in shadowed or k == "__builtins__"}
    space.update({k: v for k, v in official.items() if k != cell["check"]})
    space["__builtins__"] = builtins
    borrowed = _is_ours(space.get(cell["check"]))
    ran = run_limited(lambda: _value(cell["source"], space), 4 * seconds)
    during = snapshot.restore()
    found = _judge(ran, cell["points"])
    if during:
        found |= {"points": 0.0, "diagnosis": "changed the checks", "message": _names(during)}
    elif borrowed:
        found |= {"diagnosis": "the course's own function", "message": _names([cell["check"]])}
    return found | {"changed": _names(changed + during + [cell["check"]] * borrowed)}


def _judge(ran: Any, most: float) -> dict[str, Any]:
    """Points, diagnosis and message from what the check's last line gave."""
    from course.checks import Score

    value = ran.value
    if ran.ending == "raised":
        kind = type(ran.error).__name__
        return {"points": 0.0, "diagnosis": f"exception {kind}", "message": ""}
    if ran.ending != "returned":
        return {"points": 0.0, "diagnosis": "endless", "message": ""}
    if type(value) not in (Score, float, int, bool):
        return {"points": 0.0, "diagnosis": "no score", "message": ""}
    points = min(max(float(value), 0.0), most)
    if type(value) is Score:
        message = "" if value.passed else value.message[:_MOST_TEXT]
        return {"points": points, "diagnosis": value.diagnosis, "message": message}
    words = "passed" if points == most else "not right yet"
    return {"points": points, "diagnosis": words, "message": ""}


def _value(source: str, space: dict[str, Any]) -> Any:
    """Run the source; return the value of its last expression, None when there is none."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "<check>", "exec"), space)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), "<check>", "eval"), space)  # type: ignore[attr-defined]


def _cell(
    cell: dict[str, Any], number: int, names: dict[str, Any], loop: asyncio.AbstractEventLoop
) -> None:
    """Run one cell of the learner's as a notebook does: magics, `await`, a running loop."""

    async def inside() -> None:
        code = _compile(cell["source"], number, names)
        result = eval(code, names)
        if inspect.iscoroutine(result):
            await result

    loop.run_until_complete(inside())


def _compile(source: str, number: int, names: dict[str, Any]) -> CodeType:
    try:
        tree = _parse(source)
    except SyntaxError:
        tree = _parse(_without_magics(source, names))
    name = f"<cell {number}>"
    return compile(tree, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _parse(source: str) -> ast.Module:
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree: ast.Module = compile(source, "<cell>", "exec", flags=flags, dont_inherit=True)
    return tree


def _without_magics(source: str, names: dict[str, Any]) -> str:
    """IPython's own translation of `%magic`, `!command` and `name?` into Python."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def enable_gui(self, gui: Any = None) -> None:
            """`%matplotlib` asks for an event loop of its pictures; here is none to start."""

    config = Config({"HistoryManager": {"enabled": False}})
    shell = Shell.instance(config=config, user_ns=names)
    names["get_ipython"] = lambda: shell
    text: str = shell.transform_cell(source)
    return text


def _is_ours(answer: Any) -> bool:
    """Whether the answer is a function or class that `course` defines, under another name."""
    return str(getattr(answer, "__module__", "")).startswith("course.")


def _names(changed: list[str]) -> str:
    return ", ".join(changed[:5]) + (", …" if len(changed) > 5 else "")
