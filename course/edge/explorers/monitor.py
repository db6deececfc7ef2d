"""Explorer: a heart monitor that takes one sample after the other and must keep up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.edge.heartbeats import DELAY, RATE, STEP, Monitor, detector, match, recording
from course.edge.latency import percentile
from course.widgets import LiveExplorer, LiveRun, Table, slider
from course.widgets.scene import Line, Mark, Panel, Points, Scene, Text

CHUNK = 24  # samples a step
SHOWN = 5 * RATE
DEADLINE = 1000 / RATE  # ms until the next sample


@dataclass(frozen=True)
class MonitorParameters:
    """What the reader sets."""

    threshold: float = slider(0.5, 0.05, 0.95, step=0.05, label="A beat from a probability of")
    slower: float = slider(
        1.0, 1.0, 10_000.0, label="Device is slower than this computer", unit="times", log=True
    )


class Stream(LiveRun):
    """The held-out two minutes, sample by sample; the time of every answer is measured."""

    def reset(self, parameters: MonitorParameters) -> None:
        """Start at the first sample that was not trained on."""
        self.record = recording()
        self.start = self.position = self.record.split
        self.monitor = Monitor(detector(), parameters.threshold)
        self.alarms: list[int] = []
        self.chances: list[float] = []
        self.times: list[float] = []
        self.parameters = parameters

    def change(self, parameters: MonitorParameters) -> bool:
        """Go on with another threshold or device."""
        self.monitor.threshold = parameters.threshold
        self.parameters = parameters
        return True

    @property
    def done(self) -> bool:
        """At the end of the record."""
        return self.position >= len(self.record.signal)

    def step(self) -> None:
        """Take the next samples, one by one."""
        for value in self.record.signal[self.position : self.position + CHUNK].tolist():
            began = time.perf_counter_ns()
            found = self.monitor.push(value)
            took = (time.perf_counter_ns() - began) / 1e6
            if (self.position - self.start) % STEP == 0:
                self.times.append(took)
                self.chances.append(self.monitor.probability)
            if found is not None:
                self.alarms.append(self.start + found)
            self.position += 1

    @property
    def late(self) -> int:
        """Answers that the slower device would not have had before the next sample."""
        return int((np.array(self.times) * self.parameters.slower > DEADLINE).sum())

    def _found(self) -> Any:
        beats = self.record.beats
        # The monitor wakes up half a window after it is switched on, and answers as late.
        inside = (beats >= self.start + DELAY) & (beats < self.position - DELAY - STEP)
        return match(self.alarms, beats[inside])

    def scene(self) -> Scene:
        """The last seconds, the network's opinion, and the time of each answer."""
        first = max(self.start, self.position - SHOWN)
        rows = np.arange(first, self.position, 2)
        seconds = rows / RATE
        window = (first / RATE, (first + SHOWN) / RATE)
        signal = np.column_stack([seconds, self.record.signal[rows]])
        beats = self.record.beats[
            (self.record.beats >= first) & (self.record.beats < self.position)
        ]
        alarms = np.array([a for a in self.alarms if a >= first], int)
        top = Panel(
            window,
            (-3.6, 9.0),
            [
                Line(signal, "C0", 1.3),
                Points(
                    np.column_stack([beats / RATE, np.full(len(beats), 4.2)]),
                    "ink",
                    "v",
                    9,
                    True,
                    "classical detector",
                ),
                Points(
                    np.column_stack([alarms / RATE, np.full(len(alarms), 5.2)]),
                    "C1",
                    "s",
                    7,
                    False,
                    "network",
                ),
            ],
            title="Signal of the heart (mV)",
            xlabel="time in the record (s)",
            grid=True,
            place=(0.0, 0.0, 840.0, 220.0),
        )
        return Scene(top, self._opinion(window), self._speed(), height=400)

    def _opinion(self, window: tuple[float, float]) -> Panel:
        # Drawn at the sample that each answer is about, not at which it came.
        places = (self.start - DELAY + STEP * np.arange(len(self.chances))) / RATE
        shown = places >= window[0]
        points = np.column_stack([places[shown], np.array(self.chances)[shown]])
        level = [(window[0], self.parameters.threshold), (window[1], self.parameters.threshold)]
        marks = [Line(points, "C1", 1.5), Line(level, "ink", 1, "dashed")]
        return Panel(
            window,
            (0.0, 1.05),
            marks,
            title="Network: probability of a beat (dashed: threshold)",
            xlabel=f"time (s); the answer comes {1000 * DELAY / RATE:.0f} ms later",
            place=(0.0, 222.0, 500.0, 178.0),
        )

    def _speed(self) -> Panel:
        recent = np.array(self.times[-300:]) * self.parameters.slower
        points = np.column_stack([np.arange(len(recent)), np.clip(recent, 1e-3, 1e4)])
        marks: list[Mark] = [
            Points(points, "C0", "o", 3),
            Line([(0, DEADLINE), (300, DEADLINE)], "ink", 1.2, "dashed"),
            Text(5, 4e3, f"late: {self.late:,} of {len(self.times):,}", "ink", 13, bold=True),
        ]
        return Panel(
            (0, 300),
            (1e-3, 2e4),
            marks,
            title="Time of an answer (ms)",
            xlabel="the last 300 answers; dashed: deadline",
            y_log=True,
            place=(510.0, 222.0, 330.0, 178.0),
        )

    def table(self) -> Table:
        """What was found, and how fast."""
        found = self._found()
        slower = self.parameters.slower
        times = np.array(self.times) * slower
        p = {q: percentile(times, q) if len(times) else 0.0 for q in (50, 95, 99, 100)}
        rows = [
            ("seconds heard", (self.position - self.start) / RATE, "s"),
            ("beats, by the classical detector", len(found.reference), ""),
            ("of these found by the network", found.hits, ""),
            ("alarms in all", len(found.alarms), ""),
            *((f"time of an answer, p{q}" if q < 100 else "slowest answer", p[q], "ms") for q in p),
            ("deadline: the next sample", DEADLINE, "ms"),
            ("answers that came too late", self.late, f"of {len(times):,}"),
        ]
        caption = f"The heart monitor, times measured here and multiplied by {slower:g}"
        return Table(caption, ("What", "Value", "Unit"), rows)

    def describe(self) -> str:
        """Found, false, late."""
        found = self._found()
        if not self.times:
            return "The monitor waits for its first sample: press play."
        heard = (self.position - self.start) / RATE
        slower = self.parameters.slower
        where = f"on a device {slower:.3g} times slower" if slower > 1 else "on this computer"
        return (
            f"In {heard:.0f} s the network found {found.hits} of {len(found.reference)} beats that the classical "
            f"detector sees, with {len(found.alarms) - found.hits} other alarms; {self.late:,} of "
            f"{len(self.times):,} answers came later than the {DEADLINE:.2g} ms until the next sample, {where}."
        )


def heart_monitor(**initial: Any) -> LiveExplorer:
    """A real electrocardiogram, streamed into a small network with a deadline for every sample.

    ``initial`` sets any of threshold, slower; raises ValueError or TypeError for a value or a name that
    is not one of them, and MissingPackage, with what to install, where sleepecg is missing.
    """
    return LiveExplorer(
        MonitorParameters(**initial),
        Stream(),
        title="Heart monitor",
        pace=15,
        preview=90,
        opener="heart_monitor",
    )
