"""The checks of lesson 09: an account, a colleague's units, a method row, and why two figures differ."""

from __future__ import annotations

import math
from typing import Any

from course.checks import Exercise, as_exercise, case, slip

_SOLUTION = "../solutions/09_energy_carbon.ipynb"

# ---------------------------------------------------------------------------------- footprint


@as_exercise(
    cases=[
        case(1, 1.0, 1000.0, 1.0, 500.0).named("one kilowatt for an hour, PUE 1, 500 g/kWh"),
        case(8, 100.0, 400.0, 1.5, 250.0).named("8 chips, 100 h, 400 W, PUE 1.5, 250 g/kWh"),
        case(10_000, 355.2, 330.0, 1.1, 429.0).named("GPT-3's row: 10,000 chips, 14.8 days"),
        case(3, 24.0, 75.0, 1.2, 30.08).named("3 small chips for a day on a clean grid"),
    ],
    mistakes=[
        slip("PUE is missing: the site uses more than its chips.", " * pue", ""),
        slip(
            "The electricity is in watt-hours: a kilowatt-hour is 1,000 of them.",
            "watts / 1000",
            "watts",
        ),
        slip(
            "The carbon is in grams: the grid's figure is grams a kilowatt-hour, asked for are kilograms.",
            "g_per_kwh / 1000",
            "g_per_kwh",
        ),
        slip(
            "PUE is in the carbon twice: the electricity contains it already.",
            "kwh * g_per_kwh",
            "kwh * pue * g_per_kwh",
        ),
        slip(
            "This divides by PUE; it is the site's energy over the chips', so multiply.",
            "* pue",
            "/ pue",
        ),
        slip("The number of chips is missing.", "chips * hours", "hours"),
        slip(
            "The two results are exchanged: first kilowatt-hours, then kilograms.",
            "return kwh, kwh * g_per_kwh / 1000",
            "return kwh * g_per_kwh / 1000, kwh",
        ),
    ],
    hints=[
        "Power times time is energy: chips x hours x watts is watt-hours. Divide by 1,000 for kilowatt-hours.",
        "PUE multiplies the chips' energy once; the grid then turns kilowatt-hours into grams.",
        "`kwh = chips * hours * watts / 1000 * pue`, then `kwh * g_per_kwh / 1000` kilograms.",
    ],
    points=2,
    solution=_SOLUTION,
)
def footprint(chips: Any, hours: Any, watts: Any, pue: Any, g_per_kwh: Any) -> Any:
    kwh = chips * hours * watts / 1000 * pue
    return kwh, kwh * g_per_kwh / 1000


# ---------------------------------------------------------------------------------- monthly_report


def report_with_bugs(jobs: Any, pue: Any, g_per_kwh: Any) -> Any:
    """The lesson's faulty version: PUE twice, watts as kilowatts, grams as tonnes."""
    kwh = 0.0
    for job in jobs:
        kwh += job["chips"] * job["hours"] * job["watts"] * pue
    tonnes = kwh * pue * g_per_kwh / 1000
    return {"kwh": kwh, "tonnes": tonnes}


def _job(chips: int, hours: float, watts: float) -> dict[str, float]:
    return {"chips": chips, "hours": hours, "watts": watts}


@as_exercise(
    cases=[
        case([_job(8, 100.0, 400.0)], 1.5, 250.0).named("one job: 8 chips, 100 h, 400 W"),
        case([_job(8, 100.0, 400.0), _job(2, 10.0, 300.0)], 1.2, 400.0).named("two jobs"),
        case([_job(64, 720.0, 700.0)], 1.0, 56.0).named("a month on 64 chips, PUE 1"),
        case([], 1.2, 400.0).named("no job at all"),
    ],
    mistakes=[
        (
            report_with_bugs,
            "All three are still there. Work the first case by hand: 8 x 100 x 400 watt-hours are how many kilowatt-hours?",
        ),
        slip(
            "Two are repaired; PUE is still applied twice, in the energy and again in the carbon.",
            "kwh * g_per_kwh",
            "kwh * pue * g_per_kwh",
        ),
        slip(
            "Two are repaired; the energy is still in watt-hours, but called kilowatt-hours.",
            'job["watts"] / 1000',
            'job["watts"]',
        ),
        slip(
            "Two are repaired; a tonne has a million grams, and this divides by a thousand.",
            "g_per_kwh / 1e6",
            "g_per_kwh / 1e3",
        ),
        slip(
            "The tonnes are right, but the energy lacks PUE: the site's bill contains it.",
            '/ 1000 * pue\n    return {"kwh": kwh, "tonnes": kwh * g_per_kwh / 1e6}',
            '/ 1000\n    return {"kwh": kwh, "tonnes": kwh * pue * g_per_kwh / 1e6}',
        ),
    ],
    hints=[
        "Write the unit behind every line: chips, hours and watts multiply to *watt-hours*.",
        "Grams over 1,000 are kilograms; tonnes are a further 1,000 away.",
        "PUE turns the chips' energy into the site's. Everything after that is the site's already.",
    ],
    points=2,
    solution=_SOLUTION,
)
def monthly_report(jobs: Any, pue: Any, g_per_kwh: Any) -> Any:
    kwh = 0.0
    for job in jobs:
        kwh += job["chips"] * job["hours"] * job["watts"] / 1000 * pue
    return {"kwh": kwh, "tonnes": kwh * g_per_kwh / 1e6}


