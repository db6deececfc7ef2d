"""The folder that is handed over: model, record, audit log and report, written and read again.

The report is made from the other files alone, so that anybody can make it again and compare.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from course.capstone import data
from course.capstone.briefs import Brief, brief
from course.capstone.budget import Standing, standing
from course.capstone.choices import Choices, choices_of
from course.capstone.data import Case
from course.capstone.measuring import Figure, Quality, quality, size
from course.capstone.training import Model
from course.edge.quantization import Quantized, code_range
from course.trust.audit import DamagedLog, Entry, read
from course.trust.cards import Metric, ModelCard, build_card
from course.trust.register import Risk, RiskRegister

LOG, MODEL, RECORD = "audit.jsonl", "model.npz", "record.json"
MARKDOWN, HTML = "report.md", "report.html"
DECISIONS = {
    "launch": "Launch",
    "conditions": "Launch under conditions",
    "stop": "Do not launch",
}
_KEYS = (
    *("brief", "limits", "choices", "run", "losses", "latency", "energy", "energy_scope"),
    *("card", "risks", "decision", "reason", "date", "head"),
)


class HandoverError(ValueError):
    """The folder cannot be written or read as a capstone; the message says what is wrong."""


@dataclass(frozen=True)
class Handover:
    """What lies in the folder; figures of quality and size are recomputed from model and data."""

    folder: Path
    record: Mapping[str, Any]
    model: Model
    log: tuple[Entry, ...]
    log_trouble: str = ""

    @property
    def brief(self) -> Brief:
        """The brief with the limits that the record states (the review compares them)."""
        return brief(self.record["brief"]).with_limits(**self.record["limits"])

    @property
    def choices(self) -> Choices:
        """The learner's choices."""
        return choices_of(self.record["choices"])

    @property
    def case(self) -> Case:
        """The brief's data."""
        return data.load(self.record["brief"])

    @cached_property
    def quality(self) -> Quality:
        """Accuracy, fifth criterion and group rates on the held-out rows, computed now."""
        c = self.choices
        return quality(self.case, self.model, c.features, c.threshold, self.case.held)

    @cached_property
    def standing(self) -> Standing:
        """The five criteria on the held-out rows; latency and energy as recorded."""
        found = {
            "accuracy": self.quality.accuracy,
            "fifth": self.quality.fifth,
            "size": size(self.model),
            "latency": Figure(**self.record["latency"]),
            "energy": Figure(**self.record["energy"]),
        }
        return standing(self.brief, found, "held-out")

    @cached_property
    def card(self) -> ModelCard:
        """The model card: the learner's words, and metrics from what was computed."""
        return build_card(
            self.brief.title,
            date=self.record["date"],
            metrics=self.metrics,
            datasets=(self.case.datasheet.title,),
            library="course.scratch" if self.choices.engine == "scratch" else "PyTorch",
            **self.record["card"],
        )

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The quality figures as a card states them, of all and of each group."""
        found = []
        for key in ("accuracy", "fifth"):
            f, c = self.standing[key].figure, self.standing[key].criterion
            found.append(_metric(c.name, c.unit, "all", max(f.count, 1), f.value, f.low, f.high))
        for rate in self.quality.rates:
            i, name = rate.interval, self.quality.rate_name
            found.append(
                _metric(
                    name, "%", rate.name, rate.n, *(100 * v for v in (i.estimate, i.low, i.high))
                )
            )
        return tuple(found)

    @property
    def register(self) -> RiskRegister:
        """The residual risks."""
        return risks_of(self.record["risks"])

    def __repr__(self) -> str:
        return f"<Handover in {self.folder}: {self.standing.sentence}>"

    def _repr_html_(self) -> str:
        where = escape(str(self.folder))
        return (
            f"<p>Written to <code>{where}</code>: <code>{HTML}</code> (open it in a browser) and "
            f"<code>{MARKDOWN}</code>.</p>{self.standing._repr_html_()}"
        )


def _metric(
    name: str, unit: str, group: str, count: int, value: float, low: float, high: float
) -> Metric:
    # Wilson's ends can miss a share of 0 or 1 by a rounding error.
    low, high = min(low, value), max(high, value)
    return Metric(
        name=name,
        value=value,
        data="held-out rows",
        group=group,
        count=count,
        low=low,
        high=high,
        unit=unit,
    )


def risks_of(given: Iterable[Any]) -> RiskRegister:
    """A register from Risks, or from dicts of their fields.

    Raises ValueError, which names the field, for one that is not whole.
    """
    found = []
    for number, risk in enumerate(given, start=1):
        if isinstance(risk, Risk):
            found.append(risk)
            continue
        if not isinstance(risk, Mapping):
            raise HandoverError(f"risk {number} is a {type(risk).__name__}; give a Risk or a dict")
        try:
            found.append(Risk(**risk))
        except TypeError:
            names = ", ".join(Risk.__dataclass_fields__)
            raise HandoverError(
                f"risk {number} has the fields {', '.join(map(str, risk))}; a risk has {names}"
            ) from None
    return RiskRegister(tuple(found))


def write(folder: Path, record: Mapping[str, Any], model: Model) -> Handover:
    """Write model, record and report; the audit log must lie there already."""
    from course.capstone import report

    folder.mkdir(parents=True, exist_ok=True)
    save_model(folder / MODEL, model)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / RECORD).write_text(text + "\n", encoding="utf-8")
    found = open_folder(folder)
    for name, content in report.files(found).items():
        (folder / name).write_text(content, encoding="utf-8", newline="\n")
    return found


def open_folder(folder: str | Path) -> Handover:
    """Read a folder that was handed over.

    A damaged audit log does not stop the reading: it is told in ``log_trouble``.
    Raises HandoverError for a file that is missing or is not what it should be.
    """
    folder = Path(folder)
    for name in (MODEL, RECORD, LOG):
        if not (folder / name).is_file():
            raise HandoverError(
                f"{folder} holds no {name}: hand over with Workshop.hand_over, which writes all files"
            )
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError as error:
        raise HandoverError(f"{RECORD} is no JSON any more ({error}); hand over again") from None
    missing = [key for key in _KEYS if not isinstance(record, dict) or key not in record]
    if missing:
        raise HandoverError(f"{RECORD} lacks {', '.join(missing)}; hand over again")
    trouble = ""
    log: tuple[Entry, ...] = ()
    try:
        log = tuple(read(folder / LOG))
    except DamagedLog as error:
        trouble = str(error)
    found = Handover(folder, record, load_model(folder / MODEL), log, trouble)
    # Everything that could be nonsense is touched here, so that it is named here.
    try:
        _ = found.standing, found.card, found.register
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise HandoverError(f"{RECORD} does not fit: {error}") from None
    return found


def save_model(path: Path, model: Model) -> None:
    """The model as arrays: codes and scales where it has them, else floats."""
    arrays: dict[str, Any] = {}
    for n, bias in enumerate(model.biases):
        arrays[f"bias{n}"] = bias
        if model.codes:
            code = model.codes[n]
            arrays |= {
                f"codes{n}": code.codes.astype(np.int8),
                f"scale{n}": code.scale.astype(np.float32),
                f"bits{n}": np.int64(code.bits),
            }
        else:
            arrays[f"weight{n}"] = model.weights[n]
    np.savez(path, **arrays)


def load_model(path: Path) -> Model:
    """The model of `save_model`; raises HandoverError for a file that holds none."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        layers = sum(name.startswith("bias") for name in arrays)
        biases = tuple(arrays[f"bias{n}"] for n in range(layers))
        if "weight0" in arrays:
            return Model(tuple(arrays[f"weight{n}"] for n in range(layers)), biases)
        codes = tuple(_coded(arrays, n) for n in range(layers))
        return Model(tuple(q.values.astype(np.float32) for q in codes), biases, codes)
    except (OSError, KeyError, ValueError, EOFError, IndexError) as error:
        raise HandoverError(f"{path.name} holds no model ({error}); hand over again") from None


def _coded(arrays: Mapping[str, Any], n: int) -> Quantized:
    scale = arrays[f"scale{n}"].astype(np.float64)
    bits = int(arrays[f"bits{n}"])
    low, high = code_range(bits, True)
    zero = np.zeros(scale.shape, np.int64)
    return Quantized(arrays[f"codes{n}"].astype(np.int32), scale, zero, bits, low, high)
