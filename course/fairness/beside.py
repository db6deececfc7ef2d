"""The hand-built group metrics beside Fairlearn's, on the same arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Any

from course.fairness.inputs import InputError
from course.fairness.metrics import audit


@dataclass(frozen=True)
class Beside:
    """Name, ours, Fairlearn's; and the largest difference."""

    rows: tuple[tuple[str, float, float], ...]

    @property
    def difference(self) -> float:
        """The largest difference of all rows."""
        return max(abs(mine - theirs) for _, mine, theirs in self.rows)

    def __str__(self) -> str:
        lines = [f"{'':34}{'by hand':>16}{'Fairlearn':>16}"]
        lines += [f"{name:34}{a:>16.12f}{b:>16.12f}" for name, a, b in self.rows]
        return "\n".join([*lines, f"largest difference {self.difference:.1e}"])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        cells = "".join(
            f'<tr><th scope="row">{escape(name)}</th><td>{a:.12f}</td><td>{b:.12f}</td></tr>'
            for name, a, b in self.rows
        )
        head = "".join(f'<th scope="col">{h}</th>' for h in ("", "by hand", "Fairlearn"))
        return (
            f"<table><caption>Largest difference {self.difference:.1e}</caption>"
            f"<tr>{head}</tr>{cells}</table>"
        )


def fairlearn_beside(truth: Any, decision: Any, group: Any) -> Beside:
    """Every rate of every group, and the gaps, twice.

    Raises InputError as `audit` does, and where Fairlearn is missing.
    """
    mine = audit(truth, decision, group)
    try:
        from fairlearn import metrics as theirs
    except ImportError as error:
        raise InputError(
            "Fairlearn is not installed. Everything else here works without it; to see both beside "
            "each other: pip install fairlearn"
        ) from error
    rates = ("selection_rate", "true_positive_rate", "false_positive_rate", "false_negative_rate")
    frame = theirs.MetricFrame(
        metrics={name: getattr(theirs, name) for name in rates},
        y_true=truth,
        y_pred=decision,
        sensitive_features=group,
    )
    rows = [
        (f"{rate.replace('_', ' ')}, {name}", value, float(frame.by_group.loc[name, rate]))
        for rate in rates
        for name, value in mine.rates(rate).items()
        if not math.isnan(value)
    ]
    named: dict[str, tuple[float, Any]] = {
        "demographic parity gap": (mine.demographic_parity_gap, "demographic_parity_difference"),
        "disparate impact (ratio)": (mine.disparate_impact, "demographic_parity_ratio"),
        "equalized odds gap": (mine.equalized_odds_gap, "equalized_odds_difference"),
    }
    for name, (value, theirs_name) in named.items():
        other = getattr(theirs, theirs_name)(truth, decision, sensitive_features=group)
        rows.append((name, value, float(other)))
    return Beside(tuple(rows))
