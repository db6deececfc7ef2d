"""Explorer: federated averaging, round by round, trained while one looks on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from course.adaptation.federated import CLASSES, Federation, Setup, in_one_place
from course.widgets import LiveExplorer, LiveRun, Table, slider
from course.widgets.scene import HeatMap, Line, Panel, Scene, Text

ROUNDS = 40


@dataclass(frozen=True)
class FederatedParameters:
    """What the reader sets; local_steps and noise are set by the opener alone."""

    clients: int = slider(10, 2, 30, label="Clients")
    kinds: int = slider(2, 1, CLASSES, label="Different digits a client holds")
    dropouts: int = slider(0, 0, 90, step=10, label="Clients that drop out each round", unit="%")
    local_steps: int = slider(5, 1, 20, label="Steps of each client a round", hidden=True)
    noise: float = slider(0.0, 0.0, 4.0, step=0.25, label="Noise on the sum", hidden=True)


class FederatedRun(LiveRun):
    """One federation; a step is a round."""

    def reset(self, parameters: FederatedParameters) -> None:
        """A new federation."""
        p = parameters
        self.setup = Setup(p.clients, p.kinds, p.dropouts, p.local_steps, p.noise)
        self.federation = Federation(self.setup)

    @property
    def done(self) -> bool:
        """True after ROUNDS rounds."""
        return self.federation.rounds >= ROUNDS

    def step(self) -> None:
        """One round."""
        self.federation.round()

    def scene(self) -> Scene:
        """The accuracies over the rounds; who holds which digits."""
        return Scene(self._curves(), self._holdings(), height=380)

    def _curves(self) -> Panel:
        f = self.federation
        central = in_one_place(ROUNDS, self.setup.local_steps)
        rounds = np.arange(f.rounds + 1)

        def line(values: Any, **look: Any) -> Line:
            return Line(np.column_stack([rounds, 100 * np.array(values)]), **look)

        marks: list[Any] = [
            Line([(0, 100 * central), (ROUNDS, 100 * central)], "ink", 1.5, "dotted",
                 label=f"all data in one place, after {ROUNDS} rounds' steps"),
            line(f.accuracies, color="C0", width=2.4, label="the server's model"),
            line(f.alone, color="C1", dash="dashed", label="client 1 alone"),
        ]  # fmt: skip
        return Panel(
            (0, ROUNDS),
            (0, 120),
            marks,
            title="Held-out digits read rightly",
            xlabel="round",
            ylabel="accuracy (%)",
            grid=True,
            place=(0.0, 0.0, 520.0, 380.0),
        )

    def _holdings(self) -> Panel:
        held = self.federation.held
        most = max(int(held.max()), 1)
        clients = self.setup.clients
        under = clients + 0.5 + 0.09 * clients  # below the last client
        marks: list[Any] = [HeatMap(held, 0, most, extent=(-0.5, 9.5, 0.5, clients + 0.5))]
        marks += [Text(digit, under, str(digit), align="center") for digit in range(CLASSES)]
        step = max(1, round(clients / 10))
        marks += [
            Text(-0.7, client + 0.02 * clients, str(client), align="right")
            for client in range(1, clients + 1, step)
        ]
        marks.append(Text(-0.5, under + 0.08 * clients, f"digit; yellow: {most} images", "quiet"))
        return Panel(
            (-1.8, 9.6),
            (under + 0.12 * clients, 0.3),
            marks,
            title="Images of each digit, client by client",
            axes=False,
            place=(530.0, 8.0, 310.0, 372.0),
        )

    def table(self) -> Table:
        """Some rounds as they went."""
        f = self.federation
        shown = sorted({0, *range(0, f.rounds + 1, 5), f.rounds})
        rows = [
            (n, f.answered[n] if n else "-", f"{f.accuracies[n]:.1%}", f"{f.alone[n]:.1%}")
            for n in shown
        ]
        columns = ("Round", "Clients that answered", "Server's model", "Client 1 alone")
        sizes = f.held.sum(axis=1)
        caption = (
            f"{self.setup.clients} clients with {sizes.min()} to {sizes.max()} images each, of "
            f"{self.setup.kinds} digits"
        )
        return Table(caption, columns, rows)

    def describe(self) -> str:
        """How far the server's model is, what one client reaches alone, and what all data would give."""
        f, s = self.federation, self.setup
        noise = (
            f", with noise of {s.noise:g} times the clipping length on the sum" if s.noise else ""
        )
        said = (
            f"{s.clients} clients hold {s.kinds} different digit{'' if s.kinds == 1 else 's'} each"
            f"{noise}; {s.dropouts} % drop out in each round. "
        )
        missing = int((f.held.sum(axis=0) == 0).sum())
        if missing:
            said += f"Nobody holds {missing} of the ten digits. "
        if not f.rounds:
            return said + "Not trained yet: press Play, or Step for a round."
        return said + (
            f"After {f.rounds} round{'' if f.rounds == 1 else 's'} the server's model reads "
            f"{f.accuracies[-1]:.1%} of the held-out digits, client 1 alone {f.alone[-1]:.1%}; all "
            f"data in one place give {in_one_place(ROUNDS, s.local_steps):.1%} after {ROUNDS} rounds' steps."
        )


def federated(**initial: Any) -> LiveExplorer:
    """Clients that train a common model without showing each other their data, live.

    ``initial`` sets any of clients, kinds, dropouts, local_steps, noise; raises ValueError or
    TypeError for a value or a name that is not one of them.
    """
    return LiveExplorer(
        FederatedParameters(**initial),
        FederatedRun(),
        title="Federated averaging",
        pace=4,
        preview=20,
        opener="federated",
    )
