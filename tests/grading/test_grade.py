"""A whole class graded: each submission gets its own score and its own word, and only that."""

import csv
import json
import multiprocessing
import os
import sys
import time

import pytest
from grading_helpers import RIGHT, hand_in

from course.classroom.grading import grade as grading
from course.classroom.grading import records, run
from course.classroom.grading.grade import Interrupted
from course.classroom.grading.run import GraderFailed, Limits

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")


def scores(graded) -> dict[str, dict[str, float | None]]:
    return {r.learner: {m.exercise: m.points for m in r.marks} for r in graded.results}


def statuses(graded) -> dict[str, str]:
    return {r.learner: r.status for r in graded.results}


def diagnoses(graded, name: str) -> dict[str, str]:
    (result,) = (r for r in graded.results if r.learner == name)
    return {m.exercise: m.diagnosis for m in result.marks}


@pytest.fixture
def one(tmp_path, answered, grade_small):
    """Grade one submission: its points in the two exercises, its result."""

    def grade_one(*first: str, **cells: str | None):
        hand_in(tmp_path / "class", "Ada", answered(*first, **cells))
        (result,) = grade_small(again=True).results
        points = [m.points for m in result.marks if m.points is not None]
        return points, result

    return grade_one


def test_blank_half_right_wrong_and_perfect(tmp_path, answered, grade_small):
    folder = tmp_path / "class"
    hand_in(folder, "blank", answered())
    hand_in(folder, "half", answered(improve=RIGHT["improve"]))
    wrong = "def improve(error, rate):\n    return error + rate * error"
    partly = "def double(number):\n    return abs(number) + abs(number)"
    hand_in(folder, "wrong", answered(improve=wrong, double=partly))
    hand_in(folder, "perfect", answered(**RIGHT, why="Because it shrinks."))
    graded = grade_small()
    assert scores(graded) == {
        "blank": {"improve": 0, "double": 0, "why": None},
        "half": {"improve": 1, "double": 0, "why": None},
        "perfect": {"improve": 1, "double": 2, "why": None},
        "wrong": {"improve": 0, "double": 1, "why": None},
    }
    assert set(statuses(graded).values()) == {records.GRADED}
    assert diagnoses(graded, "blank")["improve"] == "not attempted"
    assert diagnoses(graded, "blank")["why"] == "left blank"
    assert diagnoses(graded, "perfect")["why"] == "for a person to read"
    assert diagnoses(graded, "wrong")["improve"] == "mistake 3"


def test_one_bad_submission_costs_only_its_own_score(tmp_path, answered, grade_small):
    folder = tmp_path / "class"
    hand_in(folder, "good", answered(**RIGHT))
    hand_in(folder, "exits", answered("import os\nos._exit(7)", **RIGHT))
    hand_in(
        folder, "exits late", answered(improve=RIGHT["improve"], double="import os\nos._exit(7)")
    )
    hand_in(folder, "hangs", answered("while True:\n    pass", **RIGHT))
    stubborn = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    hand_in(folder, "stubborn", answered(improve=RIGHT["improve"], double=stubborn))
    hand_in(folder, "no json", '{"cells": [')
    other = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "other").mkdir()
    (folder / "other" / "poem.ipynb").write_text(json.dumps(other))
    graded = grade_small()
    full, none = {"improve": 1, "double": 2, "why": None}, {"improve": 0, "double": 0}
    assert scores(graded) == {
        "good": full,
        "exits": {**none, "why": None},
        "exits late": {"improve": 1, "double": 0, "why": None},
        "hangs": full,
        "no json": none,
        "other / poem": {},
        "stubborn": {"improve": 1, "double": 0, "why": None},
    }
    found = statuses(graded)
    assert found["good"] == records.GRADED
    assert found["exits"] == found["exits late"] == records.CRASHED
    assert found["hangs"] == records.CELL_STOPPED
    assert found["no json"] == records.UNREADABLE
    assert found["other / poem"] == records.UNKNOWN_LESSON
    assert diagnoses(graded, "exits late")["double"] == "not reached"
    assert "exit status 7" in str(graded)


