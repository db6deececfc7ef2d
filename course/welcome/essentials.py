"""A look at the installation from inside a notebook, in words for a beginner."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from importlib import metadata
from importlib.util import find_spec

OLDEST = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and what to do where it is not."""

    well: bool
    what: str
    do: str = ""


@dataclass(frozen=True)
class Report:
    """All findings, shown as a list."""

    findings: tuple[Finding, ...]

    @property
    def well(self) -> bool:
        """True when nothing needs doing."""
        return all(finding.well for finding in self.findings)

    @property
    def verdict(self) -> str:
        """The whole in one sentence."""
        missing = sum(not finding.well for finding in self.findings)
        if not missing:
            return "Everything that you need to begin is here."
        things = "One thing needs" if missing == 1 else f"{missing} things need"
        return f"{things} your attention. The rest is well."

    def __str__(self) -> str:
        lines = [self.verdict]
        for f in self.findings:
            lines.append(
                f"  {'well   ' if f.well else 'to do  '} {f.what}" + (f" {f.do}" if f.do else "")
            )
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<li><strong>{'Well' if f.well else 'To do'}:</strong> {escape(f.what)} {escape(f.do)}</li>"
            for f in self.findings
        )
        return f"<p><strong>{escape(self.verdict)}</strong></p><ul>{rows}</ul>"


def look() -> Report:
    """Look at Python, the packages, the engine, the widgets and the folder; never raises."""
    checks: tuple[Callable[[], Finding], ...] = (python, packages, engine, widgets, torch, writing)
    findings = []
    for check in checks:
        try:
            findings.append(check())
        except Exception as error:  # a broken installation may break anywhere
            said = f"Looking at {check.__name__} failed ({type(error).__name__}: {error})."
            findings.append(Finding(False, said, "Install the course again."))
    return Report(tuple(findings))


def python(version: tuple[int, ...] | None = None) -> Finding:
    """Whether Python is new enough."""
    version = version or sys.version_info[:3]
    said = f"Python {'.'.join(map(str, version))} runs this notebook."
    if version[:2] >= OLDEST:
        return Finding(True, said)
    return Finding(
        False, said, "The course needs 3.11 or newer: see the README's table of troubles."
    )


def packages(names: tuple[str, ...] = ("numpy", "matplotlib", "sklearn", "tqdm")) -> Finding:
    """Whether the libraries that compute and draw are installed."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        said = f"Not installed: {', '.join(missing)}."
        return Finding(False, said, "Install the course again; it brings them along.")
    return Finding(True, f"The libraries that compute and draw are installed ({', '.join(names)}).")


def engine() -> Finding:
    """Whether the course's engine finds a gradient that is known: d(x²)/dx at 3 is 6."""
    from course import scratch

    x = scratch.tensor(3.0, requires_grad=True)
    (x * x).backward()
    found = x.grad.item() if x.grad is not None else None
    if found == 6.0:
        return Finding(True, "The engine computes: the slope of x² at 3 is 6.")
    return Finding(
        False, f"The engine says {found} for the slope of x² at 3, not 6.", "Please report it."
    )


def widgets() -> Finding:
    """Whether the packages behind the explorers are installed."""
    missing = [name for name in ("ipywidgets", "anywidget") if find_spec(name) is None]
    if missing:
        return Finding(
            False, f"Not installed: {', '.join(missing)}.", "Without them nothing moves."
        )
    said = f"The widgets are installed (ipywidgets {metadata.version('ipywidgets')})."
    return Finding(True, said + " Whether they move, you see in the next part.")


def torch() -> Finding:
    """Whether PyTorch is installed; it is not loaded, for that takes seconds."""
    if find_spec("torch") is None:
        said = "PyTorch is not installed, so the comparisons with it will not run."
        return Finding(
            False, said, "Install it with: pip install torch. All else works without it."
        )
    return Finding(True, f"PyTorch {metadata.version('torch')} is installed, to compare with.")


def writing(folder: str = ".") -> Finding:
    """Whether a file can be written where the notebook lies."""
    try:
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        said = f"Nothing can be written in this folder ({error.strerror})."
        return Finding(
            False, said, "Your work could not be saved: open the lessons in another folder."
        )
    return Finding(True, "Your work can be saved in this folder.")
