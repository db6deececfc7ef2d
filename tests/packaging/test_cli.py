"""The `course` command: what can be put right at the keyboard is a sentence and exit status 1."""

import subprocess
import sys

import pytest

from course import __version__
from course.cli import main


def run(capsys, *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(words))
        raise SystemExit(0)
    printed = capsys.readouterr()
    return ended.value.code, printed.out, printed.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["labb"], "There is no command `labb`. Did you mean `course lab`? Commands: book,"),
        (["--nonesuch"], "No such option"),
        (["lab", "--port", "many"], "'many' is not a valid integer"),
        (["compare"], "Missing argument 'MODEL'"),
        (["compare", "mlp", "--data", "digits", "--epochs", "0"], "0 is not in the range"),
        (["compare", "mlp", "--data", "digits", "--dtype", "int8"], "is not one of"),
    ],
)
def test_a_mistyped_command_is_a_sentence(capsys, words, sentence):
    status, out, err = run(capsys, *words)
    assert (status, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err


def test_a_port_that_cannot_be_is_a_sentence(capsys, tmp_path):
    status, _, err = run(capsys, "lab", "--port", "80", "--dir", str(tmp_path / "mine"))
    assert status == 1
    assert err == "course: Port 80 cannot be used: choose one from 1024 to 65535.\n"


@pytest.mark.parametrize("command", ["lab", "start"])
def test_an_unwritable_folder_is_a_sentence(capsys, tmp_path, command):
    (tmp_path / "file").write_text("")
    status, _, err = run(capsys, command, "--dir", str(tmp_path / "file" / "mine"))
    assert status == 1
    assert err.startswith("course: Cannot write your lessons to")


def test_a_missing_package_says_how_to_get_it(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr("course.classroom.folder.update", lambda *given: __import__("nonesuch"))
    status, _, err = run(capsys, "start", "--dir", str(tmp_path))
    assert status == 1
    assert err == "course: nonesuch is not installed here. Get it with: pip install nonesuch\n"


def test_a_real_process_prints_no_stack(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "course.cli", "strat"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "Did you mean `course start`?" in done.stderr
    assert "Traceback" not in done.stderr


def test_debug_shows_where_an_error_arose(tmp_path):
    with pytest.raises(ValueError, match="Port 80"):
        main(["--debug", "lab", "--port", "80", "--dir", str(tmp_path / "mine")])


def test_version_and_help(capsys):
    assert run(capsys, "--version") == (0, f"Train by Hand {__version__}\n", "")
    status, out, _ = run(capsys)
    assert status == 0
    for command in ("build", "compare", "lab", "start"):
        assert command in out


def test_start_copies_the_lessons(capsys, tmp_path):
    status, out, _ = run(capsys, "start", "--dir", str(tmp_path / "mine"))
    assert status == 0
    assert f"Your lessons are in {tmp_path / 'mine'}." in out
