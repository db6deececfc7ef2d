"""What goes into a bundle for each platform, and what its installer says where it does not fit."""

import json
import re
import subprocess
import zipfile

import pytest

from course.classroom import bundle as room
from course.classroom import install_offline
from course.classroom.bundle import BundleError, bundle, requirements
from course.classroom.wheelhouse import missing

OWN = ["numpy>=2", 'mlxtend>=0.2; extra == "data"', 'pytest; extra == "test"']
INSTALLED = {
    "train-by-hand": ("1.0", ["an-older-edition-s-need"]),
    "numpy": ("2.4.0", []),
    "mlxtend": ("0.25", ["click>=8", "torch>=2"]),
    "click": ("8.5", ['colorama; sys_platform == "win32"']),
    "torch": (
        "2.13.0+cpu",
        ['nvidia-lib==1; platform_system == "Linux"', 'old; python_version < "3.12"'],
    ),
    "old": ("1.0", ["loop"]),
    "loop": ("1.0", ["old[more]"]),
}


@pytest.fixture
def installed(monkeypatch):
    def look(name, number):
        if name not in INSTALLED:
            raise room.metadata.PackageNotFoundError(name)
        return INSTALLED[name][number]

    monkeypatch.setattr(room.metadata, "version", lambda name: look(name, 0))
    monkeypatch.setattr(room.metadata, "requires", lambda name: look(name, 1))


@pytest.mark.parametrize(
    ("platform", "python", "expected"),
    [
        (
            "win",
            "3.12",
            ["click==8.5", "colorama", "mlxtend==0.25", "numpy==2.4.0", "torch==2.13.0"],
        ),
        ("mac", "3.12", ["click==8.5", "mlxtend==0.25", "numpy==2.4.0", "torch==2.13.0"]),
        (
            "mac",
            "3.11",
            [
                "click==8.5",
                "loop==1.0",
                "mlxtend==0.25",
                "numpy==2.4.0",
                "old==1.0",
                "torch==2.13.0",
            ],
        ),
        ("linux", "3.12", ["click==8.5", "mlxtend==0.25", "numpy==2.4.0", "torch==2.13.0+cpu"]),
    ],
)
def test_each_platform_gets_what_its_own_conditions_ask_for(installed, platform, python, expected):
    assert requirements(platform, python, OWN) == expected


def test_every_requirement_of_this_installation_has_a_version_or_is_the_other_platform_s():
    for platform in room.PLATFORMS:
        for line in requirements(platform, "3.12", room.metadata.requires("train-by-hand") or []):
            if "==" not in line:
                assert platform != "linux" or room.this_platform() != "linux", line


class Pip:
    """A stand-in for pip: notes its calls, makes the files that pip would make."""

    def __init__(self, fails: bool = False) -> None:
        self.calls: list[list[str]] = []
        self.fails = fails
        self.requires = list(OWN)

    def __call__(self, *words: str) -> subprocess.CompletedProcess:
        self.calls.append(list(words))
        option = "--wheel-dir" if words[0] == "wheel" else "--dest"
        folder = words[words.index(option) + 1]
        for word in words:
            found = re.fullmatch(r"([a-z-]+)(?:[=<>]=([\d.]+)(?:\+cpu)?)?", word)
            if found and found[1] not in ("wheel", "download", "cp") and found[1][0] != "-":
                self.make(folder, found[1], found[2] or "1.0")
        if len(self.calls) == 1:
            self.make(folder, "train-by-hand", "1.0")
        failed = self.fails and words[0] == "download"
        return subprocess.CompletedProcess(
            words, int(failed), "", "ERROR: No matching distribution"
        )

    def make(self, folder: str, name: str, version: str) -> None:
        lines = INSTALLED.get(name, ("", []))[1] if name != "train-by-hand" else self.requires
        file = f"{folder}/{name.replace('-', '_')}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as wheel:
            # PyTorch's build without GPU libraries asks for none.
            lines = [line for line in lines if not line.startswith("nvidia")]
            text = "".join(f"Requires-Dist: {line}\n" for line in lines)
            wheel.writestr("p.dist-info/METADATA", text)


@pytest.fixture
def pip(monkeypatch, installed) -> Pip:
    made = Pip()
    monkeypatch.setattr(room, "_pip", made)
    return made


def test_the_folder_holds_lessons_wheels_and_the_one_command(tmp_path, pip):
    made = bundle(tmp_path / "room", ["win", "mac", "win"], "3.12", "03")
    names = sorted(
        p.relative_to(tmp_path / "room").as_posix() for p in (tmp_path / "room").rglob("*.*")
    )
    assert names == [
        "START.md",
        "bundle.json",
        "install.py",
        "lessons/03_training_loop.ipynb",
        "wheels/click-8.5-py3-none-any.whl",
        "wheels/colorama-1.0-py3-none-any.whl",
        "wheels/mlxtend-0.25-py3-none-any.whl",
        "wheels/numpy-2.4.0-py3-none-any.whl",
        "wheels/torch-2.13.0-py3-none-any.whl",
        "wheels/train_by_hand-1.0-py3-none-any.whl",
    ]
    about = json.loads((tmp_path / "room" / "bundle.json").read_text())
    assert about["platforms"] == ["win", "mac"]
    assert "python install.py" in str(made)
    note = (tmp_path / "room" / "START.md").read_text()
    assert "python install.py" in note and "pip install" not in note


def test_without_a_clone_the_course_s_own_wheel_comes_from_the_repository(
    tmp_path, pip, monkeypatch
):
    monkeypatch.setattr(room, "clone_root", lambda: None)
    bundle(tmp_path / "room", ["win"], "3.12")
    assert pip.calls[0][-1].startswith("train-by-hand[data] @ https://github.com/")


