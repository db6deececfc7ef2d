"""Published energy accounts, recomputed row by row from the inputs that each of them prints."""

from __future__ import annotations

from dataclasses import dataclass

from course.energy.footprint import Run, account, bloom_run
from course.energy.serving import training_energy
from course.facts import training_energy as facts

KG_A_POUND = 0.45359237  # by definition
HOURS_A_DAY = 24.0


@dataclass(frozen=True)
class Checked:
    """A printed figure beside the one that its own row's inputs give."""

    table: str
    row: str
    quantity: str
    unit: str
    printed: float
    recomputed: float
    verified: bool
    cite: str

    @property
    def distance(self) -> float:
        """The recomputed figure's relative distance from the printed one."""
        return self.recomputed / self.printed - 1

    def __str__(self) -> str:
        doubt = "" if self.verified else "  (not verified)"
        return (
            f"{self.table:22} {self.row:28} {self.quantity:20} {self.printed:>12,.6g} "
            f"{self.recomputed:>12,.6g} {self.unit:4} {100 * self.distance:+6.1f} %{doubt}"
        )


def patterson_as_run(row: facts.PattersonRun) -> Run:
    """The inputs of a row of Patterson's Table 4."""
    return Run(
        chips=row.chips,
        hours=row.days * HOURS_A_DAY,
        watts=row.measured_w,
        pue=row.pue,
        g_per_kwh=1000 * row.gross_kg_per_kwh,
    )


def patterson() -> list[Checked]:
    """Patterson's Table 4: energy by days and by operations, carbon before and after purchases."""
    found = []
    for row in facts.patterson():
        mine = account(patterson_as_run(row))
        by_work = training_energy(row.flops, 1e12 * row.measured_tflops, row.measured_w, row.pue)
        for quantity, unit, printed, recomputed in (
            ("energy", "MWh", row.mwh, mine.kwh / 1000),
            ("energy, by FLOPs", "MWh", row.mwh, by_work / 1000),
            ("gross CO2e", "t", row.gross_tco2e, mine.kg / 1000),
            ("net CO2e", "t", row.net_tco2e, mine.kwh * row.net_kg_per_kwh / 1000),
        ):
            found.append(
                Checked(
                    "Patterson 2021",
                    row.model,
                    quantity,
                    unit,
                    printed,
                    recomputed,
                    row.verified,
                    row.cite,
                )
            )
    return found


def strubell_g_per_kwh() -> float:
    """The grid that Strubell's largest row implies, grams a kWh; the same must give all other rows."""
    row = max(facts.strubell(), key=lambda row: row.co2_lbs)
    kwh = row.power_w * row.hours * row.pue / 1000
    return 1000 * row.co2_lbs * KG_A_POUND / kwh


def strubell_as_run(row: facts.StrubellRun) -> Run:
    """The inputs of a row of Strubell's Table 3; its hardware counts as one chip."""
    return Run(
        chips=1, hours=row.hours, watts=row.power_w, pue=row.pue, g_per_kwh=strubell_g_per_kwh()
    )


def strubell() -> list[Checked]:
    """Strubell's Table 3, every row with the grid that its last one implies."""
    return [
        Checked(
            "Strubell 2019",
            row.model,
            "CO2e",
            "lb",
            row.co2_lbs,
            account(strubell_as_run(row)).kg / KG_A_POUND,
            row.verified,
            row.cite,
        )
        for row in facts.strubell()
    ]


def bloom() -> list[Checked]:
    """The parts of BLOOM's account, and their sum."""
    run = bloom_run()
    mine = account(run)
    grams = run.g_per_kwh / 1e6
    parts = (
        ("energy of the training (dynamic)", mine.chips_kwh),
        ("dynamic emissions", mine.chips_kwh * grams),
        ("idle emissions", mine.idle_kwh * grams),
        ("total emissions", mine.kg / 1000),
    )
    found = []
    for quantity, recomputed in parts:
        row = facts.bloom_figure(quantity)
        unit = "t" if row.unit.startswith("t") else row.unit
        found.append(
            Checked(
                "BLOOM 2022",
                "BLOOM",
                quantity[:20],
                unit,
                row.value,
                recomputed,
                row.verified,
                row.cite,
            )
        )
    return found


def bloom_comparison() -> list[Checked]:
    """BLOOM's comparison: printed energy times printed intensity, without and with PUE."""
    found = []
    for row in facts.bloom_comparison():
        plain = row.mwh * row.g_per_kwh / 1000
        for quantity, printed, recomputed in (
            ("CO2e", row.tco2, plain),
            ("CO2e with PUE", row.tco2_with_pue, plain * row.pue),
        ):
            found.append(
                Checked(
                    "BLOOM's comparison",
                    row.model,
                    quantity,
                    "t",
                    printed,
                    recomputed,
                    row.verified,
                    row.cite,
                )
            )
    return found


def model_cards() -> list[Checked]:
    """Model cards: energy where PUE is given, carbon where the grid is."""
    found = []
    for row in facts.model_cards():
        kwh = None
        if row.gpu_hours and row.w_per_gpu and row.pue:
            kwh = row.gpu_hours * row.w_per_gpu / 1000 * row.pue
        pairs = []
        if kwh and row.mwh:
            pairs.append(("energy", "MWh", row.mwh, kwh / 1000))
        if row.mwh and row.kg_per_kwh and row.tco2e:
            pairs.append(("CO2e", "t", row.tco2e, row.mwh * row.kg_per_kwh))
        found += [
            Checked("model cards", row.model, *pair, row.verified, row.cite) for pair in pairs
        ]
    return found


def every() -> list[Checked]:
    """All of them, table by table."""
    return [*patterson(), *strubell(), *bloom(), *bloom_comparison(), *model_cards()]


def implied_g_per_kwh(card: facts.ModelCard) -> float | None:
    """The grid that a card's tonnes imply at its hours and watts without PUE; None where it is silent."""
    if not (card.gpu_hours and card.w_per_gpu and card.tco2e):
        return None
    return 1e6 * card.tco2e / (card.gpu_hours * card.w_per_gpu / 1000)


def nas_accounts() -> tuple[dict[str, float], dict[str, float]]:
    """The same search for an architecture by Strubell et al. 2019 and by Patterson et al. 2021.

    Each as chip_hours, watts (a chip with its share of the server), pue, g_per_kwh.
    """
    first = facts.strubell_run("Transformer big + NAS")
    chips = int(first.hardware.split("x")[1])
    theirs = {
        "chip_hours": chips * first.hours,
        "watts": first.power_w / chips,
        "pue": first.pue,
        "g_per_kwh": strubell_g_per_kwh(),
    }
    run = patterson_as_run(facts.patterson_run("Evolved Transformer NAS"))
    mine = {
        "chip_hours": run.chips * run.hours,
        "watts": run.watts,
        "pue": run.pue,
        "g_per_kwh": run.g_per_kwh,
    }
    return theirs, mine


def ratios(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    """Each input of one account over the other's; their product is the ratio of the two results."""
    return {name: one[name] / other[name] for name in one}
