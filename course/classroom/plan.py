"""A workshop's schedule from the lessons' own minutes, for a number of hours and an audience."""

from __future__ import annotations

from dataclasses import dataclass

from course.classroom.syllabus import Lesson, Part

# Which lessons an audience takes, the most important first; those that fit are taught in the
# course's order. A lesson that this edition lacks is passed over.
AUDIENCES = {
    "beginners": ("00", "01", "02", "03", "04", "12", "09", "07", "13", "11", "10", "14"),
    "developers": ("03", "02", "07", "05", "11", "10", "06", "08", "04", "12", "09", "13", "14"),
    "decision-makers": ("01", "04", "12", "13", "09", "08", "10", "11", "14"),
}
AT_A_STRETCH = 60  # minutes without a break, where the parts allow it
SHORT_BREAK, LUNCH = 10, 45
LUNCH_AFTER = 180
OPENING, CLOSING = 10, 10


@dataclass(frozen=True)
class Slot:
    """A stretch of the day, in minutes from its start."""

    start: int
    minutes: int
    what: str


@dataclass(frozen=True)
class Plan:
    """A schedule, and what did not fit into it."""

    audience: str
    hours: float
    slots: tuple[Slot, ...]
    left_out: tuple[str, ...]
    warning: str = ""

    def __str__(self) -> str:
        lines = [f"{self.hours:g} hours for {self.audience}", ""]
        for slot in self.slots:
            hours, minutes = divmod(slot.start, 60)
            lines.append(f"  {hours}:{minutes:02d}  {slot.minutes:3d} min  {slot.what}")
        if self.warning:
            lines += ["", self.warning]
        if self.left_out:
            lines += ["", f"Left out for want of time: {'; '.join(self.left_out)}."]
        return "\n".join(lines)


def plan(hours: float, audience: str, known: list[Lesson]) -> Plan:
    """Plan a workshop of `hours` for `audience` from the lessons `known`.

    Lessons are taken whole, the audience's most important first, while they fit with their breaks;
    what time is left goes to the first parts of the next one. Raises ValueError for an audience
    that is not known, hours that are no day, or when no lesson states its minutes.
    """
    if audience not in AUDIENCES:
        raise ValueError(f"audience is {audience!r}; choose one of {', '.join(AUDIENCES)}.")
    if not 0 < hours <= 10:
        raise ValueError(
            f"hours is {hours:g}; a day has more than 0 and at most 10. Plan longer events day by day."
        )
    order = AUDIENCES[audience]
    wanted = sorted(
        (lesson for lesson in known if lesson.number in order and lesson.parts),
        key=lambda lesson: order.index(lesson.number),
    )
    if not wanted:
        raise ValueError(f"No lesson for {audience} in this edition states its minutes.")
    minutes = round(hours * 60)
    taken: dict[Lesson, tuple[Part, ...]] = {}
    left_out = []
    for lesson in wanted:
        parts = _that_fit(taken, lesson, minutes)
        if parts:
            taken[lesson] = parts
        if parts != lesson.parts:
            missing = lesson.parts[len(parts) :]
            rest = f" ({', '.join(part.title for part in missing)})" if parts else ""
            short = sum(part.minutes for part in missing)
            left_out.append(f"{lesson.number} {lesson.title}{rest}, {short} min")
    slots = _slots(taken, minutes)
    return Plan(audience, hours, slots, tuple(left_out), _warning(taken, wanted[0], minutes))


def _that_fit(
    taken: dict[Lesson, tuple[Part, ...]], lesson: Lesson, minutes: int
) -> tuple[Part, ...]:
    """The most first parts of `lesson` with which the whole still fits."""
    for count in range(len(lesson.parts), 0, -1):
        trial = {**taken, lesson: lesson.parts[:count]}
        if _length(_lay_out(trial)) <= minutes:
            return lesson.parts[:count]
    return ()


def _lay_out(taken: dict[Lesson, tuple[Part, ...]]) -> list[tuple[int, str]]:
    """(minutes, words) in the course's order, with breaks between parts."""
    rows = [(OPENING, "Welcome, and `course doctor` on every computer")]
    since, total, eaten = OPENING, OPENING, False
    for lesson in sorted(taken, key=lambda lesson: lesson.number):
        for part in taken[lesson]:
            if since > OPENING and since + part.minutes > AT_A_STRETCH:
                lunch = total >= LUNCH_AFTER and not eaten
                eaten = eaten or lunch
                rows.append((LUNCH, "Lunch") if lunch else (SHORT_BREAK, "Break"))
                total, since = total + rows[-1][0], 0
            whole = len(lesson.parts) == 1
            title = lesson.title if whole else f"{lesson.title} · {part.title}"
            rows.append((part.minutes, f"{lesson.number} {title}"))
            total, since = total + part.minutes, since + part.minutes
    return [*rows, (CLOSING, "What to take away, questions")]


def _length(rows: list[tuple[int, str]]) -> int:
    return sum(minutes for minutes, _ in rows)


def _slots(taken: dict[Lesson, tuple[Part, ...]], minutes: int) -> tuple[Slot, ...]:
    rows = _lay_out(taken) if taken else []
    spare = minutes - _length(rows)
    if taken and spare > 0:
        rows.insert(-1, (spare, "Spare: finish exercises, questions"))
    slots, start = [], 0
    for length, what in rows:
        slots.append(Slot(start, length, what))
        start += length
    return tuple(slots)


def _warning(taken: dict[Lesson, tuple[Part, ...]], first: Lesson, minutes: int) -> str:
    needed = OPENING + first.parts[0].minutes + CLOSING
    if not taken:
        return (
            f"{minutes} minutes are too few: the first part of {first.number} {first.title} alone takes "
            f"{needed} with welcome and closing."
        )
    if taken.get(first) != first.parts:
        whole = OPENING + first.minutes + CLOSING
        return (
            f"The hours do not hold one whole lesson for this audience: {first.number} {first.title} takes "
            f"about {whole} minutes with welcome and closing."
        )
    return ""
