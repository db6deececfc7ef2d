"""What is done and what is next comes from the notebooks' own words and the learner's scores."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from course.lessons import lesson_cells, lessons_source, read_lessons, text_of
from course.progress import overview, panel, record, summary
from course.progress.asked import questions_of
from course.progress.state import State
from course.progress.store import Store


def test_a_lesson_says_its_title_minutes_and_exercises() -> None:
    (lesson,) = (found for found in read_lessons(lessons_source()) if found.number == "03")
    assert lesson.title == "The training loop" and 30 <= lesson.minutes <= 60
    first, *_, last = lesson.tasks
    assert (first.name, first.label, first.words) == ("sgd_step", "Exercise 1", False)
    assert last.words and last.label == f"Exercise {len(lesson.tasks)}"


def test_no_two_lessons_share_an_exercise() -> None:
    names = [task.name for lesson in read_lessons(lessons_source()) for task in lesson.tasks]
    assert len(names) == len(set(names)), "progress is kept by an exercise's name: rename one"


def test_lessons_with_exercises_say_how_long_they_take() -> None:
    for lesson in read_lessons(lessons_source()):
        assert lesson.minutes and all(task.minutes for task in lesson.tasks), lesson.name


def cell(kind: str, source: str, **marks: Any) -> dict[str, Any]:
    metadata = {"nbgrader": marks} if marks else {}
    return {"cell_type": kind, "source": source, "metadata": metadata}


def lesson_file(path: Path, number: int, *names: str) -> None:
    cells = [cell("markdown", f"# {number:02d} · Lesson {number}\n\n**20 minutes**")]
    for n, name in enumerate(names, start=1):
        cells.append(cell("markdown", f"**Exercise {n}** ●○○ ({n} minutes). Do it."))
        cells.append(cell("code", "def f(): ...", grade_id=name, solution=True))
        cells.append(cell("code", "check", grade_id=f"{name}_check", grade=True, points=2))
    words = cell(
        "markdown", "Say why.", grade_id=f"why_{number}", grade=True, solution=True, points=1
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"cells": [*cells, words]}))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's folder with two lessons, and no others in the course."""
    monkeypatch.delenv(record.PLACE)
    for folder in (
        tmp_path / "source",
        tmp_path / "mine",
        tmp_path / "mine/.train-by-hand/originals",
    ):
        lesson_file(folder / "01_one.ipynb", 1, "a", "b")
        lesson_file(folder / "02_two.ipynb", 2, "c")
    monkeypatch.setattr("course.progress.summary.lessons_source", lambda: tmp_path / "source")
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


def test_the_overview_names_the_next_thing_to_do(home: Path) -> None:
    assert "Begin with lesson 01." in str(overview())
    record.check("a", 2, 2, "passed")
    record.check("b", 1, 2, "sign")
    text = str(overview())
    assert "01  Lesson 1  1 of 3 done     20 minutes\n    next: Exercise 2, b (2 minutes)" in text
    assert "Begin" not in text
    record.check("b", 2, 2, "passed")
    assert "2 of 3 done" in str(overview()) and "next: Exercise 2, why_1" in str(overview())


def test_an_answer_in_words_counts_when_it_is_written(home: Path) -> None:
    lesson = json.loads((home / "01_one.ipynb").read_text())
    lesson["cells"][-1]["source"] = ["Say why.\n", "\n", "Because."]
    (home / "01_one.ipynb").write_text(json.dumps(lesson))
    assert overview().rows[0].done == {"why_1"}
    assert overview().rows[1].done == set()


def test_everything_done_is_said(home: Path) -> None:
    for name in "abc":
        record.check(name, 2, 2, "passed")
    for number, name in ((1, "01_one"), (2, "02_two")):
        text = (home / f"{name}.ipynb").read_text().replace("Say why.", f"Because {number}.")
        (home / f"{name}.ipynb").write_text(text)
    assert str(overview()).endswith("Everything is done.")


def test_the_learners_folder_is_found_from_inside_it(home: Path, monkeypatch) -> None:
    (home / "data").mkdir()
    monkeypatch.chdir(home / "data")
    assert record.place() == home / ".progress"
    monkeypatch.setenv(record.PLACE, str(home / "elsewhere"))
    assert record.place() == home / "elsewhere"
    monkeypatch.setenv(record.PLACE, "off")
    assert record.place() is None
    monkeypatch.delenv(record.PLACE)
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert record.place() is None


