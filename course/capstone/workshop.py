"""The learner's workshop: train as often as you like, then open the held-out rows and hand over.

Every run goes into the audit log of the workshop's folder, the failed ones too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from course.capstone import data
from course.capstone.briefs import Brief, brief
from course.capstone.budget import Standing, standing
from course.capstone.choices import ChoiceError, Choices, choices_of
from course.capstone.handover import DECISIONS, LOG, Handover, HandoverError, risks_of, write
from course.capstone.measuring import Figure, figures
from course.capstone.training import Model, Training
from course.trust.audit import AuditLog, data_hash
from course.trust.cards import build_card

FOLDER = "my-capstone"
_CODE = (
    "data.py",
    "training.py",
    "measuring.py",
    "budget.py",
    "report.py",
    "document.py",
    "charts.py",
)


@dataclass(frozen=True, repr=False)
class Run:
    """One training run: its choices, its model, and where it stands on the rows to tune with."""

    name: str
    choices: Choices
    model: Model
    losses: tuple[float, ...]
    reading: Any
    standing: Standing = field(repr=False)

    def __str__(self) -> str:
        return f"{self.name}: {self.standing}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<p><strong>{self.name}</strong></p>{self.standing._repr_html_()}"


def run_of(choices: Any, name: str = "a run") -> Run:
    """Train with these choices (Choices or a dict) and measure on the rows to tune with; logs nothing.

    Raises ChoiceError and BriefError for choices that cannot be, and what `data.load` raises.
    """
    chosen = choices_of(choices)
    case = data.load(chosen.brief)
    done = Training(case, chosen).run()
    model = done.model()
    measured, _ = figures(case, model, chosen.features, chosen.threshold, case.tune, done.reading)
    where = standing(brief(chosen.brief), measured, "tuning")
    return Run(name, chosen, model, tuple(done.losses), done.reading, where)


class Workshop:
    """A brief, a folder, and the audit log in it.

    folder: by default my-capstone/ and the brief's name, in the working directory; an audit log that
    lies there is gone on with. Raises BriefError for an unknown brief, DamagedLog for a log that was
    changed, and what `data.load` raises.
    """

    def __init__(self, name: str, folder: str | Path | None = None) -> None:
        self.brief: Brief = brief(name)
        self.case = data.load(name)
        self.folder = Path(folder) if folder is not None else Path(FOLDER) / self.brief.key
        self.log = AuditLog(self.folder / LOG)
        self.runs: list[Run] = []

    def __repr__(self) -> str:
        return (
            f"<Workshop {self.brief.key} in {self.folder}: {len(self.log)} runs in the audit log>"
        )

    def train(self, choices: Any) -> Run:
        """Train with these choices, log the run, and say where it stands on the rows to tune with.

        choices: Choices, or a dict of them; the brief may be left out.
        Raises ChoiceError for choices that cannot be, or that are of another brief.
        """
        given = {"brief": self.brief.key, **choices} if isinstance(choices, Mapping) else choices
        chosen = choices_of(given)
        if chosen.brief != self.brief.key:
            raise ChoiceError(
                f"these choices are for {chosen.brief!r}, and this workshop is for {self.brief.key!r}"
            )
        run = run_of(chosen, f"{self.brief.key}, run {len(self.log) + 1}")
        self._note(run.name, chosen, {ln.criterion.key: ln.figure for ln in run.standing.lines})
        self.runs.append(run)
        return run

    def _note(
        self, name: str, choices: Choices, measured: Mapping[str, Figure], extra: str = ""
    ) -> None:
        note = json.dumps(choices.as_dict(), sort_keys=True) + extra
        self.log.append(
            name,
            data_hash=fingerprint(self.brief.key),
            code=code_version(),
            seed=choices.seed,
            metrics={key: f.value for key, f in measured.items()},
            note=note,
        )

    def hand_over(
        self,
        run: Run,
        *,
        card: Mapping[str, Any],
        risks: Iterable[Any],
        decision: str,
        reason: str,
        today: date | None = None,
    ) -> Handover:
        """Open the held-out rows, log that, and write model, papers and report into the folder.

        card: the words of the model card by section; its metrics are filled in from what is measured.
        risks: `course.trust.register.Risk`s, or dicts of their fields. decision: launch, conditions or
        stop. reason: of the decision. An unfinished card is written as a draft that says so: the review
        will find it. today: the report's date.
        Raises HandoverError for an unknown decision, TypeError for a section that no card has,
        ValueError for a risk that is not one, OSError where the folder cannot be written.
        """
        if decision not in DECISIONS:
            raise HandoverError(f"decision is one of {', '.join(DECISIONS)}, not {decision!r}")
        build_card(self.brief.title, **card)
        register = risks_of(risks)
        choices = run.choices
        measured, _ = figures(
            self.case, run.model, choices.features, choices.threshold, self.case.held, run.reading
        )
        self._note(
            f"{self.brief.key}, held-out rows opened", choices, measured, f" after {run.name}"
        )
        record = {
            "brief": self.brief.key,
            "limits": {c.key: c.limit for c in self.brief.criteria},
            "choices": choices.as_dict(),
            "run": run.name,
            "losses": [round(v, 6) for v in run.losses],
            "latency": asdict(measured["latency"]),
            "energy": asdict(measured["energy"]),
            "energy_scope": run.reading.scope,
            "card": {key: _plain(value) for key, value in card.items()},
            "risks": [asdict(risk) for risk in register.risks],
            "decision": decision,
            "reason": reason,
            "date": (today or date.today()).isoformat(),
            "head": self.log.head,
        }
        return write(self.folder, record, run.model)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else [str(line) for line in value]


def fingerprint(name: str) -> str:
    """SHA-256 of all the data of a brief."""
    case = data.load(name)
    arrays = []
    for part in (case.train, case.tune, case.held):
        arrays += [part.inputs, part.truth]
    return data_hash(*arrays)


@lru_cache
def code_version() -> str:
    """The course's version, and a hash of the files that train, measure and report."""
    from importlib.metadata import PackageNotFoundError, version

    here = Path(__file__).parent
    seen = hashlib.sha256(b"".join((here / name).read_bytes() for name in _CODE)).hexdigest()
    try:
        number = version("train-by-hand")
    except PackageNotFoundError:
        number = "from source"
    return f"train-by-hand {number}, capstone {seen[:12]}"