@posix
def test_a_submission_that_cannot_be_stopped_is_ended(tmp_path, answered, grade_small):
    endless = (
        "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\nwhile 1: pass"
    )
    hand_in(tmp_path / "class", "Ada", answered(improve=RIGHT["improve"], double=endless))
    graded = grade_small(limits=Limits(seconds=1))
    assert statuses(graded) == {"Ada": records.STOPPED}
    assert scores(graded)["Ada"] == {"improve": 1, "double": 0, "why": None}


@posix
def test_memory_is_limited(one):
    points, result = one("big = bytearray(2 * 10**9)", **RIGHT)
    assert points == [1, 2]
    assert result.status == records.MEMORY
    assert result.memory_limited


@pytest.mark.parametrize(
    "cheat",
    [
        "import course.checks\ncourse.checks.Exercise.check = lambda *a: course.checks.Score(1.0)",
        "import course.checks.exercise as e\ne.Exercise._judge = lambda s, a: s._score(3, '', 'passed')",
        "from course.checks import Score\nScore.__float__ = lambda self: 1.0",
        "import course.checks.exercise as e\ne.same = lambda *a, **k: True",
        "import course.checks.exercise as e\ne.same.__code__ = (lambda *a, **k: True).__code__",
        "from course.welcome import exercises as e\ne.improve.cases = []",
        "from course.welcome import exercises as e\ne.improve = None",
        "import sys, types\nfake = types.ModuleType('course.welcome.exercises')\n"
        "sys.modules['course.welcome.exercises'] = fake",
        "import builtins\nbuiltins.float = lambda x: 2.0",
        "import builtins\nbuiltins.sum = lambda x: 2",
    ],
)
def test_redefining_the_checks_raises_no_score_and_is_seen(one, cheat):
    points, result = one(cheat)
    assert points == [0, 0]
    assert result.status == records.CHANGED
    assert "look at it" in result.note
    points, _ = one(cheat, **RIGHT)
    assert points == [1, 2]  # the checks are put back, and judge what was written


@pytest.mark.parametrize(
    "cheat",
    [
        "class E:\n    def check(self): return 1.0\nexercises = type('M', (), {'improve': E()})",
        "sum = lambda right: 2\nfloat = lambda x: 2.0",
    ],
)
def test_shadowing_what_checks_use_raises_no_score(one, cheat):
    notebook_end = f"def double(number):\n    return None\n\n{cheat}"
    points, result = one(improve=notebook_end, double=notebook_end)
    assert points == [0, 0]
    assert result.status == records.GRADED


def test_changing_the_checks_from_inside_an_answer_scores_nothing(one):
    cheat = (
        "def improve(error, rate):\n"
        "    import course.checks.exercise as e\n"
        "    e.same = lambda *a, **k: True\n"
        "    return 0"
    )
    points, result = one(improve=cheat, double=RIGHT["double"])
    assert points == [0, 2]
    assert result.status == records.CHANGED


def test_the_course_s_own_reference_is_seen(one):
    _, result = one(improve="improve = exercises.improve.reference", double=RIGHT["double"])
    assert result.status == records.CHANGED
    assert result.marks[0].diagnosis == "the course's own function"


def test_a_forged_report_counts_for_nothing(one):
    forged = (
        'import os\nline = b\'{"event": "check", "name": "improve", "points": 1.0, '
        '"diagnosis": "passed", "message": "", "seconds": 0, "changed": ""}\\n\'\n'
        "for number in range(3, 20):\n"
        "    try: os.write(number, line)\n"
        "    except OSError: pass"
    )
    points, _ = one(forged)
    assert points == [0, 0]


def test_a_submission_runs_in_a_copy_without_the_grader_s_environment(
    tmp_path, answered, grade_small, monkeypatch
):
    monkeypatch.setenv("SECRET_OF_MINE", "token")
    folder = tmp_path / "class"
    nosy = (
        "import os\n"
        "open('01_small.ipynb', 'w').write('gone')\n"
        "open('mark.txt', 'w').write('x')\n"
        "print('noise'); os.write(1, b'noise'); os.write(2, b'noise')\n"
        "assert 'SECRET_OF_MINE' not in os.environ\n"
        "assert os.path.expanduser('~') == os.getcwd()\n"
        "assert os.environ['COURSE_PROGRESS'] == 'off'"
    )
    path = hand_in(folder, "Ada", answered(nosy, **RIGHT))
    before = path.read_bytes()
    graded = grade_small()
    assert scores(graded)["Ada"]["double"] == 2
    assert graded.results[0].note == ""
    assert path.read_bytes() == before
    assert [p.name for p in folder.rglob("*")] == ["Ada", "01_small.ipynb"]


