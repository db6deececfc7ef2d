"""start.py: one command sets up, a repeat does nothing, and what can go wrong has its sentence."""

import ast
import os
import shutil
import subprocess
import sys

import pytest


@pytest.fixture
def clone(start, root, tmp_path, monkeypatch):
    """A copy of the files that decide what is installed, with start.py working there; no pip."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in ("pyproject.toml", "constraints.txt"):
        shutil.copy(root / name, folder)
    monkeypatch.setattr(start, "ROOT", str(folder))
    monkeypatch.setattr(start, "torch_options", lambda python: ([], 0))
    call = subprocess.call

    def call_without_pip(words, **more):
        return call([*words[:3], "--without-pip", *words[3:]], **more)

    monkeypatch.setattr(start.subprocess, "call", call_without_pip)
    return folder


class Pip:
    """Stands in for `pip install`: counts its runs, ends with the status it is told."""

    def __init__(self, status=0, log=""):
        self.status, self.log, self.runs = status, log, []

    def __call__(self, python, log, options):
        subprocess.run([python, "-c", ""], check=True)
        with open(log, "w") as file:
            file.write(self.log)
        self.runs.append(options)
        return self.status, [self.log]


def test_every_python_can_read_start_py(root):
    later = (
        ast.JoinedStr,
        ast.AnnAssign,
        ast.NamedExpr,
        ast.Nonlocal,
        ast.AsyncFunctionDef,
        ast.YieldFrom,
    )
    for node in ast.walk(ast.parse((root / "start.py").read_text())):
        assert not isinstance(node, later), f"line {node.lineno} is too new for Python 2.7"
        if isinstance(node, ast.FunctionDef):
            assert node.returns is None and not node.args.kwonlyargs
            assert all(argument.annotation is None for argument in node.args.args)
        if isinstance(node, ast.Raise):
            assert node.cause is None


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_an_old_python_is_told_what_to_do(start, version):
    sentence = start.version_problem(version)
    assert "needs Python 3.11" in sentence
    assert "this is Python {}.{}.".format(*version[:2]) in sentence
    assert "PYTHON=" in sentence


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 13, 1), (4, 0, 0)])
def test_a_new_python_is_welcome(start, version):
    assert start.version_problem(version) is None


def test_a_repeat_installs_nothing(start, clone, monkeypatch):
    pip = Pip()
    monkeypatch.setattr(start, "pip_install", pip)
    first = start.set_up("lab")
    assert start.set_up("lab") == first
    assert len(pip.runs) == 1


def test_the_tests_need_more_than_the_lab_and_the_lab_then_nothing(start, clone, monkeypatch):
    pip = Pip()
    monkeypatch.setattr(start, "pip_install", pip)
    for command in ("lab", "test", "lab", "test"):
        start.set_up(command)
    assert [options[-1] for options in pip.runs] == [
        ".[data,edge,fairness]",
        ".[authoring,book,data,dev,edge,fairness,lite,test,text]",
    ]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_changed_requirement_is_installed(start, clone, monkeypatch, name):
    pip = Pip()
    monkeypatch.setattr(start, "pip_install", pip)
    start.set_up("lab")
    with open(clone / name, "a") as file:
        file.write("\n# changed\n")
    start.set_up("lab")
    assert len(pip.runs) == 2


def test_a_moved_clone_is_set_up_again(start, clone, monkeypatch):
    pip = Pip()
    monkeypatch.setattr(start, "pip_install", pip)
    start.set_up("lab")
    moved = clone.rename(clone.with_name("moved"))
    monkeypatch.setattr(start, "ROOT", str(moved))
    assert start.set_up("lab") == start.venv_python(str(moved / ".venv"))
    assert len(pip.runs) == 2


@pytest.mark.parametrize("left", ["folders", "dead interpreter", "no stamp", "half a stamp"])
def test_an_interrupted_set_up_is_made_anew(start, clone, monkeypatch, left):
    venv = clone / ".venv"
    (venv / "bin").mkdir(parents=True)
    if left != "folders":
        (venv / "pyvenv.cfg").write_text("home = /nowhere\n")
        (venv / "bin" / "python").write_text("not a program")
    if left == "half a stamp":
        (venv / "train-by-hand.json").write_text('{"root": ')
    pip = Pip()
    monkeypatch.setattr(start, "pip_install", pip)
    python = start.set_up("lab")
    assert subprocess.check_output([python, "-c", "print(1)"], text=True) == "1\n"
    assert len(pip.runs) == 1


def test_a_failed_install_leaves_no_stamp(start, clone, monkeypatch):
    monkeypatch.setattr(start, "pip_install", Pip(1, "ReadTimeoutError: Read timed out."))
    with pytest.raises(start.Problem, match="check the network"):
        start.set_up("lab")
    assert start.read_stamp(str(clone / ".venv")) == {}
    again = Pip()
    monkeypatch.setattr(start, "pip_install", again)
    start.set_up("lab")
    assert len(again.runs) == 1


def test_an_update_that_fails_half_way_is_not_taken_for_done(start, clone, monkeypatch):
    monkeypatch.setattr(start, "pip_install", Pip())
    start.set_up("lab")
    before = (clone / "constraints.txt").read_bytes()
    (clone / "constraints.txt").write_bytes(before + b"# newer\n")
    monkeypatch.setattr(start, "pip_install", Pip(1, "ReadTimeout"))
    with pytest.raises(start.Problem):
        start.set_up("lab")
    (clone / "constraints.txt").write_bytes(before)
    again = Pip()
    monkeypatch.setattr(start, "pip_install", again)
    start.set_up("lab")
    assert len(again.runs) == 1


def test_a_folder_that_is_no_environment_is_left_alone(start, clone):
    (clone / ".venv").mkdir()
    (clone / ".venv" / "thesis.txt").write_text("mine")
    with pytest.raises(start.Problem, match="left alone"):
        start.set_up("lab")
    assert (clone / ".venv" / "thesis.txt").read_text() == "mine"


def test_a_python_without_venv_is_told_what_to_install(start, clone, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(start.Problem, match=r"apt install python3\.\d+-venv"):
        start.set_up("lab")


def test_an_unwritable_folder_is_named(start, clone, monkeypatch):
    def refuse(path, *rest):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(start.Problem, match=r"Cannot write in .*Permission denied.*home folder"):
        start.set_up("lab")


def test_a_full_disk_is_said_before_anything_is_made(start, clone, monkeypatch):
    monkeypatch.setitem(start.DISK_MB, "lab", 10**12)
    with pytest.raises(start.Problem, match="Not enough room"):
        start.set_up("lab")
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("log", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError: Failed to establish a new connection", "check the network"),
        ("ERROR: No matching distribution found for torch==2.13.0", "has no build for"),
        ("[Errno 13] Permission denied: 'x'", "could not be written"),
    ],
)
def test_what_pip_stumbled_over_gets_its_sentence(start, log, sentence):
    values = {"gb": 2.0, "torch": "2.13.0", "python": "3.11", "venv": "v"}
    assert sentence in start.reason(log, **values)


def test_what_is_not_known_is_told_in_pip_s_own_words(start, clone, monkeypatch):
    monkeypatch.setattr(start, "pip_install", Pip(1, "something new"))
    with pytest.raises(start.Problem, match=r"something new\nAll of them are in .*set-up\.log"):
        start.set_up("lab")


@pytest.mark.parametrize(
    ("platform", "local", "answers", "options", "more"),
    [
        ("darwin", False, False, [], 0),
        ("win32", False, True, [], 0),
        ("linux", True, False, [], 0),
        ("linux", False, True, ["--extra-index-url", "https://download.pytorch.org/whl/cpu"], 0),
        ("linux", False, False, [], 2700),
    ],
)
def test_linux_gets_pytorch_without_cuda_where_it_can(
    start, monkeypatch, platform, local, answers, options, more
):
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(start, "finds_cpu_torch", lambda python: local)
    monkeypatch.setattr(start, "reachable", lambda url: answers)
    assert start.torch_options("python") == (options, more)


def test_pinned_reads_the_constraints(start):
    assert start.pinned("torch").count(".") == 2
    with pytest.raises(start.Problem, match="no line for nonesuch"):
        start.pinned("nonesuch")


@pytest.mark.parametrize("words", [["labb"], ["setup", "everything"]])
def test_an_unknown_command_is_answered_with_the_known_ones(root, words):
    done = subprocess.run(
        [sys.executable, root / "start.py", *words], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "`lab`, `test` and `setup" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_command_it_explains_itself(root):
    done = subprocess.run([sys.executable, root / "start.py"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "python start.py lab" in done.stdout
