"""The parameters of an explorer: a dataclass whose fields know their range, unit and label.

@dataclass(frozen=True)
class Descent:
    rate: float = slider(0.1, 1e-3, 1.0, label="Learning rate", log=True)
    steps: int = slider(50, 1, 200, label="Steps", unit="updates")
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Kind = Literal["slider", "choice", "choices", "switch", "text"]


@dataclass(frozen=True)
class Control:
    """What one parameter may be, and how it is called on the screen."""

    kind: Kind
    label: str
    default: Any
    unit: str = ""
    stops: tuple[float, ...] = ()
    whole: bool = False
    options: tuple[tuple[str, str], ...] = ()  # (value, what the reader sees)
    hidden: bool = False  # set by the picture's handles and spots, not by a control
    lengths: tuple[int, int] = (0, 0)  # of a text: fewest and most characters
    lines: int = 1  # of the field that a text is typed into

    @property
    def full_label(self) -> str:
        """The label with its unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def accept(self, value: Any) -> Any:
        """Return ``value`` (or text that a reader typed) as this parameter's type.

        Raises ValueError, in a sentence for the reader, when it does not fit.
        """
        if self.kind == "slider":
            return self._number(value)
        if self.kind == "text":
            return self._written(value)
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise ValueError(f"{self.label} is on or off (True or False), not {value!r}.")
            return value
        known = [key for key, _ in self.options]
        if self.kind == "choice":
            if not isinstance(value, str) or value not in known:
                raise ValueError(f"{self.label} is one of {', '.join(known)}, not {value!r}.")
            return value
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise ValueError(f"{self.label} is a list of names, not {value!r}.")
        unknown = [v for v in value if not isinstance(v, str) or v not in known]
        if unknown:
            raise ValueError(f"{self.label} are some of {', '.join(known)}; not {unknown[0]!r}.")
        if not value:
            raise ValueError(f"{self.label}: choose at least one.")
        return tuple(key for key in known if key in value)

    def _written(self, value: Any) -> str:
        fewest, most = self.lengths
        if not isinstance(value, str):
            raise ValueError(f"{self.label} is a text, not {_quoted(value)}.")
        if len(value) < fewest:
            raise ValueError(
                f"{self.label}: type at least {fewest} character{'s' if fewest > 1 else ''}."
            )
        if len(value) > most:
            raise ValueError(
                f"{self.label} has room for {most:,} characters, not {len(value):,}: shorten it."
            )
        return value

    def _number(self, value: Any) -> float | int:
        least, greatest = self.stops[0], self.stops[-1]
        kind = "a whole number" if self.whole else "a number"
        between = f"between {self.text(least)} and {self.text(greatest)}"
        wrong = f"{self.label} must be {kind} {between}; {_quoted(value)} is not."
        if isinstance(value, bool):
            raise ValueError(wrong)
        try:
            text = value.strip().replace("\u2212", "-") if isinstance(value, str) else value
            if isinstance(text, str) and text.count(",") == 1 and "." not in text:
                text = text.replace(",", ".")  # a decimal comma
            number = float(text)
        except (TypeError, ValueError, OverflowError):
            raise ValueError(wrong) from None
        # Typed text may be a rounded end of the range.
        slack = 1e-9 * max(abs(least), abs(greatest))
        if not math.isfinite(number) or not least - slack <= number <= greatest + slack:
            raise ValueError(wrong)
        if self.whole:
            if number != int(number):
                raise ValueError(wrong)
            return int(number)
        return min(max(number, least), greatest)

    def at(self, position: int) -> Any:
        """The value at a slider's stop ``position`` (clipped to the stops there are)."""
        stop = self.stops[min(max(int(position), 0), len(self.stops) - 1)]
        return int(stop) if self.whole else stop

    def nearest(self, value: Any) -> Any:
        """``value`` moved into a slider's range (for one dragged past its end); else accept it."""
        if self.kind != "slider" or isinstance(value, str | bool):
            return self.accept(value)
        if not math.isfinite(value):
            raise ValueError(f"{self.label} cannot be {value}.")
        inside = min(max(float(value), self.stops[0]), self.stops[-1])
        return self.accept(round(inside) if self.whole else inside)

    def position(self, value: float) -> int:
        """The stop nearest to ``value``."""
        return int(np.argmin(np.abs(np.asarray(self.stops) - value)))

    def text(self, value: Any) -> str:
        """``value`` as the reader sees it."""
        if self.kind == "slider":
            return f"{int(value)}" if self.whole else f"{value:.6g}"
        if self.kind == "switch":
            return "on" if value else "off"
        if self.kind == "text":
            return str(value)
        names = dict(self.options)
        return names[value] if self.kind == "choice" else ", ".join(names[v] for v in value)

    def extremes(self) -> list[Any]:
        """The least, default and greatest value: what a test sweeps through."""
        if self.kind == "slider":
            return [self.at(0), self.default, self.at(len(self.stops) - 1)]
        if self.kind == "switch":
            return [False, True]
        if self.kind == "text":
            fewest, most = self.lengths
            return ["é" * fewest, self.default, ("aé😀 \n\t" * most)[:most]]
        keys = [key for key, _ in self.options]
        return keys if self.kind == "choice" else [(keys[0],), self.default, tuple(keys)]

    def spec(self, name: str) -> dict[str, Any]:
        """What the script needs to draw the control."""
        return {
            "name": name,
            "kind": self.kind,
            "label": self.label,
            "unit": self.unit,
            "texts": [self.text(stop) for stop in self.stops],
            "options": [list(option) for option in self.options],
            "lines": self.lines,
        }

    def state(self, value: Any) -> dict[str, Any]:
        """What the script needs to show ``value``."""
        if self.kind == "slider":
            return {"position": self.position(value), "text": self.text(value)}
        return {"value": list(value) if self.kind == "choices" else value}

    def heard(self, change: Mapping[str, Any]) -> Any:
        """The value that a message from the script asks for: a position, a text or a value.

        Raises ValueError when it does not fit.
        """
        if self.kind == "slider" and isinstance(change.get("position"), int):
            return self.at(change["position"])
        return self.accept(change.get("text", change.get("value")))


