"""What is done and what is next, lesson by lesson: as text, as a panel, as a report."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from course.lessons import Lesson, Task, lesson_cells, lessons_source, read_lessons, text_of
from course.progress import record
from course.progress.asked import questions_of
from course.progress.state import State
from course.progress.store import Store

_STYLE = """
:root { color-scheme: light dark; }
body { font-family: sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
td, th { text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0; border-bottom: 1px solid #999; }
"""
ORIGINALS = "originals"  # in the learner's folder, under record.HOME: the lessons as copied


@dataclass(frozen=True)
class Row:
    """A lesson with the names of its tasks that are done, and the points earned and possible.

    Of its multiple-choice questions ``right`` of ``asked`` are answered right.
    """

    lesson: Lesson
    done: frozenset[str]
    earned: float
    possible: float
    begun: bool
    asked: int = 0
    right: int = 0

    @property
    def next(self) -> Task | None:
        """The first task that is not done."""
        return next((task for task in self.lesson.tasks if task.name not in self.done), None)

    @property
    def share(self) -> str:
        """How much of the lesson is done, in words."""
        count = len(self.lesson.tasks)
        return f"{len(self.done)} of {count} done" if count else "nothing to hand in"

    @property
    def questions(self) -> str:
        """How many of its questions are answered right, in words; "" where it asks none."""
        return f"{self.right} of {self.asked} right" if self.asked else ""


class Overview:
    """Where a learner is in the course; printed it is text, in a notebook a panel."""

    def __init__(
        self,
        state: State,
        lessons: list[Lesson],
        written: set[str],
        notice: str = "",
        asked: dict[str, frozenset[str]] | None = None,
    ):
        self.state, self.notice = state, notice
        asked = asked or {}
        self.rows = [
            _row(lesson, state, written, asked.get(lesson.name, frozenset())) for lesson in lessons
        ]

    @property
    def next(self) -> Row | None:
        """The lesson to go on with: the first begun and not finished, else the first not begun."""
        open_ = [row for row in self.rows if row.next]
        return next((row for row in open_ if row.begun), open_[0] if open_ else None)

    def lines(self) -> list[str]:
        """The overview as lines of text."""
        width = max((len(row.lesson.title) for row in self.rows), default=0)
        lines = [self.notice] if self.notice else []
        for row in self.rows:
            head = f"{row.lesson.number}  {row.lesson.title:{width}}  {row.share:14}"
            lines.append(f"{head}  {_minutes(row.lesson.minutes)}".rstrip())
            if row.questions and row.begun:
                lines.append(f"    questions: {row.questions}")
            if row.begun and row.next:
                lines.append(f"    next: {_task(row.next)}")
        return [*lines, *self._sums()]

    def _sums(self) -> list[str]:
        lines = []
        if self.next is None and self.rows:
            lines.append("Everything is done.")
        elif self.next and self.next.next and not self.next.begun:
            lines.append(f"Begin with lesson {self.next.lesson.number}.")
        answers = self.state.answers.values()
        if answers:
            right = sum(answer.right for answer in answers)
            lines.append(f"Questions: {right} right of {len(answers)} answered.")
        if self.state.guesses:
            lines.append(f"Predictions made: {len(self.state.guesses)}.")
        return lines

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return (
            '<div role="group" aria-label="Your progress" style="border-left:4px solid #0072B2;'
            "padding:0.4em 0.9em;margin:0.3em 0;background:rgba(127,127,127,0.08);"
            f'max-width:60em;line-height:1.5">{self.html()}</div>'
        )

    def html(self) -> str:
        """The overview as a table with a line of sums under it."""
        cell = 'style="text-align:left;vertical-align:top;padding:0.15em 1em 0.15em 0"'
        heads = ("Lesson", "Done", "Points", "Questions", "Minutes", "Next")
        head = "".join(f'<th scope="col" {cell}>{text}</th>' for text in heads)
        body = ""
        for row in self.rows:
            following = _task(row.next) if row.next else "done"
            texts = (row.share, _points(row), row.questions, _number(row), following)
            body += f'<tr><th scope="row" {cell}>{escape(_name(row))}</th>'
            body += "".join(f"<td {cell}>{escape(text)}</td>" for text in texts) + "</tr>"
        said = [*([self.notice] if self.notice else []), *self._sums()]
        under = "".join(f"<div>{escape(line)}</div>" for line in said)
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{under}"

    def markdown(self) -> str:
        """A report: the lessons, then every exercise with its scores and diagnoses."""
        day = datetime.now().strftime("%Y-%m-%d")
        lines = [f"# Progress in Train by Hand, {day}", ""]
        lines += ["| Lesson | Done | Points | Questions | Minutes |", "|---|---|---|---|---|"]
        for row in self.rows:
            cells = (_pipes(_name(row)), row.share, _points(row), row.questions, _number(row))
            lines.append(f"| {' | '.join(cells)} |")
        lines += ["", *(f"{line}  " for line in self._sums())]
        for heading, rows in self._details():
            lines += [
                "",
                f"## {heading}",
                "",
                "| Exercise | Best | Last | Tries | Met on the way |",
            ]
            lines += ["|---|---|---|---|---|"]
            lines += [f"| {' | '.join(map(_pipes, cells))} |" for cells in rows]
        return "\n".join(lines) + "\n"

    def page(self) -> str:
        """The report as one HTML page."""
        day = datetime.now().strftime("%Y-%m-%d")
        parts = [f"<h1>Progress in Train by Hand, {day}</h1>", self.html()]
        heads = ("Exercise", "Best", "Last", "Tries", "Met on the way")
        head = "".join(f'<th scope="col">{text}</th>' for text in heads)
        for heading, rows in self._details():
            body = "".join(
                f'<tr><th scope="row">{escape(first)}</th>'
                + "".join(f"<td>{escape(text)}</td>" for text in rest)
                + "</tr>"
                for first, *rest in rows
            )
            parts.append(f"<h2>{escape(heading)}</h2><table><thead><tr>{head}</tr></thead>")
            parts.append(f"<tbody>{body}</tbody></table>")
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>Progress in Train by Hand</title><style>{_STYLE}</style></head>"
            f"<body><main>{''.join(parts)}</main></body></html>\n"
        )

    def _details(self) -> list[tuple[str, list[list[str]]]]:
        """(lesson, a row for each exercise tried): also what belongs to no lesson found here."""
        named: set[str] = set()
        found = []
        for row in self.rows:
            names = [task.name for task in row.lesson.tasks]
            labels = {task.name: _label(task) for task in row.lesson.tasks}
            named.update(names)
            rows = [self._scores(name, labels[name]) for name in names if name in self.state.checks]
            if rows:
                found.append((_name(row), rows))
        others = [self._scores(name, name) for name in self.state.checks if name not in named]
        return [*found, *([("Others", others)] if others else [])]

    def _scores(self, name: str, label: str) -> list[str]:
        known = self.state.checks[name]
        met = ", ".join(f"{k} ({n} times)" if n > 1 else k for k, n in known.diagnoses.items())
        best = f"{_round(known.best)} of {_round(known.points)}"
        return [label, best, _round(known.last), str(known.tries), met]


def overview(folder: Path | None = None) -> Overview:
    """Where the learner is whose folder is ``folder``, by default the one around this program.

    Raises OSError when the progress cannot be read.
    """
    where = record.place(folder)
    store = Store(where) if where else None
    state = store.read() if store else State()
    home = record.learner_folder(folder)
    notice = store.notice if store else ""
    return Overview(state, _lessons(home), _written(home), notice, _asked())


def panel() -> Overview:
    """What is done and what is next, to be shown in a notebook. Never raises."""
    try:
        return overview()
    except Exception as error:
        said = f"Your progress cannot be read ({type(error).__name__}: {error})."
        return Overview(State(), [], set(), said)


def _lessons(home: Path | None) -> list[Lesson]:
    """The lessons of this edition, each as the learner's folder got it where it did."""
    try:
        found = {lesson.name: lesson for lesson in read_lessons(lessons_source())}
    except FileNotFoundError:
        found = {}
    if home is not None:
        # The learner's own copy may lack cells or be damaged: it only counts where no other is.
        for folder in (home, home / record.HOME / ORIGINALS):
            for lesson in read_lessons(folder):
                if folder != home or lesson.name not in found:
                    found[lesson.name] = lesson
    return [found[name] for name in sorted(found)]


def _asked() -> dict[str, frozenset[str]]:
    """The questions of each lesson of this edition."""
    try:
        files = sorted(lessons_source().glob("*.ipynb"))
    except FileNotFoundError:
        return {}
    asked = {}
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            asked[file.stem] = questions_of(file)
    return asked


def _written(home: Path | None) -> set[str]:
    """The names of the answers in words that are no longer as they were copied."""
    written: set[str] = set()
    if home is None:
        return written
    for original in (home / record.HOME / ORIGINALS).glob("*.ipynb"):
        try:
            before, now = _words(original), _words(home / original.name)
        except (OSError, ValueError):
            continue
        written |= {name for name, text in now.items() if before.get(name, text) != text}
    return written


def _words(path: Path) -> dict[str, str]:
    found = {}
    for cell, marks in lesson_cells(path):
        if marks.get("grade") and marks.get("solution"):
            found[str(marks.get("grade_id"))] = text_of(cell).strip()
    return found


def _row(lesson: Lesson, state: State, written: set[str], asked: frozenset[str]) -> Row:
    checks = {t.name: state.checks[t.name] for t in lesson.tasks if t.name in state.checks}
    done = {name for name, check in checks.items() if check.done}
    done |= {task.name for task in lesson.tasks if task.words and task.name in written}
    earned = sum(check.best for check in checks.values())
    possible = sum(task.points for task in lesson.tasks if not task.words)
    answered = asked & set(state.answers)
    right = sum(state.answers[name].right for name in answered)
    begun = bool(checks or done or answered)
    return Row(lesson, frozenset(done), earned, possible, begun, len(asked), right)


def _name(row: Row) -> str:
    return f"{row.lesson.number} {row.lesson.title}"


def _points(row: Row) -> str:
    return f"{_round(row.earned)} of {_round(row.possible)}"


def _round(points: float) -> str:
    return f"{round(points, 2):g}"


def _label(task: Task) -> str:
    return task.label if task.label == task.name else f"{task.label}, {task.name}"


def _task(task: Task) -> str:
    return f"{_label(task)} ({_minutes(task.minutes)})" if task.minutes else _label(task)


def _minutes(count: int) -> str:
    return f"{count} minutes" if count > 1 else f"{count} minute" if count else ""


def _number(row: Row) -> str:
    return str(row.lesson.minutes or "")


def _pipes(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