def test_pip_is_asked_for_wheels_of_that_platform_and_python_only(tmp_path, pip):
    bundle(tmp_path / "room", ["win"], "3.13")
    build, get = pip.calls
    assert build[:2] == ["wheel", "--no-deps"]
    for words in (["--platform", "win_amd64"], ["--python-version", room.full_version("3.13")]):
        at = get.index(words[0])
        assert get[at : at + 2] == words
    assert {"--only-binary=:all:", "--no-deps", "colorama", "numpy==2.4.0"} <= set(get)
    assert room.TORCH_CPU not in get


def test_the_python_asked_for_has_three_numbers(monkeypatch):
    # A package may ask for 3.11.5, which pip takes "3.11" not to be.
    monkeypatch.setattr(room.sys, "version_info", (3, 11, 9, "final", 0))
    assert room.full_version("3.11") == "3.11.9"
    assert room.full_version("3.12") == "3.12.0"


def test_what_the_wheel_itself_requires_is_fetched_or_built(tmp_path, pip):
    # The clone asks for more than what is installed of it; one of these is published without a wheel.
    pip.requires += ['names>=0.3; extra == "data"', "brand-new>=2"]
    bundle(tmp_path / "room", ["win"], "3.12")
    _, build, get = pip.calls
    assert build[0] == "wheel" and build[-1] == "names>=0.3"
    assert "brand-new>=2" in get and "an-older-edition-s-need" not in get
    assert not any(word.startswith("names") for word in get)


def test_linux_asks_pytorch_s_own_server_for_the_cpu_build(tmp_path, pip):
    bundle(tmp_path / "room", ["linux"], "3.12")
    _, torch, others = pip.calls
    assert room.TORCH_CPU in torch and torch[-1] == "torch==2.13.0+cpu"
    assert room.TORCH_CPU not in others and "numpy==2.4.0" in others


def test_a_wheel_that_does_not_exist_is_said_in_pip_s_words(tmp_path, pip):
    pip.fails = True
    with pytest.raises(BundleError, match=r"no wheel for mac with Python 3\.12[\s\S]*No matching"):
        bundle(tmp_path / "room", ["mac"], "3.12")


@pytest.mark.parametrize(
    ("platform", "python", "words"),
    [
        ("amiga", "3.12", "platform is 'amiga'"),
        ("win", "3.9", "python is '3.9'"),
        ("win", "2.7", "python is '2.7'"),
        ("win", "three", "python is 'three'"),
    ],
)
def test_what_cannot_be_bundled_is_refused(tmp_path, platform, python, words):
    with pytest.raises(ValueError, match=words):
        bundle(tmp_path / "room", [platform], python)
    assert not (tmp_path / "room").exists()


ABOUT = {"python": "3.12", "platforms": ["win", "mac"]}


@pytest.mark.parametrize(
    ("version", "platform", "words"),
    [
        ("3.12", "win", None),
        ("3.11", "win", "for Python 3.12, and this is Python 3.11"),
        ("3.12", "linux", "for win, mac, and this computer is linux"),
    ],
)
def test_the_installer_says_where_it_does_not_fit(version, platform, words):
    found = install_offline.problem(ABOUT, version, platform)
    assert found is None if words is None else words in found


def test_the_installer_asks_no_index_and_runs_from_the_folder_alone(tmp_path, monkeypatch):
    here = f"{install_offline.sys.version_info[0]}.{install_offline.sys.version_info[1]}"
    platforms = ["win", "mac", "linux"]
    about = {"python": here, "platforms": platforms, "project": "p", "extra": "data"}
    (tmp_path / "bundle.json").write_text(json.dumps(about))
    (tmp_path / ".venv").mkdir()
    calls: list[tuple[list[str], dict]] = []

    def call(words, env=None):
        calls.append((words, env or {}))
        return 0

    monkeypatch.setenv("PIP_INDEX_URL", "https://elsewhere")
    monkeypatch.setattr(install_offline, "HERE", str(tmp_path))
    monkeypatch.setattr(install_offline.subprocess, "call", call)
    assert install_offline.main(["--no-lab"]) == 0
    (_, _), (pip_words, env), (last, _) = calls
    assert {"--no-index", "--find-links", "p[data]"} <= set(pip_words)
    assert "PIP_INDEX_URL" not in env
    assert last[-1] == "--version"
    calls.clear()
    assert install_offline.main(["--no-lab"]) == 0
    assert len(calls) == 1  # the second time, nothing is installed again


def test_a_bundle_that_lacks_a_wheel_is_refused_before_it_reaches_the_room(
    tmp_path, pip, monkeypatch
):
    monkeypatch.setattr(room, "requirements", lambda *_: ["mlxtend==0.25", "numpy==1.0"])
    with pytest.raises(BundleError, match=r"would still ask for click>=8, numpy>=2, torch>=2"):
        bundle(tmp_path / "room", ["win"], "3.12")


def test_a_wheel_for_another_platform_does_not_count(tmp_path, pip):
    pip.requires = ["numpy>=2"]
    pip.make(str(tmp_path), "train-by-hand", "1.0")
    pip.make(str(tmp_path), "numpy", "2.4.0")
    ask = ("train-by-hand[data]", ("win_amd64",), room.environment("win", "3.12"))
    assert missing(tmp_path, *ask) == []
    made = tmp_path / "numpy-2.4.0-py3-none-any.whl"
    made.rename(tmp_path / "numpy-2.4.0-cp312-cp312-macosx_11_0_arm64.whl")
    assert missing(tmp_path, *ask) == ["numpy>=2"]