def test_a_stray_file_does_not_hide_the_learners_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv(record.PLACE)
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert record.place() == tmp_path / "a" / "b" / ".progress"
    (tmp_path / ".progress").write_text("")
    assert record.place() == tmp_path / ".progress" and record.learner_folder() is None
    (tmp_path / "a" / ".train-by-hand").mkdir()
    (tmp_path / "a" / "b" / ".progress").write_text("")
    assert record.place() == tmp_path / "a" / ".progress"


def test_the_panel_is_a_table_and_escapes_what_it_shows(home: Path) -> None:
    record.check("<script>", 0, 2, "<img>")
    lesson_file(home.parent / "source" / "03_three.ipynb", 3, "<b>d</b>")
    html = panel()._repr_html_()
    assert "<b>d" not in html and "&lt;b&gt;d" in html
    assert '<th scope="row"' in html and "0 of 3 done" in html
    page = panel().page()
    assert "<script>" not in page and "&lt;script&gt;" in page and "&lt;img&gt;" in page


def test_a_report_has_every_score_and_what_was_met(home: Path) -> None:
    record.check("a", 0, 2, "sign")
    record.check("a", 0, 2, "sign")
    record.check("a", 2, 2, "passed")
    record.answer("Why?", "So.", True)
    text = panel().markdown()
    assert "| 01 Lesson 1 | 1 of 3 done | 2 of 4 |  | 20 |" in text
    assert "| Exercise 1, a | 2 of 2 | 2 | 3 | sign (2 times) |" in text
    assert "Questions: 1 right of 1 answered." in text


def test_questions_are_counted_by_lesson(monkeypatch) -> None:
    from course.learning import questions

    monkeypatch.delenv(record.PLACE, raising=False)
    asked = {lesson: len(names) for lesson, names in summary._asked().items()}
    assert asked["00_start_here"] == 1 and asked["01_what_training_is"] == 3
    questions.falling_loss().handle({"chosen": 0})
    first, second, *_ = overview().rows
    assert (first.asked, first.right, first.begun) == (1, 0, False)
    assert (second.asked, second.begun) == (3, True)
    wrong = questions.too_large()
    right = [option["right"] for option in wrong.options]
    wrong.handle({"chosen": right.index(False)})
    assert overview().rows[1].right == questions.falling_loss().solved
    wrong.handle({"chosen": right.index(True)})
    assert overview().rows[1].right == questions.falling_loss().solved + 1
    text = f"{overview().rows[1].right} of 3 right"
    assert f"questions: {text}" in str(overview())
    assert text in overview().html() and text in overview().markdown()


def test_every_question_of_every_lesson_is_counted() -> None:
    """The names are read from the source without running it; the widgets must keep the same."""
    for file in sorted(lessons_source().glob("*.ipynb")):
        code = "".join(text_of(cell) for cell, _ in lesson_cells(file))
        room = re.search(r"from course\.(\w+) import .*\bquestions\b", code)
        if not room:
            continue
        module = importlib.import_module(f"course.{room[1]}.questions")
        shown = set(re.findall(r"\bquestions\.(\w+)\(\)", code))
        makers = {name: getattr(module, name) for name in shown}
        made = [f() for f in makers.values() if f.__annotations__.get("return") == "Question"]
        assert {question.key for question in made} == questions_of(file), file.name


def test_a_damaged_store_is_said_in_the_panel(home: Path) -> None:
    record.check("a", 2, 2, "passed")
    with (home / ".progress").open("ab") as file:
        file.write(b"damage")
    shown = panel()
    assert "set aside as .progress.damaged" in str(shown) and "1 of 3 done" in str(shown)


def test_a_store_that_cannot_be_read_does_not_break_the_panel(home: Path) -> None:
    (home / ".progress").mkdir()
    assert "Your progress cannot be read" in str(panel())


def test_a_broken_notebook_still_has_its_lesson(home: Path) -> None:
    (home / "01_one.ipynb").write_text("{")
    assert [row.lesson.name for row in overview().rows] == ["01_one", "02_two"]


def test_a_store_that_fails_never_breaks_a_check(tmp_path: Path, monkeypatch) -> None:
    from course.checks import Exercise, case

    (tmp_path / "file").write_text("")
    monkeypatch.setenv(record.PLACE, str(tmp_path / "file" / ".progress"))
    exercise = Exercise("double", lambda x: 2 * x, [case(1.0)], hints=["one", "two"])
    score = exercise.check(lambda x: x)
    assert score.verdict == "not right yet" and score.hints == ("one",)
    assert "Your progress could not be saved (" in score.note
    assert exercise.check(lambda x: 2 * x).passed
    assert exercise.check(lambda x: x).hints == ("one",)


