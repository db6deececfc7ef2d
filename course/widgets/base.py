"""What all widgets share: scripts from files, a home loop, a static form where no kernel runs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextvars import copy_context
from pathlib import Path
from typing import Any

import anywidget

_HERE = Path(__file__).parent


def script(*names: str) -> str:
    """The text of this folder's files one after the other: one bundle, nothing from the network."""
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


def raises_errors() -> bool:
    """True under test, where an error in a callback must fail the test and not only be shown."""
    return bool(os.environ.get("PYTEST_CURRENT_TEST") or os.environ.get("COURSE_RAISE_ERRORS"))


class HomeLoop:
    """Brings calls from any thread to the event loop on which this object was made."""

    def __init__(self) -> None:
        try:
            self._loop: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:  # no loop: a plain program, a test
            self._loop = None

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Call ``function`` on the home loop: at once when this is it, soon from elsewhere."""
        if self._loop is None or not self._loop.is_running() or self._here():
            function(*args)
            return
        # The context says which cell is running: without it output and display go astray.
        self._loop.call_soon_threadsafe(lambda: function(*args), context=copy_context())

    def _here(self) -> bool:
        try:
            return asyncio.get_running_loop() is self._loop
        except RuntimeError:
            return False


class KitWidget(anywidget.AnyWidget):
    """An anywidget with messages brought home and a static form of itself in its mime bundle."""

    # ipywidgets 7 displays through this method when it exists, past the mime bundle below.
    _ipython_display_ = None

    def __init__(self, **traits: Any) -> None:
        self._home = HomeLoop()
        super().__init__(**traits)
        self.on_msg(self._receive)

    def _receive(self, widget: Any, content: Any, buffers: Any) -> None:
        if isinstance(content, dict):
            self._home.call(self.handle, content)

    def handle(self, message: dict[str, Any]) -> None:
        """Act on a message from the script; runs on the home loop."""

    def static(self) -> dict[str, Any]:
        """What is shown where no widget runs, by mime type; ``text/plain`` at least."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle: Any = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        return {**data, **self.static()}, metadata

    def __repr__(self) -> str:
        return str(self.static()["text/plain"])