def test_a_file_handed_in_beside_the_notebook_can_be_imported_and_shadows_nothing(
    tmp_path, answered, grade_small
):
    path = hand_in(
        tmp_path / "class", "Ada", answered("from mine import twice", double="double = twice")
    )
    (path.parent / "mine.py").write_text("def twice(number):\n    return 2 * number\n")
    (path.parent / "json.py").write_text("raise RuntimeError\n")
    (path.parent / "course.py").write_text("raise RuntimeError\n")
    assert scores(grade_small())["Ada"]["double"] == 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux cuts the network off")
def test_the_network_is_cut_where_the_system_allows_it_and_said_where_not(
    tmp_path, answered, grade_small
):
    ask = (
        "import socket\n"
        "names = [name for _, name in socket.if_nameindex()]\n"
        "up = open('/proc/net/route').read().count('\\n') > 1"
    )
    hand_in(tmp_path / "class", "Ada", answered(f"{ask}\nassert names == ['lo'] and not up"))
    graded = grade_small()
    (result,) = graded.results
    if result.network_cut:
        assert result.note == ""
        assert "not cut off" not in str(graded)
        open_again = grade_small(limits=Limits(seconds=2, network=True))
        assert not open_again.results[0].network_cut
        assert "The network was not cut off" in str(open_again)
    else:
        assert "The network was not cut off" in str(graded)


@posix
def test_what_a_submission_leaves_running_is_ended(tmp_path, answered, grade_small):
    began, stayed = tmp_path / "began", tmp_path / "stayed"
    program = f"import time; open({str(began)!r}, 'w'); time.sleep(2); open({str(stayed)!r}, 'w')"
    leave = (
        "import os, subprocess, sys, time\n"
        f"subprocess.Popen([sys.executable, '-c', {program!r}])\n"
        f"while not os.path.exists({str(began)!r}): time.sleep(0.01)"
    )
    hand_in(tmp_path / "class", "Ada", answered(leave, **RIGHT))
    graded = grade_small(limits=Limits(seconds=20))
    assert graded.results[0].note == "" and scores(graded)["Ada"]["double"] == 2
    assert began.exists()
    time.sleep(3)
    assert not stayed.exists()


@posix
def test_a_submission_that_sleeps_for_ever_is_ended(tmp_path, answered, grade_small, monkeypatch):
    monkeypatch.setattr(run, "GRACE", 0.5)
    asleep = (
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])\n"
        "while True: time.sleep(100)"
    )
    hand_in(tmp_path / "class", "Ada", answered(improve=RIGHT["improve"], double=asleep))
    graded = grade_small(limits=Limits(seconds=1))
    assert statuses(graded) == {"Ada": records.STOPPED}
    assert scores(graded)["Ada"] == {"improve": 1, "double": 0, "why": None}


@pytest.mark.skipif("forkserver" not in multiprocessing.get_all_start_methods(), reason="no fork")
def test_a_submission_starts_from_a_process_that_has_loaded_the_course(one):
    ask = "import sys\nassert 'course.classroom.grading.warm' in sys.modules"
    _, result = one(ask, **RIGHT)
    assert result.note == ""


def test_cells_run_as_in_a_notebook(one):
    points, result = one(
        "import asyncio\nawait asyncio.sleep(0)\nasyncio.get_running_loop()",
        "%matplotlib inline\nfiles = !echo hello",
        "value = 3;",
        **RIGHT,
    )
    assert points == [1, 2]
    assert result.note == ""


def test_a_cell_that_fails_is_noted_and_the_rest_is_graded(one):
    points, result = one("1 / 0", double=RIGHT["double"])
    assert points == [0, 2]
    assert result.note == "a cell failed with ZeroDivisionError: division by zero"