# ---------------------------------------------------------------------------------- method_row


@as_exercise(
    cases=[
        case(5400.0, 120.0, 6.0, 400.0).named("a counter says 5,400 J"),
        case(None, 120.0, 6.0, 400.0).named("no counter; 120 s of processor time at 6 W"),
        case(0.0, 30.0, 6.0, 56.0).named("a counter that says 0 J is measured, too"),
        case(None, 7200.0, 15.0, 661.9).named("no counter; two hours at 15 W"),
    ],
    mistakes=[
        slip(
            "A counter that reads 0 J has measured 0 J. Ask for `is None`, not for false.",
            "if joules is None",
            "if not joules",
        ),
        slip(
            "Figures from assumed watts are called measured here: only what a counter gave is measured.",
            '"modelled"',
            '"measured"',
        ),
        slip("A kilowatt-hour is 3.6 million joules: 1,000 W for 3,600 s.", "3.6e6", "3600"),
        slip(
            "The processor seconds are left out where there is no counter: watts times *seconds* are joules.",
            "cpu_seconds * watts",
            "watts",
        ),
        slip(
            "The grams are a thousandfold too small: the grid's figure is grams already.",
            "kwh * g_per_kwh",
            "kwh * g_per_kwh / 1000",
        ),
        slip(
            "The counter's joules are ignored: where there is a measurement, it goes before the model.",
            "if joules is None",
            "if True",
        ),
    ],
    hints=[
        "Two cases: `joules is None` means that nothing was measured; then joules are processor seconds times watts.",
        'The method is `"modelled"` in that case, otherwise `"measured"`.',
        "`kwh = joules / 3.6e6`, and grams are `kwh * g_per_kwh`.",
    ],
    points=2,
    solution=_SOLUTION,
)
def method_row(joules: Any, cpu_seconds: Any, watts: Any, g_per_kwh: Any) -> Any:
    method = "measured"
    if joules is None:
        joules, method = cpu_seconds * watts, "modelled"
    kwh = joules / 3.6e6
    return {"kwh": kwh, "grams": kwh * g_per_kwh, "method": method}


# ---------------------------------------------------------------------------------- why_they_differ


def _inputs(chip_hours: float, watts: float, pue: float, g_per_kwh: float) -> dict[str, float]:
    return {"chip_hours": chip_hours, "watts": watts, "pue": pue, "g_per_kwh": g_per_kwh}


_FIRST, _SECOND = _inputs(1000.0, 400.0, 1.5, 600.0), _inputs(200.0, 500.0, 1.2, 300.0)


@as_exercise(
    cases=[
        case(_FIRST, _SECOND).named("two accounts that differ in everything"),
        case(_FIRST, {**_FIRST, "pue": 1.0}).named("two that differ only in PUE"),
        case(_inputs(50.0, 300.0, 1.1, 56.0), _SECOND).named("the second is the larger one"),
        case(_SECOND, {**_SECOND, "g_per_kwh": 30.0}).named("the same run on two grids"),
    ],
    mistakes=[
        slip(
            "These are differences: W and g cannot be compared. Ratios can, and they multiply to the whole.",
            "one[name] / other[name]",
            "one[name] - other[name]",
        ),
        slip(
            "The ratios are upside down: the first account over the second.",
            "one[name] / other[name]",
            "other[name] / one[name]",
        ),
        slip(
            'The "total" is the sum of the ratios; an account is a product, so multiply them.',
            "total *= ratios[name]",
            "total += ratios[name]",
        ),
        slip(
            'The input that is named is the last one; "largest" is the one furthest from 1, up or down.',
            "max(ratios, key=lambda name: abs(math.log(ratios[name])))",
            "list(ratios)[-1]",
        ),
        slip(
            "A ratio of 1/10 matters as much as one of 10: compare the larger of `ratio` and `1 / ratio`.",
            "key=lambda name: abs(math.log(ratios[name]))",
            "key=lambda name: ratios[name]",
        ),
    ],
    hints=[
        "`one[name] / other[name]` for each of the four names; CO2 is their product, so the ratios multiply too.",
        "Start with `total = 1.0` and multiply.",
        "Furthest from 1: the largest `max(ratio, 1 / ratio)`, so that 10 and 1/10 count the same.",
    ],
    points=2,
    solution=_SOLUTION,
)
def why_they_differ(one: Any, other: Any) -> Any:
    ratios, total = {}, 1.0
    for name in ("chip_hours", "watts", "pue", "g_per_kwh"):
        ratios[name] = one[name] / other[name]
        total *= ratios[name]
    largest = max(ratios, key=lambda name: abs(math.log(ratios[name])))
    return {**ratios, "total": total, "largest": largest}


ALL: tuple[Exercise, ...] = (footprint, monthly_report, method_row, why_they_differ)
