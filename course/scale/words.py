"""Large numbers as a reader says them."""

from __future__ import annotations

_NAMES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
_BYTES = ((1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def big(value: float) -> str:
    """A number in three digits with its word: 8.03 billion."""
    for size, name in _NAMES:
        if 0.9995 * size <= value < 1e18:
            return f"{digits(value / size)} {name}"
    return digits(value) if value < 1e3 else f"{value:.2e}"


def size(value: float) -> str:
    """Bytes in three digits with a decimal unit: 1.07 GB."""
    for unit, name in _BYTES:
        if value >= 0.9995 * unit:
            return f"{digits(value / unit)} {name}"
    return f"{digits(value)} bytes"


def digits(value: float) -> str:
    """Three significant digits, no exponent: 0.00123, 1.07, 12,300."""
    if value == 0:
        return "0"
    if abs(value) >= 99.95:
        places = max(0, len(f"{abs(value):.0f}") - 3)
        return f"{round(value, -places):,.0f}"
    if abs(value) < 1e-4:
        return f"{value:.1e}"
    text = f"{value:.3g}"
    return text if "e" not in text else f"{value:.4f}"


def span(low: float, high: float) -> str:
    """Two numbers as a range: 12 to 20; one where they agree in three digits."""
    first, last = digits(low), digits(high)
    return first if first == last else f"{first} to {last}"
