"""The class on one page: scores, what needs a look, frequent diagnoses, who is stuck where.

One HTML file without scripts or pictures: it opens anywhere, prints, and reads well aloud.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from course.classroom.grading import records
from course.classroom.grading.records import Mark, Result
from course.markup import marked

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --full: #009e7333; --part: #e69f0033; --none: #0000; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; }
caption { text-align: left; padding: 0.3rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.7rem; text-align: left; vertical-align: top; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
td.full { background: var(--full); } td.part { background: var(--part); }
.scroll { overflow-x: auto; }
"""
_UNTRIED = ("not attempted", "not defined")
_UNJUDGED = ("not reached", "unreadable")


def write(path: Path, results: Sequence[Result], repeated: Sequence[Result] = ()) -> None:
    """Write the page for `results`; `repeated` are further submissions that did not count."""
    body = [_summary(results), _table_of_contents(results), _needs_a_look(results, repeated)]
    for lesson, group in _by_lesson(results).items():
        name = escape(lesson)
        body.append(f'<section id="{name}"><h2>{name}</h2>')
        body += [_class_table(lesson, group), _diagnoses(group), _stuck(group), "</section>"]
    page = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Grades</title><style>{_STYLE}</style></head>\n"
        f"<body><main>{''.join(body)}</main></body></html>\n"
    )
    path.write_text(page, encoding="utf-8")


def _by_lesson(results: Iterable[Result]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if result.lesson:
            groups[result.lesson].append(result)
    return dict(sorted(groups.items()))


def _summary(results: Sequence[Result]) -> str:
    learners = len({result.learner for result in results})
    odd = sum(result.status != records.GRADED for result in results)
    return (
        f"<h1>Grades</h1><p>{_count(len(results), 'submission')} of {_count(learners, 'learner')}; "
        f"{odd} of them need a look. Every score is in <code>scores.csv</code>.</p>"
    )


def _table_of_contents(results: Sequence[Result]) -> str:
    names = [escape(lesson) for lesson in _by_lesson(results)]
    links = "".join(f'<li><a href="#{name}">{name}</a></li>' for name in names)
    return f'<nav aria-label="Lessons"><ul>{links}</ul></nav>' if len(names) > 1 else ""


def _needs_a_look(results: Sequence[Result], repeated: Sequence[Result]) -> str:
    """Everything that did not go its ordinary way."""
    rows = [
        (result.learner, result.lesson or result.file, result.status, result.note)
        for result in results
        if result.status != records.GRADED
    ]
    rows += [
        (
            r.learner,
            r.lesson,
            "handed in twice",
            f"{r.file} gave {_points(r.points)}; the better counts",
        )
        for r in repeated
    ]
    if not rows:
        return "<h2>Needs a look</h2><p>Nothing: every notebook ran to its end.</p>"
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(f"<td>{escape(word)}</td>" for word in rest)
        + "</tr>"
        for name, *rest in rows
    )
    head = _head(("Learner", "Lesson or file", "What happened", "Note"))
    return f"<h2>Needs a look</h2>{_scroll('Needs a look', f'<table>{head}{body}</table>')}"


def _class_table(lesson: str, results: list[Result]) -> str:
    names = _exercises(results)
    head = "".join(
        f'<th scope="col" class="number">{escape(name)}<br>of {most:g}</th>'
        for name, most in names.items()
    )
    rows = "".join(_row(result, list(names)) for result in results)
    graded = [name for name in names if any(_mark(r, name, graded=True) for r in results)]
    means = "".join(_mean(results, name) if name in graded else "<td></td>" for name in names)
    total = sum(result.points for result in results) / len(results)
    caption = "Points by learner and exercise. An empty place is an answer in words, for a person to read."
    table = (
        f"<table><caption>{caption}</caption><thead><tr>"
        f'<th scope="col">Learner</th>{head}<th scope="col" class="number">Sum</th></tr></thead>'
        f'<tbody>{rows}</tbody><tfoot><tr><th scope="row">Mean</th>{means}'
        f'<td class="number">{total:.2f}</td></tr></tfoot></table>'
    )
    return f"<h3>The class</h3>{_scroll(f'The class in {lesson}', table)}"


