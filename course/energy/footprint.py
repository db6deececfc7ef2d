"""From chips, hours, power, PUE, grid and manufacture to kilowatt-hours and kilograms of CO2.

One formula, used on single numbers and on arrays of draws alike. It is the account of Patterson et
al. 2021 (arXiv 2104.10350), with the two parts that Luccioni et al. 2022 (arXiv 2211.02001) add:
hardware that waits, and hardware that had to be made. Water is left out: no figure of it is among
the course's published tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

from course.facts.training_energy import bloom_figure

WATTS_A_KILOWATT = 1000.0
GRAMS_A_KILOGRAM = 1000.0


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run's account is made from.

    chips: how many. hours: of the run, by the clock. watts: mean power of one chip and its share of
    the server. pue: the site's whole energy over its computers', 1 or more. g_per_kwh: grams of CO2
    equivalent a kilowatt-hour. idle_share: energy of hardware that waits, as a share of the energy
    of the chips that compute. embodied_g: grams of CO2 equivalent for making the hardware, a chip
    and an hour of use.

    Raises ValueError, which names the field, for what no run can have.
    """

    chips: float
    hours: float
    watts: float
    pue: float = 1.0
    g_per_kwh: float
    idle_share: float = 0.0
    embodied_g: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            check(field.name, getattr(self, field.name))


_LEAST: dict[str, tuple[float, bool, str]] = {  # least value, whether it may be reached, why
    "chips": (0.0, False, "count the chips of the run"),
    "hours": (0.0, False, "give the hours from start to end"),
    "watts": (0.0, False, "give the mean power of one chip, for instance its TDP"),
    "pue": (
        1.0,
        True,
        "a site uses at least the energy of its computers; was it turned upside down?",
    ),
    "g_per_kwh": (0.0, True, "give grams of CO2 a kilowatt-hour"),
    "idle_share": (
        0.0,
        True,
        "give the energy of waiting hardware over that of computing hardware",
    ),
    "embodied_g": (0.0, True, "give grams a chip and hour"),
}


def check(name: str, value: Any) -> float:
    """``value`` as a number; raises ValueError, with what to do, where ``name`` cannot have it."""
    least, reached, advice = _LEAST[name]
    bound = f"{least:g} or more" if reached else f"above {least:g}"
    wrong = f"{name} must be a number, {bound}, not {value!r}; {advice}"
    if isinstance(value, bool | str):
        raise ValueError(wrong)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(wrong) from None
    if not math.isfinite(number) or number < least or (number == least and not reached):
        raise ValueError(wrong)
    return number


@dataclass(frozen=True)
class Account:
    """The parts of a run's energy (kWh) and carbon (kg of CO2 equivalent), which add up.

    overhead is what cooling and power supply add, PUE less 1 of the rest. Fields are arrays where
    :func:`account_of` was given arrays.
    """

    chips_kwh: Any
    idle_kwh: Any
    overhead_kwh: Any
    g_per_kwh: Any
    embodied_kg: Any

    @property
    def kwh(self) -> Any:
        """All electricity."""
        return self.chips_kwh + self.idle_kwh + self.overhead_kwh

    @property
    def operational_kg(self) -> Any:
        """What making the electricity emitted."""
        return self.kwh * self.g_per_kwh / GRAMS_A_KILOGRAM

    @property
    def kg(self) -> Any:
        """Electricity and manufacture together."""
        return self.operational_kg + self.embodied_kg

    def parts(self) -> dict[str, tuple[float, float]]:
        """Each part's kilowatt-hours and kilograms; making the hardware has no electricity here."""
        share = self.g_per_kwh / GRAMS_A_KILOGRAM
        return {
            "chips that compute": (self.chips_kwh, self.chips_kwh * share),
            "hardware that waits": (self.idle_kwh, self.idle_kwh * share),
            "cooling and power supply": (self.overhead_kwh, self.overhead_kwh * share),
            "making the hardware": (0.0, self.embodied_kg),
        }


def account_of(
    chips: Any,
    hours: Any,
    watts: Any,
    pue: Any,
    g_per_kwh: Any,
    idle_share: Any = 0.0,
    embodied_g: Any = 0.0,
) -> Account:
    """The account of these inputs, numbers or arrays of one shape, which are not checked here."""
    chips_kwh = chips * hours * watts / WATTS_A_KILOWATT
    idle_kwh = chips_kwh * idle_share
    overhead_kwh = (chips_kwh + idle_kwh) * (pue - 1)
    embodied_kg = chips * hours * embodied_g / GRAMS_A_KILOGRAM
    return Account(chips_kwh, idle_kwh, overhead_kwh, g_per_kwh, embodied_kg)


def account(run: Run) -> Account:
    """The energy and carbon of a run, part by part."""
    return account_of(
        run.chips,
        run.hours,
        run.watts,
        run.pue,
        run.g_per_kwh,
        run.idle_share,
        run.embodied_g,
    )


def bloom_embodied_g() -> float:
    """Grams of CO2 equivalent for making the hardware, a chip and hour: calculated from BLOOM's account.

    Published are its tonnes for manufacture and its GPU hours; the quotient is ours.
    """
    tonnes, hours = bloom_figure("embodied emissions"), bloom_figure("GPU time")
    return 1e6 * tonnes.value / hours.value


def bloom_idle_share() -> float:
    """Energy of waiting hardware over that of computing hardware: calculated from BLOOM's account."""
    idle, dynamic = bloom_figure("idle energy"), bloom_figure("energy of the training (dynamic)")
    return idle.value / dynamic.value


def bloom_run() -> Run:
    """BLOOM's training as its authors account for it: TDP as power, no PUE, waiting, manufacture."""
    return Run(
        chips=1,
        hours=bloom_figure("GPU time").value,
        watts=bloom_figure("assumed power per GPU (TDP)").value,
        g_per_kwh=bloom_figure("carbon intensity (France, Jean Zay)").value,
        idle_share=bloom_idle_share(),
        embodied_g=bloom_embodied_g(),
    )
