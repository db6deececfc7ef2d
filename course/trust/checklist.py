"""The launch checklist: what must be settled before a model meets people, and what risk is left.

`risk_class` walks a short decision tree after the EU AI Act; `Checklist.judge` holds answers beside
the items, each of which names the framework it serves (`course.facts.frameworks`, with date); what
is left goes into a `RiskRegister`. A teaching aid, no legal advice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from course.facts.frameworks import Provision, provision
from course.trust.papers import said_nothing, text_of
from course.trust.register import Risk, RiskRegister

AREAS = {
    "biometrics": "Biometrics",
    "infrastructure": "Critical infrastructure",
    "education": "Education and training",
    "employment": "Employment and management of workers",
    "essential": "Essential services (credit, insurance, benefits)",
    "police": "Law enforcement",
    "migration": "Migration, asylum, borders",
    "justice": "Justice and democratic processes",
    "none": "None of these",
}


@dataclass(frozen=True)
class Verdict:
    """A risk class with the provisions that lead to it, and what to do."""

    name: str
    why: str
    todo: str
    provisions: tuple[Provision, ...]

    def __str__(self) -> str:
        cited = "\n".join(
            f"  {p.framework}, {p.headline}: {p.statement}.\n    {p.cite}" for p in self.provisions
        )
        return f"{self.name}: {self.why}\n  {self.todo}\n{cited}"


def risk_class(
    *, prohibited: bool, area: str, in_product: bool = False, talks_to_people: bool = False
) -> Verdict:
    """The class of a use after the EU AI Act's headlines: a first look, no legal advice.

    ``prohibited``: is it a practice of Article 5? ``area``: one of AREAS (Annex III), or "none".
    ``in_product``: a safety component of a product under Annex I. ``talks_to_people``: people talk
    with it, or it makes images, sound or text. Raises ValueError for an unknown area.
    """
    if area not in AREAS:
        raise ValueError(f"area is one of {', '.join(AREAS)}; not {area!r}.")
    told = (provision("EU AI Act", "transparency"),) if talks_to_people else ()
    also = " Tell people that they deal with an AI system." if talks_to_people else ""
    if prohibited:
        return Verdict(
            "Prohibited",
            "the use itself is banned, however well the model does.",
            "Do not build it. No safeguard and no consent form opens this door.",
            (provision("EU AI Act", "prohibited"),),
        )
    if area != "none" or in_product:
        why = AREAS[area] if area != "none" else "A safety component of a regulated product"
        cited = [provision("EU AI Act", "high")]
        cited += [provision("EU AI Act", "credit")] if area == "essential" else []
        return Verdict(
            "High-risk",
            f"{why[:1].lower()}{why[1:]} is on the list.",
            "Allowed with duties: risk management, data governance, records, human oversight. "
            f"Ask a lawyer which apply, and from when.{also}",
            (*cited, provision("EU AI Act", "amended dates"), *told),
        )
    if talks_to_people:
        return Verdict("Transparency", "people meet it directly.", also.strip(), told)
    return Verdict(
        "The rest",
        "none of these lists names it.",
        "No duties from these articles; harm is still possible, and other law stays.",
        (provision("EU AI Act", "minimal"),),
    )


@dataclass(frozen=True)
class Item:
    """One question of the checklist: what shows that it is settled, whom it serves, how grave."""

    key: str
    question: str
    evidence: str
    serves: tuple[tuple[str, str], ...]
    stops: bool = False

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """The provisions that the item serves, with their dates and grades."""
        return tuple(provision(*pair) for pair in self.serves)

    @property
    def cited(self) -> str:
        """The provisions in a line; what was not verified says so."""
        return "; ".join(
            f"{p.framework} ({p.headline}{'' if p.verified else ', not verified'})"
            for p in self.provisions
        )


_N, _E, _I = "NIST AI RMF", "EU AI Act", "ISO/IEC 42001"
ITEMS = (
    Item(
        "purpose",
        "Is the decision named, and has somebody asked whether a model should make it at all?",
        "The use and the uses that are refused, in the model card",
        ((_N, "map"), (_E, "prohibited")),
        stops=True,
    ),
    Item(
        "owner",
        "Does a named role answer for it, with the power to switch it off?",
        "The role, and how it is reached outside office hours",
        ((_N, "govern"), (_I, "clauses")),
        stops=True,
    ),
    Item(
        "data",
        "May the data be used for this, and does a datasheet say who is missing?",
        "Datasheet, legal basis, hash of the data in the audit log",
        ((_N, "map"), (_E, "high")),
        stops=True,
    ),
    Item(
        "performance",
        "Is it measured on data like tomorrow's, with intervals, against the process of today?",
        "Held-out results beside those of people or rules; calibration",
        ((_N, "measure"), (_N, "characteristics")),
    ),
    Item(
        "groups",
        "Is it measured for each group that it judges, small ones with their interval?",
        "Metrics by group in the model card; which criterion was chosen, and why",
        ((_N, "characteristics"), (_E, "high")),
    ),
    Item(
        "privacy",
        "Was a membership attack tried, and is the privacy budget stated?",
        "The attack's result; epsilon and delta with what is protected, or why not",
        ((_N, "characteristics"),),
    ),
    Item(
        "misuse",
        "Has somebody tried to abuse it, and written down how?",
        "A list of misuses with what stops each",
        ((_N, "map"), (_N, "manage")),
    ),
    Item(
        "people",
        "Do the people judged know of it, can they object to a person, and were they asked?",
        "The notice, the appeal and how long it takes; who was heard",
        ((_E, "transparency"), (_N, "govern")),
        stops=True,
    ),
    Item(
        "workers",
        "Were those whose work changes asked, trained, and given time to overrule it?",
        "Minutes of the talk; seconds a case; how often it is overruled",
        ((_N, "govern"), (_I, "clauses")),
    ),
    Item(
        "watch",
        "Will drift and complaints be seen, and is there a line at which it is switched off?",
        "What is watched, how often, by whom; the way back to the old process, tried once",
        ((_N, "manage"), (_I, "clauses")),
        stops=True,
    ),
)
YES, PARTLY, NO = "yes", "partly", "no"


@dataclass(frozen=True)
class Answer:
    """An answer to an item: yes, partly or no, with where the evidence lies."""

    state: str
    evidence: str = ""

    def __post_init__(self) -> None:
        if self.state not in (YES, PARTLY, NO):
            raise ValueError(f"An answer is yes, partly or no; not {self.state!r}.")

    @property
    def settled(self) -> bool:
        """True for a yes whose evidence is named: a yes alone settles nothing."""
        return self.state == YES and not said_nothing(self.evidence)


@dataclass(frozen=True)
class Judged:
    """A checklist held beside answers: what stops the launch, what is open, what risk is left."""

    system: str
    answers: Mapping[str, Answer]
    register: RiskRegister

    @property
    def open(self) -> tuple[Item, ...]:
        """Items that are not settled."""
        return tuple(i for i in ITEMS if not self.answers.get(i.key, Answer(NO)).settled)

    @property
    def stopping(self) -> tuple[Item, ...]:
        """Open items without which nothing is launched."""
        return tuple(item for item in self.open if item.stops)

    @property
    def decision(self) -> str:
        """ "stop", "hold" or "launch", and why, in a sentence."""
        if self.stopping:
            names = ", ".join(i.key for i in self.stopping)
            return f"Stop: {names} not settled, and nothing is launched without them."
        unsigned = [item for item in self.open if not self.register.covers(item.key)]
        if unsigned:
            names = ", ".join(i.key for i in unsigned)
            return f"Hold: {names} open, and nobody has signed for the risk that is left."
        left = len(self.register)
        if left:
            return f"Launch, with {left} residual risk{'s' * (left > 1)} on record, each with an owner and a date."
        return "Launch. No residual risk is on record: who looked for one?"

    def rows(self) -> list[list[str]]:
        """Item, question, answer, evidence, frameworks; one row an item."""
        rows = []
        for item in ITEMS:
            answer = self.answers.get(item.key, Answer(NO))
            said = answer.state if answer.settled or answer.state != YES else "yes, no evidence"
            rows.append([item.key, item.question, said, answer.evidence or "none", item.cited])
        return rows

    def __str__(self) -> str:
        lines = [f"Launch checklist: {self.system}", self.decision]
        lines += [f"  [{said}] {question} ({key})" for key, question, said, _, _ in self.rows()]
        return "\n".join([*lines, str(self.register)])


COLUMNS = ("Item", "Question", "Answer", "Evidence", "Serves")


def judge(system: str, answers: Mapping[str, Answer | str], risks: Sequence[Risk] = ()) -> Judged:
    """Hold answers beside the checklist; a text is short for an Answer without evidence.

    Raises ValueError, which lists the items, for an answer to an item that there is not.
    """
    known = [item.key for item in ITEMS]
    unknown = [key for key in answers if key not in known]
    if unknown:
        raise ValueError(f"There is no item {unknown[0]!r}; the items are {', '.join(known)}.")
    if not text_of(system):
        raise ValueError("Name the system that is judged.")
    given = {k: Answer(a) if isinstance(a, str) else a for k, a in answers.items()}
    return Judged(system, given, RiskRegister(tuple(risks)))
