"""A live explorer: training that can be watched, paused and changed while it runs.

class Descent(LiveRun):
    def reset(self, parameters): ...
    def step(self): ...
    def scene(self): ...
    def table(self): ...
    def describe(self): ...

LiveExplorer(DescentParameters(), Descent(), title="Descent")
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import traitlets

from course.widgets.base import script
from course.widgets.direct import Act, SceneFront
from course.widgets.front import in_words
from course.widgets.scene import Scene
from course.widgets.tables import Table

BURST = 0.006  # seconds of training before other messages get their turn
IN_FLIGHT = 12  # frames sent and not yet acknowledged, at most; the page does so 4 times a second
SILENCE = 5.0  # seconds without an acknowledgement until training stops by itself
DRAWING = 0.03  # the share of the time that may go into frames
FASTEST, SLOWEST = 1 / 30, 1 / 21  # seconds between two frames
WORDS = 0.25  # seconds between two sentences


class LiveRun:
    """One run of training: what the author of a live explorer writes.

    ``steps`` counts the updates since the last reset; the kit keeps it.
    """

    steps: int = 0

    @property
    def done(self) -> bool:
        """True once there is nothing left to train; by default never."""
        return False

    def reset(self, parameters: Any) -> None:
        """Start afresh with ``parameters``."""
        raise NotImplementedError

    def change(self, parameters: Any) -> bool:
        """Go on with new ``parameters``; return False (as here) to be reset with them instead."""
        return False

    def step(self) -> None:
        """One update of the parameters: a small piece of work, a few milliseconds at most."""
        raise NotImplementedError

    def scene(self) -> Scene:
        """The picture of the present state."""
        raise NotImplementedError

    def table(self) -> Table:
        """The present state as a table."""
        raise NotImplementedError

    def describe(self) -> str:
        """The present state in one sentence."""
        raise NotImplementedError


class LiveExplorer(SceneFront):
    """Play, pause, step and start over for ``run``, with controls that act while it trains.

    ``pace`` is the number of updates a second at the start, 0 for as many as possible; the reader
    can choose another. ``preview`` is how many updates the picture for readers without a kernel
    has seen. ``unit`` is what one update is called, where that is another word.

    Raises ValueError when a starting value does not fit its control.
    """

    _esm = script("theme.js", "controls.js", "front.js", "marks.js", "scene.js", "live.js")
    playing = traitlets.Bool(False).tag(sync=True)
    done = traitlets.Bool(False).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    speed = traitlets.Float(0.0).tag(sync=True)  # updates a second, as measured
    pace = traitlets.Float(0.0).tag(sync=True)
    unit = traitlets.Unicode("update").tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)  # why it stopped by itself
    base = traitlets.Int(0).tag(sync=True)  # of which scene a frame says what is new

    def __init__(
        self,
        parameters: Any,
        run: LiveRun,
        *,
        title: str,
        pace: float = 0.0,
        preview: int = 0,
        unit: str = "update",
        act: Act | None = None,
        opener: str = "",
    ) -> None:
        self.training, self._preview = run, preview
        self._task: asyncio.Task[None] | None = None
        self.frame = 0  # the number of the last frame sent
        self._acknowledged, self._heard = 0, 0.0
        self._applied: Any = None  # the parameters that the run knows
        super().__init__(parameters, act=act, title=title, opener=opener, pace=pace, unit=unit)
        if self.comm is not None:
            self.comm.on_close(lambda _: self._home.call(self.pause))

    def compute(self) -> tuple[dict[str, Any], str, Table]:
        """Hand new parameters to the run, then draw it as it stands."""
        run = self.training
        if self._applied != self.parameters:
            # Forgotten first: after an error in between, the next change starts afresh.
            before, self._applied = self._applied, None
            if before is None or not run.change(self.parameters):
                run.reset(self.parameters)
                run.steps = 0
            self._applied = self.parameters
        return self._whole(run.scene()), run.describe(), run.table()

    def _whole(self, scene: Scene) -> dict[str, Any]:
        """The traits that show the run: what a page needs that knows nothing of it yet."""
        self._base = scene
        counts = {"steps": self.training.steps, "done": self.training.done, "base": self.base + 1}
        return {**self.drawn(scene), **counts}

    # Without a page: for notebooks that are run from top to bottom, and for tests.

    def run(self, steps: int) -> None:
        """Train for ``steps`` updates, or until done, and show the outcome."""
        for _ in range(steps):
            if self.training.done:
                break
            self._step()
        self._show(self.parameters)

    def run_to_end(self, most: int = 100_000) -> None:
        """Train until done; raises ValueError when that takes more than ``most`` updates."""
        self.run(most)
        if not self.training.done:
            raise ValueError(f"{self.title} is not done after {most} updates; call run(steps)")

    def _step(self) -> None:
        if self._applied is None:  # a change failed: there is nothing to train
            raise RuntimeError("change a setting, or press Reset, before training goes on")
        self.training.step()
        self.training.steps += 1

    # With a page.

    def play(self) -> None:
        """Train until paused, done, or nobody watches; raises RuntimeError without a kernel."""
        if self.playing or self.training.done:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError(
                "play() needs a running kernel; without one call run(steps)"
            ) from None
        self.playing, self.notice = True, ""
        self._heard, self._acknowledged = time.perf_counter(), self.frame
        self._task = loop.create_task(self._train())
        self._task.add_done_callback(self._ended)

    def pause(self) -> None:
        """Stop training after the burst that is under way."""
        self.playing = False

    def restart(self) -> None:
        """Stop, and start training afresh with the present parameters."""
        self.pause()
        self._applied, self.notice, self.speed = None, "", 0.0
        self._show(self.parameters)

    def reset(self) -> None:
        """Stop, and go back to the parameters it was made with."""
        self.pause()
        self._applied, self.notice, self.speed = None, "", 0.0
        super().reset()

    def close(self) -> None:
        """Stop training too."""
        self.playing = False
        super().close()

    def obey(self, message: dict[str, Any]) -> None:
        """Act on the buttons and on the page's acknowledgements too."""
        kind, number = message.get("kind"), message.get("frame")
        if kind == "ack" and isinstance(number, int):
            self._acknowledged = max(self._acknowledged, min(number, self.frame))
            self._heard = time.perf_counter()
        elif kind == "play":
            self.play()
        elif kind == "pause":
            self.pause()
        elif kind == "step":
            self.pause()
            self.run(1)
        elif kind == "restart":
            self.restart()
        elif kind == "pace":
            pace = message.get("pace")
            self.pace = float(pace) if isinstance(pace, int | float) and 0 <= pace < 1e9 else 0.0
        else:
            super().obey(message)

    async def _train(self) -> None:
        clock = _Clock(self.training.steps)
        while self.playing and not self.training.done:
            due = self._burst(clock)
            now = time.perf_counter()
            if self.frame - self._acknowledged < IN_FLIGHT:
                if now - clock.drawn >= clock.interval:
                    self._send_frame(clock)
            elif now - self._heard > SILENCE:
                self.notice = "Training paused: no page has shown it for a while."
                break
            await asyncio.sleep(due)

    def _burst(self, clock: _Clock) -> float:
        """Train for a burst, or as far as the pace allows; the seconds until more is due."""
        end, pace = time.perf_counter() + BURST, self.pace
        while not self.training.done:
            if pace and (wait := clock.until_due(pace)) > 0:
                return min(wait, 0.03)
            self._step()
            if time.perf_counter() >= end:
                break
        return 0.0

    def _send_frame(self, clock: _Clock) -> None:
        """Tell the page what is new since its ``base``; words and numbers only now and then.

        A message, because a trait would be compared with what it was and sent whole.
        """
        began = time.perf_counter()
        scene, base, speaks = self.training.scene(), self._base, began - clock.spoke >= WORDS
        alike = (scene.width, scene.height, len(scene.panels))
        with self.hold_sync():
            if alike != (base.width, base.height, len(base.panels)):
                for trait, value in self._whole(scene).items():
                    setattr(self, trait, value)
                base = scene
            if speaks:
                self._speak()
                self.steps, self.speed = self.training.steps, clock.speed(self.training.steps)
                clock.spoke = began
        panels, numbers = scene.pack_changes(base)
        self._scene, self.frame = scene, self.frame + 1
        frame = {"kind": "frame", "frame": self.frame, "base": self.base, "panels": panels}
        self.send(frame, [numbers])
        clock.sent(began)

    def _speak(self) -> None:
        sentence, self._table = self.training.describe(), self.training.table()
        self.sentence, self.table = sentence, self._table.state()
        self.alt = f"{self.title}. {sentence}"

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Show the last state, and an exception that nobody else would see."""
        self.playing = False
        error = None if task.cancelled() else task.exception()
        if error is None:
            self._show(self.parameters)
        else:
            self.error = in_words(error)

    def static(self) -> dict[str, Any]:
        """As it stands; before any training, as it would be after ``preview`` updates."""
        if not self._preview or self.training.steps or self.playing:
            return super().static()
        self.run(self._preview)
        shown = super().static()
        self.restart()
        return shown


class _Clock:
    """When what was last done while training, and how often a frame is due."""

    def __init__(self, steps: int) -> None:
        self.began = self.drawn = self.spoke = time.perf_counter()
        self.interval = FASTEST
        self._from = (self.began, steps)  # where the speed is measured from
        self._paced = (0.0, self.began, 0)  # pace, since when, updates since

    def until_due(self, pace: float) -> float:
        """Seconds until the next update at ``pace``; 0 or less counts it as made."""
        now = time.perf_counter()
        last, since, made = self._paced
        if last != pace or made / pace - (now - since) < -0.5:  # a new pace, or far behind it
            since, made = now, 0
        wait = since + made / pace - now
        self._paced = (pace, since, made + (wait <= 0))
        return wait

    def sent(self, began: float) -> None:
        """Note a frame; the next follows once drawing has had no more than its share."""
        now = time.perf_counter()
        # From when it was due: a burst that ran over must not make all later ones late.
        self.drawn = max(self.drawn + self.interval, began - self.interval)
        self.interval = min(max((now - began) / DRAWING, FASTEST), SLOWEST)

    def speed(self, steps: int) -> float:
        """Updates a second since the last call."""
        now = time.perf_counter()
        (then, before), self._from = self._from, (now, steps)
        return max(steps - before, 0) / max(now - then, 1e-9)
