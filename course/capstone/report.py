"""The report for the client, made from the files of a handed-over folder and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from course.capstone import charts, rubric
from course.capstone.briefs import KEYS, number
from course.capstone.budget import HEAD
from course.capstone.document import Document

if TYPE_CHECKING:
    from course.capstone.handover import Handover

JOULES_A_KWH = 3.6e6


def files(found: Handover) -> dict[str, str]:
    """Every file of the report by name: Markdown, HTML, and the pictures that Markdown links."""
    from course.capstone.handover import HTML, MARKDOWN

    made = document(found)
    return {MARKDOWN: made.markdown(), HTML: made.html(), **made.pictures}


def document(found: Handover) -> Document:
    """The report, section by section."""
    made = Document(f"{found.brief.title}: a model for {found.brief.client}")
    for part in (_opening, _budget, _people, _making, _energy, _data, _risks, _papers, _checking):
        part(made, found)
    return made


def _opening(made: Document, found: Handover) -> None:
    from course.capstone.handover import DECISIONS

    record, case = found.record, found.case
    made.add("lead", f"Report of {record['date']}. All figures are of {len(case.held):,} held-out examples "
             "unless another place is named.")  # fmt: skip
    made.add("heading", "In short")
    reason = record["reason"].strip() or "No reason is given."
    made.add(
        "box", [f"Recommendation: {DECISIONS.get(record['decision'], record['decision'])}.", reason]
    )
    made.add("text", found.standing.sentence)
    made.add("heading", "What was asked for")
    made.add("text", f"“{found.brief.letter}”")
    made.add("text", f"What the model gives: {found.brief.output}.")


def _budget(made: Document, found: Handover) -> None:
    where = found.standing
    made.add("heading", "Where the model stands")
    made.add(
        "picture",
        "standing.svg",
        charts.standing_svg(where),
        "How much of each allowance is used; the dashed line is the limit. For “at least” the allowance is "
        "what may be wrong. A circle is met; a triangle is met by the figure, but its interval crosses the "
        "limit; a cross is not met.",
        charts.standing_described(where),
    )
    made.add(
        "table", "The budget", [h.capitalize() for h in HEAD], [ln.row() for ln in where.lines]
    )
    made.add("bullets", [f"{c.name.capitalize()}: {c.why}" for c in found.brief.criteria])


def _people(made: Document, found: Handover) -> None:
    made.add("heading", "Who bears the mistakes")
    made.add("text", found.brief.fifth_why)
    made.add(
        "picture",
        "groups.svg",
        charts.rates_svg(found.quality),
        f"{found.quality.rate_name.capitalize()}, on held-out rows. Lines are 95 % intervals; the number of "
        "examples stands in brackets. Where intervals are long, little is known.",
        charts.rates_described(found.quality),
    )
    rows = [(r.name, f"{r.yes} of {r.n}", charts.share(r.interval)) for r in found.quality.rates]
    made.add(
        "table",
        found.quality.rate_name.capitalize(),
        ("Group", "Count", "Share and interval"),
        rows,
    )


def _making(made: Document, found: Handover) -> None:
    case, record = found.case, found.record
    made.add("heading", "How it was made")
    made.add(
        "text",
        f"Trained on {len(case.train):,} examples; choices were made by looking at {len(case.tune):,} others; "
        f"{len(case.held):,} were kept aside until the end. {_openings(found)}",
    )
    made.add("table", "What was chosen", ("Choice", "Value"), found.choices.rows())
    made.add(
        "picture",
        "training.svg",
        charts.loss_svg(record["losses"]),
        "The loss while training (cross-entropy, dimensionless; lower is better).",
        charts.loss_described(record["losses"]),
    )


def _openings(found: Handover) -> str:
    count = sum("held-out rows opened" in entry.run for entry in found.log)
    if count <= 1:
        return "They were opened once."
    return (
        f"They were opened {count} times; each look makes the figures a little more flattering than new "
        "examples would be."
    )


def _energy(made: Document, found: Handover) -> None:
    e = found.standing["energy"].figure
    runs = [entry for entry in found.log if "held-out rows opened" not in entry.run]
    total = sum(entry.metrics.get("energy", 0.0) for entry in runs)
    made.add("heading", "Energy")
    rows = [
        ("This model", f"{number(e.value)} kWh ({number(e.value * JOULES_A_KWH)} J), {e.label}"),
        ("Range", f"{number(e.low)} to {number(e.high)} kWh"),
        ("Method", e.method),
        ("Counted", found.record["energy_scope"]),
        (f"All training runs in the audit log ({len(runs)})", f"{number(total)} kWh"),
        ("Not counted", "the computer's manufacture, screen and idle time; use after the launch"),
    ]
    made.add("table", "Energy row", ("What", "Value"), rows)


def _data(made: Document, found: Handover) -> None:
    sheet = found.case.datasheet
    made.add("heading", "The data")
    rows = [
        ("Data set", sheet.title),
        ("Source", sheet.source),
        ("Licence", sheet.licence),
        ("Size", sheet.size),
        ("Cite as", sheet.citation),
    ]
    made.add("table", "Datasheet", ("What", "Value"), rows)
    made.add("text", "Known problems:")
    made.add("bullets", list(sheet.known_problems))


def _risks(made: Document, found: Handover) -> None:
    made.add("heading", "What may still go wrong")
    if not len(found.register):
        made.add(
            "text", "No residual risk is on record. That is itself a finding: every model has some."
        )
        return
    made.add(
        "text",
        "Residual risks, the gravest first. The rank is likelihood times severity, 1 to 9: an order to talk "
        "in, not a measurement.",
    )
    rows = [
        (
            risk.harm,
            risk.to_whom,
            f"{risk.rank} ({risk.likelihood} x {risk.severity})",
            risk.mitigation,
            f"{risk.owner}, {risk.review}",
        )
        for risk in found.register
    ]
    columns = ("Harm", "To whom", "Rank", "Lowered by", "Owner, next review")
    made.add("table", "Residual risks", columns, rows)


def _papers(made: Document, found: Handover) -> None:
    made.add("heading", "Papers")
    made.add("paper", found.card)
    if found.log_trouble:
        made.add("box", ["The audit log is damaged.", found.log_trouble])
        return
    rows = [
        (
            entry.number,
            entry.time.removesuffix("+00:00").replace("T", " "),
            entry.run,
            *(number(entry.metrics[k]) if k in entry.metrics else "" for k in KEYS),
            entry.hash[:12],
        )
        for entry in found.log
    ]
    names = [found.brief[key] for key in KEYS]
    heads = [f"{c.name} ({c.unit})" for c in names]
    made.add("table", "Audit log", ("Entry", "Time (UTC)", "Run", *heads, "Hash"), rows)
    last = found.log[-1] if found.log else None
    if last is not None:
        made.add(
            "text",
            f"The log ends with hash {last.hash[:16]}…; keep it elsewhere. Data hash {last.data_hash[:16]}…, "
            f"code {last.code}.",
        )


def _checking(made: Document, found: Handover) -> None:
    made.add("heading", "How to check this report")
    made.add(
        "text",
        "Every figure of quality and size was computed from model.npz and the data when this page was made; "
        "time and energy are as recorded. To compute all of it again, and to train the model again from its "
        "choices, open Python where Train by Hand is installed: from course.capstone import review, then "
        "review(folder), with the path of the folder in which this report lies. Judgement is not left to a "
        "program: the rubric says what a person looks at.",
    )
    made.add("table", "Rubric", rubric.COLUMNS, rubric.rows())