def _row(result: Result, names: list[str]) -> str:
    cells = []
    for name in names:
        mark = _mark(result, name)
        if mark is None or mark.points is None:
            cells.append("<td></td>")
            continue
        kind = "full" if mark.points >= mark.most else "part" if mark.points else "none"
        words = "" if kind == "full" else f"<br><small>{escape(mark.diagnosis)}</small>"
        cells.append(f'<td class="number {kind}">{_points(mark.points)}{words}</td>')
    return (
        f'<tr><th scope="row">{escape(result.learner)}</th>{"".join(cells)}'
        f'<td class="number">{_points(result.points)}</td></tr>'
    )


def _mean(results: list[Result], name: str) -> str:
    points = [mark.points or 0.0 for r in results if (mark := _mark(r, name, graded=True))]
    return f'<td class="number">{sum(points) / len(results):.2f}</td>'


def _diagnoses(results: list[Result]) -> str:
    """For each exercise, what went wrong how often, the most frequent first."""
    rows = []
    for name in _exercises(results):
        found = [m for r in results if (m := _mark(r, name, graded=True)) and m.points != m.most]
        for diagnosis, count in Counter(mark.diagnosis for mark in found).most_common():
            said = {mark.message for mark in found if mark.diagnosis == diagnosis}
            words = marked(said.pop()) if len(said) == 1 else "in several ways"
            rows.append(
                f'<tr><th scope="row">{escape(name)}</th><td class="number">{count}</td>'
                f"<td>{escape(diagnosis)}</td><td>{words}</td></tr>"
            )
    if not rows:
        return "<h3>Frequent diagnoses</h3><p>None: everybody solved everything.</p>"
    head = _head(("Exercise", "Learners", "Diagnosis", "What the check says"))
    table = f"<table>{head}<tbody>{''.join(rows)}</tbody></table>"
    return f"<h3>Frequent diagnoses</h3>{_scroll('Frequent diagnoses', table)}"


def _stuck(results: list[Result]) -> str:
    """For each exercise, who tried and did not get there, and of whom nothing can be said."""
    items = []
    for name in _exercises(results):
        groups: dict[str, list[str]] = {"tried": [], "not attempted": [], "not judged": []}
        for result in results:
            mark = _mark(result, name, graded=True)
            if mark and mark.points != mark.most:
                untried = "not attempted" if mark.diagnosis in _UNTRIED else "tried"
                groups["not judged" if mark.diagnosis in _UNJUDGED else untried].append(
                    result.learner
                )
        words = "".join(
            f"<dd>{len(who)} {what}: {_people(who)}</dd>" for what, who in groups.items() if who
        )
        if words:
            items.append(f"<dt>{escape(name)}</dt>{words}")
    if not items:
        return "<h3>Who is stuck where</h3><p>Nobody.</p>"
    return f"<h3>Who is stuck where</h3><dl>{''.join(items)}</dl>"


def _exercises(results: list[Result]) -> dict[str, float]:
    return {mark.exercise: mark.most for result in results for mark in result.marks}


def _mark(result: Result, name: str, graded: bool = False) -> Mark | None:
    found = next((mark for mark in result.marks if mark.exercise == name), None)
    return None if found and graded and found.points is None else found


def _points(points: float) -> str:
    return f"{round(points, 2):g}"


def _people(names: list[str]) -> str:
    return escape(", ".join(sorted(names, key=str.casefold)))


def _head(names: Sequence[str]) -> str:
    return "<thead><tr>" + "".join(f'<th scope="col">{n}</th>' for n in names) + "</tr></thead>"


def _scroll(label: str, table: str) -> str:
    """A wide table scrolls by itself, with the keyboard too."""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">{table}</div>'
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
