"""Explorer: the round trip to a server against computing on the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from course.edge.devices import CAR_KMH, metres
from course.edge.round_trip import DRAWS, LINKS, TIME_LIMIT, Trips, simulate_trips
from course.widgets import Explorer, Table, choice, slider, style

SERVER = 5.0  # ms, assumed


@dataclass(frozen=True)
class CloudParameters:
    """What the reader sets."""

    link: str = choice("mobile", {k: link.name for k, link in LINKS.items()}, label="Connection")
    device: float = slider(
        30.0, 1.0, 500.0, label="Device computes for", unit="ms, median", log=True
    )
    deadline: float = slider(100.0, 5.0, 1000.0, label="Deadline", unit="ms", log=True)


@dataclass(frozen=True)
class Both:
    """The simulated times, and a deadline in ms."""

    trips: Trips
    deadline: float


def simulate(p: CloudParameters) -> Both:
    """Draw the round trips."""
    return Both(simulate_trips(LINKS[p.link], SERVER, p.device), p.deadline)


def figure(b: Both, fig: Figure) -> None:
    """Both distributions over the time, and the share that is later than each time."""
    left, right = fig.subplots(1, 2)
    fig.subplots_adjust(left=0.075, right=0.985, top=0.88, bottom=0.15, wspace=0.32)
    bins = np.geomspace(0.5, 3000, 90)
    looks = (("cloud", b.trips.cloud_times, "C0", "-"), ("device", b.trips.edge_times, "C1", "--"))
    for name, times, color, dash in looks:
        counts = np.histogram(times, bins)[0] / len(times)
        left.stairs(100 * counts, bins, color=color, linestyle=dash, linewidth=1.6, label=name)
        late = 100 * (1 - np.arange(1, len(times) + 1) / len(times))
        right.plot(np.sort(times)[::20], late[::20], dash, color=color, linewidth=1.6, label=name)
    left.set(xlabel="time of an answer (ms)", ylabel="answers (%)", xscale="log", xlim=(0.5, 3000))
    right.set(
        xlabel="time (ms)", ylabel="answers later than this (%)", xscale="log", xlim=(0.5, 3000)
    )
    right.set(yscale="log", ylim=(0.05, 120))
    right.set_yticks([0.1, 1, 5, 50], ["0.1", "1 (p99)", "5 (p95)", "50 (p50)"])
    right.minorticks_off()
    for axes in (left, right):
        axes.axvline(b.deadline, color=style.ink(), linestyle=":", linewidth=1.2)
        axes.grid(True, linewidth=0.6)
        axes.legend(fontsize=8, frameon=False)
    left.set_title(f"{DRAWS:,} simulated answers; dotted: the deadline")
    right.set_title("The tail is what misses deadlines")


def table(b: Both) -> Table:
    """Percentiles and late answers."""
    found, late = b.trips.percentiles(), b.trips.share_late(b.deadline)
    rows = [
        (name, *found[name], f"{share:.2%}")
        for name, share in zip(("cloud", "device"), late, strict=True)
    ]
    link = b.trips.link
    caption = (
        f"Simulated from assumptions: {link.name}, round trip {link.median:g} ms (median), tail {link.tail:g}, "
        f"{link.lost:.1%} lost and sent again after {TIME_LIMIT:g} ms; server {b.trips.server:g} ms; device "
        f"{b.trips.device:.3g} ms"
    )
    return Table(
        caption,
        ("Where", "p50 (ms)", "p95 (ms)", "p99 (ms)", f"Later than {b.deadline:.3g} ms"),
        rows,
    )


def describe(b: Both) -> str:
    """Who is late how often, and what that is in metres."""
    found, late = b.trips.percentiles(), b.trips.share_late(b.deadline)
    faster = "cloud" if found["cloud"][0] < found["device"][0] else "device"
    return (
        f"At the median the {faster} is faster ({found['cloud'][0]:.3g} ms from the cloud, "
        f"{found['device'][0]:.3g} ms on the device); one answer in a hundred takes longer than "
        f"{found['cloud'][2]:.3g} ms from the cloud and {found['device'][2]:.3g} ms on the device. Later than "
        f"{b.deadline:.3g} ms are {late[0]:.2%} and {late[1]:.2%}; in {found['cloud'][2]:.3g} ms a car at "
        f"{CAR_KMH:g} km/h moves {metres(found['cloud'][2]):.2g} m."
    )


def cloud_or_edge(**initial: Any) -> Explorer:
    """Round trips over three kinds of connection against computing here.

    ``initial`` sets any of link, device, deadline; raises ValueError or TypeError for a value or a name
    that is not one of them.
    """
    return Explorer(
        CloudParameters(**initial),
        title="Cloud or edge?",
        simulate=simulate,
        figure=figure,
        table=table,
        describe=describe,
        opener="cloud_or_edge",
    )
