"""The files that we build, through a real nbgrader: generate, collect, autograde, feedback.

The scores that nbgrader records are held to those that `course grade` gives for the same notebooks.
"""

import copy
import json
import logging
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from grading_helpers import RIGHT, SOURCE, code

from course.authoring.build import build
from course.classroom.grading.grade import grade
from course.classroom.grading.run import Limits
from course.classroom.syllabus import lessons

NAME = "01_small"
WRONG = "def improve(error, rate):\n    return error + rate * error"
NOISY = (
    "import sys, time, pathlib\n"
    "pathlib.Path('left_behind.txt').write_text('x')\n"
    "print('noise')\nprint('trouble', file=sys.stderr)\ntime.sleep(0.2)\n"
)
NOISY_ANSWER = (
    "def improve(error, rate):\n"
    "    import os, sys\n    print('noise'); print('trouble', file=sys.stderr)\n"
    "    os.system('echo trouble >&2')\n"
    "    pathlib.Path('from_inside.txt').write_text('x')\n"
    "    return error - rate * error"
)
ENDLESS = "def improve(error, rate):\n    while True:\n        pass"
# Each learner's cells by id ("" is a cell of their own on top), and the points due.
CLASS: dict[str, tuple[dict[str, str], float]] = {
    "blank": ({}, 0),
    "half": ({"improve": RIGHT["improve"]}, 1),
    "wrong": ({"improve": WRONG, "double": "def double(n):\n    return abs(n) + abs(n)"}, 1),
    "noisy": ({"": NOISY, "improve": NOISY_ANSWER, "double": RIGHT["double"]}, 3),
    "endless": ({"improve": ENDLESS, "double": RIGHT["double"]}, 2),
    "edited_check": ({"improve_check": "1.0", "double_check": "2.0"}, 0),
    "perfect": ({**RIGHT, "why": "Because it shrinks."}, 3),
}


@pytest.fixture
def quiet() -> Iterator[None]:
    """nbgrader and its database warn, and log, about matters of their own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    logging.getLogger("traitlets").handlers.clear()


def hand_in(folder: Path, blank: dict, cells: dict[str, str]) -> None:
    notebook = copy.deepcopy(blank)
    for cell in notebook["cells"]:
        if cell["id"] in cells:
            cell["source"] = cells[cell["id"]]
    if "" in cells:
        notebook["cells"].insert(0, code(cells[""], "mine"))
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.slow
def test_nbgrader_takes_our_files_and_scores_as_our_grader_does(
    tmp_path: Path, quiet: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    # nbgrader calls the command of its database by name.
    beside = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    monkeypatch.setenv("PATH", beside)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("COURSE_PROGRESS", "off")
    for name in ("PYTEST_CURRENT_TEST", "COURSE_RAISE_ERRORS"):
        monkeypatch.delenv(name, raising=False)
    ours = tmp_path / "ours"
    (ours / "solutions").mkdir(parents=True)
    (ours / "solutions" / f"{NAME}.py").write_text(SOURCE, encoding="utf-8")
    assert build(ours) == []

    course_folder = tmp_path / "class"
    given = course_folder / "source" / "week1"
    given.mkdir(parents=True)
    shutil.copy(ours / "solutions" / f"{NAME}.ipynb", given)
    config = Config()
    config.CourseDirectory.root = str(course_folder)
    config.CourseDirectory.db_url = f"sqlite:///{course_folder / 'gradebook.db'}"
    config.CourseDirectory.course_id = "course"
    config.ExchangeCollect.check_owner = False
    config.Exchange.root = str(tmp_path / "exchange")
    config.ClearSolutions.code_stub = {
        "python": 'raise NotImplementedError("Write your answer here.")'
    }
    config.ExecutePreprocessor.timeout = 30
    (tmp_path / "exchange").mkdir()
    api = NbGraderAPI(config=config)

    made = api.generate_assignment("week1")
    assert made["success"], made["log"]
    released = json.loads((course_folder / "release" / "week1" / f"{NAME}.ipynb").read_text())
    built = json.loads((ours / "lessons" / f"{NAME}.ipynb").read_text())
    exercises = [
        c["id"] for c in built["cells"] if c["metadata"].get("nbgrader", {}).get("solution")
    ]
    sources = [{c["id"]: c["source"] for c in book["cells"]} for book in (released, built)]
    for name in exercises[:2]:  # nbgrader's own stub for code is what our edition shows
        assert sources[0][name] == sources[1][name]

    inbound = tmp_path / "exchange" / "course" / "inbound"
    for learner, (cells, _) in CLASS.items():
        hand_in(tmp_path / "handed-in" / learner, built, cells)
        # As `nbgrader submit` puts it, which knows one learner only: whoever is logged in.
        box = inbound / f"{learner}+week1+2026-11-02 10:00:00.000000 UTC+random"
        shutil.copytree(tmp_path / "handed-in" / learner, box)
        (box / "timestamp.txt").write_text("2026-11-02 10:00:00.000000 UTC")
    collected = api.collect("week1")
    assert collected["success"], collected["log"]

    for learner in CLASS:
        graded = api.autograde("week1", learner)
        assert graded["success"], graded["log"]
        assert api.generate_feedback("week1", learner)["success"]
        assert (course_folder / "feedback" / learner / "week1" / f"{NAME}.html").exists()

    with api.gradebook as book:
        theirs = {who: book.find_submission("week1", who).notebooks[0].code_score for who in CLASS}
    assert theirs == {learner: due for learner, (_, due) in CLASS.items()}

    found = grade(
        tmp_path / "handed-in",
        limits=Limits(seconds=10),
        lessons=lessons(ours / "lessons"),
    )
    assert {result.learner: result.points for result in found.results} == theirs
    assert not list((tmp_path / "handed-in").rglob("*.txt"))