def _quoted(value: Any) -> str:
    return f"“{value[:40]}”" if isinstance(value, str) else repr(value)[:40]


def _field(control: Control) -> Any:
    control.accept(control.default)  # a wrong default is the author's error, named at import
    return dataclasses.field(default=control.default, metadata={"control": control})


def slider(
    default: float,
    least: float,
    greatest: float,
    *,
    label: str,
    unit: str = "",
    step: float | None = None,
    log: bool = False,
    hidden: bool = False,
) -> Any:
    """A number between ``least`` and ``greatest``; whole where ``default``, ends and step are ints.

    ``step`` defaults to 1 for whole numbers, else to a hundredth of the range. With ``log`` the
    stops are 20 a decade, rounded to two digits. A ``hidden`` parameter has no control of its own: a
    Handle or a Spot of the picture sets it.
    """
    if not least < greatest or (log and least <= 0):
        raise ValueError(f"{label}: {least} to {greatest} is not a range a slider can have")
    whole = all(isinstance(v, int) for v in (default, least, greatest, step or 1))
    if log:
        count = round(20 * math.log10(greatest / least)) + 1
        stops = [float(f"{v:.2g}") for v in np.geomspace(least, greatest, count)]
        stops = [least, *(s for s in stops if least < s < greatest), greatest]
    else:
        step = step or (1 if whole else (greatest - least) / 100)
        count = math.floor((greatest - least) / step + 1e-9) + 1
        stops = [float(f"{least + n * step:.10g}") for n in range(count)]
        stops += [greatest] if stops[-1] < greatest else []
    unique = tuple(dict.fromkeys(round(s) if whole else float(s) for s in stops))
    return _field(Control("slider", label, default, unit, unique, whole, hidden=hidden))


def choice(default: str, options: Mapping[str, str], *, label: str, hidden: bool = False) -> Any:
    """One of ``options`` (value: what the reader sees)."""
    return _field(Control("choice", label, default, options=tuple(options.items()), hidden=hidden))


def choices(
    default: Sequence[str], options: Mapping[str, str], *, label: str, hidden: bool = False
) -> Any:
    """One or more of ``options`` (value: what the reader sees), a tuple in the options' order."""
    listed = tuple(options.items())
    return _field(Control("choices", label, tuple(default), options=listed, hidden=hidden))


def text(
    default: str,
    *,
    label: str,
    fewest: int = 0,
    most: int = 100,
    lines: int = 1,
    hidden: bool = False,
) -> Any:
    """A text of ``fewest`` to ``most`` characters, typed into a field of ``lines`` lines."""
    lengths = (fewest, most)
    return _field(Control("text", label, default, hidden=hidden, lengths=lengths, lines=lines))


def switch(default: bool, *, label: str, hidden: bool = False) -> Any:
    """On or off."""
    return _field(Control("switch", label, default, hidden=hidden))


def controls_of(parameters: Any) -> dict[str, Control]:
    """The controls of a parameters dataclass (or an instance), by field name.

    Raises TypeError for a field that was not made by one of this module's functions.
    """
    controls: dict[str, Control] = {}
    for item in dataclasses.fields(parameters):
        control = item.metadata.get("control")
        if not isinstance(control, Control):
            raise TypeError(
                f"{item.name} is no control: declare it with slider(), choice(), choices(), "
                "switch() or text() of course.widgets"
            )
        controls[item.name] = control
    return controls


def checked(parameters: Any) -> Any:
    """The same parameters, each accepted by its control; raises ValueError if one is not."""
    controls = controls_of(parameters)
    given = {name: c.accept(getattr(parameters, name)) for name, c in controls.items()}
    return dataclasses.replace(parameters, **given)