def test_what_was_graded_is_not_run_again(tmp_path, answered, grade_small, monkeypatch):
    folder = tmp_path / "class"
    hand_in(folder, "Ada", answered(**RIGHT))
    ben = hand_in(folder, "Ben", answered())
    first = grade_small()
    assert first.resumed == 0
    again = grade_small()
    assert again.resumed == 2
    assert again.results == first.results
    ben.write_text(json.dumps(answered(**RIGHT)))
    assert grade_small().resumed == 2  # the same notebook as Ada's, graded already
    ben.write_text(json.dumps(answered(improve=RIGHT["improve"])))
    changed = grade_small()
    assert changed.resumed == 1
    assert scores(changed)["Ben"]["improve"] == 1
    assert grade_small(limits=Limits(seconds=3)).resumed == 0  # other limits, other results
    monkeypatch.setattr(records, "course_code", lambda: b"a check was repaired")
    assert grade_small().resumed == 0


def test_a_damaged_result_is_graded_anew(tmp_path, answered, grade_small):
    hand_in(tmp_path / "class", "Ada", answered(**RIGHT))
    out = grade_small().out
    (kept,) = (out / "results").glob("*.json")
    kept.write_text('{"marks": [')
    assert grade_small().resumed == 0
    assert grade_small().resumed == 1


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, answered, grade_small, monkeypatch):
    for number in range(4):
        hand_in(tmp_path / "class", f"learner {number}", answered(f"x = {number}", **RIGHT))
    write, done = records.Records.write, []

    def interrupted(self, key, result):
        write(self, key, result)
        done.append(key)
        if len(done) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(records.Records, "write", interrupted)
    with pytest.raises(Interrupted, match="of 4 submissions are graded and kept"):
        grade_small(workers=1)
    monkeypatch.setattr(records.Records, "write", write)
    graded = grade_small()
    assert graded.resumed == 2
    assert len(graded.results) == 4


def test_a_fault_of_the_course_costs_nobody_points(tmp_path, answered, grade_small, monkeypatch):
    hand_in(tmp_path / "class", "Ada", answered(**RIGHT))
    monkeypatch.setattr(run, "imports_for_checks", lambda official: "import no_such_module")
    with pytest.raises(GraderFailed, match="no_such_module"):
        grade_small()
    assert not list((tmp_path / "class-grades").rglob("*.json"))


def test_a_fault_of_the_grader_with_one_submission_costs_no_other(
    tmp_path, answered, grade_small, monkeypatch
):
    for name in ("Ada", "Ben"):
        hand_in(tmp_path / "class", name, answered(f"name = {name!r}", **RIGHT))
    grade_one = grading.grade_one

    def stumble(submission, *more):
        if submission.learner == "Ben":
            raise ValueError("odd")
        return grade_one(submission, *more)

    monkeypatch.setattr(grading, "grade_one", stumble)
    graded = grade_small()
    assert statuses(graded) == {"Ada": records.GRADED, "Ben": records.CRASHED}
    assert scores(graded)["Ada"]["double"] == 2
    assert "the grader itself failed (ValueError: odd)" in str(graded)


def test_the_better_of_two_submissions_counts_and_both_are_told(tmp_path, answered, grade_small):
    folder = tmp_path / "class" / "Ada"
    hand_in(tmp_path / "class", "Ada", answered())
    (folder / "01_small (1).ipynb").write_text(json.dumps(answered(**RIGHT)))
    graded = grade_small()
    assert scores(graded) == {"Ada": {"improve": 1, "double": 2, "why": None}}
    assert len(graded.repeated) == 1


def test_the_table_has_a_line_for_each_exercise(tmp_path, answered, grade_small):
    hand_in(tmp_path / "class", "=cmd()", answered(improve=RIGHT["improve"]))
    out = grade_small().out
    with (out / "scores.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == records.COLUMNS
    assert [(r["exercise"], r["points"], r["max"]) for r in rows] == [
        ("improve", "1", "1"),
        ("double", "0", "2"),
        ("why", "", "1"),
    ]
    assert {r["learner"] for r in rows} == {"'=cmd()"}
    assert {r["status"] for r in rows} == {"graded"}


def test_grades_never_go_among_the_submissions(tmp_path, answered, grade_small):
    hand_in(tmp_path / "class", "Ada", answered())
    with pytest.raises(ValueError, match="another folder"):
        grade_small(out=tmp_path / "class" / "grades")


def test_the_grader_leaves_its_own_process_as_it_was(tmp_path, answered, grade_small):
    hand_in(tmp_path / "class", "Ada", answered(**RIGHT))
    environment, main = dict(os.environ), sys.modules["__main__"]
    grade_small()
    assert dict(os.environ) == environment
    assert sys.modules["__main__"] is main
