"""Amounts as the explorers say them: three digits, and the unit that suits."""

from __future__ import annotations


def amount(value: float) -> str:
    """Three significant digits, with commas and no exponent where it can be read without."""
    if value == 0:
        return "0"
    if not 1e-3 <= abs(value) < 1e12:
        return f"{value:.3g}"
    digits = len(f"{abs(value):.0f}") if abs(value) >= 1 else 0
    if digits >= 3:
        return f"{round(value, 3 - digits):,.0f}"
    return f"{value:.3g}"


def energy(kwh: float) -> str:
    """Kilowatt-hours as J, Wh, kWh, MWh or GWh."""
    for least, unit, size in (
        (1e6, "GWh", 1e6),
        (1e3, "MWh", 1e3),
        (1, "kWh", 1),
        (1e-3, "Wh", 1e-3),
    ):
        if abs(kwh) >= least:
            return f"{amount(kwh / size)} {unit}"
    return f"{amount(kwh * 3.6e6)} J"


def mass(kg: float) -> str:
    """Kilograms as mg, g, kg or t."""
    for least, unit, size in ((1e3, "t", 1e3), (1, "kg", 1), (1e-3, "g", 1e-3)):
        if abs(kg) >= least:
            return f"{amount(kg / size)} {unit}"
    return f"{amount(kg * 1e6)} mg"


def days(count: float) -> str:
    """A number of days as days or, when long, as years."""
    if count >= 730:
        return f"{amount(count / 365.25)} years"
    return f"{amount(count)} day{'' if amount(count) == '1' else 's'}"


def tokens(count: float) -> str:
    """A number of tokens in millions, billions or trillions."""
    for least, unit in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if count >= least:
            return f"{amount(count / least)} {unit} tokens"
    return f"{amount(count)} tokens"