def test_what_cannot_be_written_down_is_a_line_and_no_exception() -> None:
    event = {"what": "guess", "name": "a", "value": object()}
    assert record.record(event) == "Your progress could not be saved (ValueError)."
    assert record.state() == State()


def test_a_check_goes_on_where_the_last_kernel_stopped(tmp_path: Path) -> None:
    from course.checks import Exercise, case

    def after_a_restart() -> Exercise:
        return Exercise("double", lambda x: 2 * x, [case(1.0)], hints=["one", "two"], solution="s")

    assert after_a_restart().check(lambda x: x).hints == ("one",)
    assert after_a_restart().check(lambda x: x).hints == ("one", "two")
    assert after_a_restart().check(lambda x: x).link.endswith("/s")
    assert after_a_restart().check(lambda x: 2 * x).passed
    assert after_a_restart().check(lambda x: x).hints == ("one",)
    known = record.state().checks["double"]
    assert (known.best, known.last, known.tries) == (1.0, 0.0, 4)


def test_a_known_mistake_is_remembered_in_words() -> None:
    from course.checks import Exercise, case

    mistakes = [
        (lambda x: x, "It is `x` itself. Double it."),
        (lambda x: -x, "The sign: see above."),
    ]
    exercise = Exercise("double", lambda x: 2 * x, [case(1.0)], mistakes)
    for answer in (lambda x: x, lambda x: -x, lambda x: 5 * x):
        exercise.check(answer)
    assert list(record.state().checks["double"].diagnoses) == [
        *("It is x itself", "The sign", "wrong value")
    ]


def test_a_long_message_is_cut_between_words() -> None:
    from course.checks.exercise import _first_clause

    said = "This is the mean of the errors without their signs (the mean absolute error). Square."
    assert _first_clause(said) == "This is the mean of the errors without their signs"
    assert _first_clause("word " * 40) == "word " * 13 + "…"


def test_thirds_are_rounded(home: Path) -> None:
    from course.checks import Score

    record.check("a", 2 / 3, 2, "sign")
    assert "| 0.67 of 4 |" in panel().markdown() and "0.67 of 2" in panel().page()
    assert "(0.67 of 2 points)" in Score(2 / 3, exercise="a", points=2.0).heading
    assert repr(Score(2 / 3)) == "0.6666666666666666"  # what nbgrader reads stays exact


def test_a_stub_is_no_try() -> None:
    from course.checks import Exercise, case
    from course.checks.verify import stub_of

    exercise = Exercise("double", lambda x: 2 * x, [case(1.0)])
    exercise.check(stub_of(exercise))
    exercise.check()
    assert record.state() == State()


def test_a_choice_and_a_prediction_are_there_after_a_restart(monkeypatch) -> None:
    from course.progress.record import Guesses
    from course.widgets import Prediction, Question, prediction, right, slider, wrong

    def ask(*texts: str) -> Question:
        options = [right(texts[0], "yes"), *(wrong(text, "no") for text in texts[1:])]
        return Question("Which?", options)

    ask("a", "b", "c").handle({"chosen": 2})
    again = ask("a", "c")
    assert again.answer == "c" and not again.solved
    assert ask("a", "b").answer is None  # an option that is no longer offered

    assert isinstance(prediction.STORE, Guesses)

    def card() -> Prediction:
        monkeypatch.setattr(prediction, "STORE", Guesses())  # as in a new kernel
        return Prediction("Rate?", slider(0.1, 0.0, 1.0, label="Rate"), key="rate")

    card().handle({"commit": {"text": "0.5"}})
    assert card().guess == 0.5 and card().committed == "0.5"
    assert card().compare(0.5).verdict == "Exactly as you predicted."
    assert Store(record.place()).read().guesses["rate"].value == 0.5  # type: ignore[arg-type]


def test_a_prediction_is_shown_also_where_nothing_can_be_stored(tmp_path, monkeypatch) -> None:
    from course.widgets import Prediction, slider

    (tmp_path / "file").write_text("")
    monkeypatch.setenv(record.PLACE, str(tmp_path / "file" / ".progress"))
    card = Prediction("Rate?", slider(0.1, 0.0, 1.0, label="Rate"), key="unstored")
    card.commit(0.25)
    assert card.compare(0.5).predicted == "0.25"
