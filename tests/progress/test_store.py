"""The store survives two writers at once, a kill in the middle of a write, and a damaged file."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.progress.state import Check, State, read_state
from course.progress.store import Store

WRITER = """
import sys
from pathlib import Path
from course.progress.store import Store
store, who, count = Store(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
for n in range(count):
    store.add({"what": "guess", "name": f"{who} {n}", "value": n})
    print(n, flush=True)
"""


def scored(name: str = "sgd_step", value: float = 1.0, diagnosis: str = "mistake 1") -> dict:
    return {"what": "check", "name": name, "value": value, "points": 2.0, "diagnosis": diagnosis}


def writer(path: Path, who: str, count: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", WRITER, str(path), who, str(count)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


def test_what_is_added_is_read_back(tmp_path: Path) -> None:
    store = Store(tmp_path / "new" / ".progress")
    assert not store.read()
    store.add(scored(value=1.0))
    store.add(scored(value=0.0, diagnosis="sign"))
    known = Store(store.path).read().checks["sgd_step"]
    assert (known.best, known.last, known.tries, known.misses) == (1.0, 0.0, 2, 2)
    assert known.diagnoses == {"mistake 1": 1, "sign": 1}


def test_full_marks_end_the_count_of_tries(tmp_path: Path) -> None:
    store = Store(tmp_path / ".progress")
    for value in (0.0, 2.0, 2.0, 2.0):
        store.add(scored(value=value))
    known = store.read().checks["sgd_step"]
    assert known.done and (known.tries, known.misses) == (2, 0)


def test_two_notebooks_may_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / ".progress"
    writers = [writer(path, who, 60) for who in ("a", "b")]
    for process in writers:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(Store(path).read().guesses) == 120
    assert not list(tmp_path.glob("*damaged*"))


def test_two_notebooks_may_write_while_the_file_is_rewritten(tmp_path: Path) -> None:
    path = tmp_path / ".progress"
    path.write_bytes(b"damage\n")
    writers = [writer(path, who, 40) for who in ("a", "b", "c")]
    for process in writers:
        process.communicate(timeout=60)
    assert len(Store(path).read().guesses) == 120
    assert len(list(tmp_path.glob("*damaged*"))) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_kill_loses_nothing_that_was_confirmed(tmp_path: Path) -> None:
    path = tmp_path / ".progress"
    confirmed = 0
    for who in ("a", "b", "c"):
        process = writer(path, who, 10_000)
        assert process.stdout
        for _ in range(random.Random(who).randint(5, 25)):
            process.stdout.readline()
            confirmed += 1
        os.kill(process.pid, signal.SIGKILL)
        confirmed += len(process.communicate()[0].splitlines())
    assert len(Store(path).read().guesses) >= confirmed


def test_a_torn_last_line_costs_only_itself(tmp_path: Path) -> None:
    store = Store(tmp_path / ".progress")
    store.add(scored("one"))
    store.add(scored("two"))
    store.path.write_bytes(store.path.read_bytes()[:-20])
    again = Store(store.path)
    again.add(scored("three"))
    assert set(again.read().checks) == {"one", "three"}
    assert "everything else in it is kept" in again.notice


def test_a_lost_last_line_end_joins_no_lines(tmp_path: Path) -> None:
    store = Store(tmp_path / ".progress")
    store.add(scored("one"))
    store.path.write_bytes(store.path.read_bytes()[:-1])
    store.add(scored("two"))
    assert set(store.read().checks) == {"one", "two"}


@given(st.integers(0, 400), st.integers(0, 255))
def test_one_wrong_byte_costs_one_event_at_most(tmp_path_factory, place: int, byte: int) -> None:
    store = Store(tmp_path_factory.mktemp("damage") / ".progress")
    for name in ("one", "two", "three"):
        store.add(scored(name))
    before = bytearray(store.path.read_bytes())
    place %= len(before)
    changed = before[place] != byte
    before[place] = byte
    store.path.write_bytes(before)
    found = store.read().checks
    # A lost line end joins two lines, and then both are lost.
    assert len(found) >= 1 and (len(found) < 3) == changed
    assert bool(store.notice) == changed
    (aside,) = store.path.parent.glob("*damaged*") if changed else [None]
    assert aside is None or aside.read_bytes() == bytes(before)
    assert Store(store.path).read().checks == found


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\x00\xfe",
        b"{}",
        b"[]\n",
        b"00000000 null\n",
        b"d202ef8d x",
        b"-0000000 1",
        b"\n\n\x00",
    ],
)
def test_a_file_of_garbage_is_set_aside_and_named(tmp_path: Path, garbage: bytes) -> None:
    store = Store(tmp_path / ".progress")
    store.path.write_bytes(garbage)
    assert not store.read()
    (aside,) = tmp_path.glob("*damaged*")
    assert aside.name in store.notice and "nothing in it could be read" in store.notice
    assert aside.read_bytes() == garbage
    assert Store(store.path).read() == State()


def test_a_long_file_is_summed_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course.progress.store._LARGEST", 2000)
    store = Store(tmp_path / ".progress")
    for _ in range(50):
        store.add(scored(value=0.0))
    known = store.read().checks["sgd_step"]
    assert (known.tries, known.diagnoses) == (50, {"mistake 1": 50})
    assert store.path.stat().st_size < 3000


@pytest.mark.skipif(sys.platform == "win32", reason="flock is not there")
def test_a_lock_that_is_never_given_back_stops_nobody(tmp_path: Path, monkeypatch) -> None:
    import fcntl

    monkeypatch.setattr("course.progress.store._PATIENCE", 0.05)
    store = Store(tmp_path / ".progress")
    store.add(scored("one"))
    with (tmp_path / ".progress.lock").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        started = time.monotonic()
        store.add(scored("two"))
        assert time.monotonic() - started < 30
    assert set(store.read().checks) == {"one", "two"}


def test_forgetting_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / ".progress")
    store.path.write_bytes(b"damage")
    store.add(scored())
    assert len(store.forget()) == 3
    assert list(tmp_path.iterdir()) == []


SCORES = st.builds(
    lambda part, last, tries, misses, when, met: Check(
        2 * part, 2.0, 2 * part * last, tries, misses, when, met
    ),
    st.sampled_from([0.0, 0.5, 1.0]),
    st.sampled_from([0.0, 1.0]),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(1, 99).map(float),
    st.dictionaries(st.sampled_from(["sign", "factor"]), st.integers(1, 5)),
)
STATES = st.builds(State, checks=st.dictionaries(st.sampled_from("ab"), SCORES))


@given(STATES, STATES)
def test_merging_never_loses_the_better_score_and_is_idempotent(one: State, two: State) -> None:
    merged = read_state(one.as_dict())
    merged.merge(two)
    for state in (one, two):
        for name, check in state.checks.items():
            found = merged.checks[name]
            assert found.best >= check.best and found.tries >= check.tries
            assert all(found.diagnoses[key] >= n for key, n in check.diagnoses.items())
    once = merged.as_dict()
    merged.merge(two)
    assert merged.as_dict() == once


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"checks": []},
        {"checks": {"a": 1}},
        {"checks": {"a": {"best": 3, "points": 2, "last": 0, "when": 0, "tries": 0, "misses": 0}}},
        {"checks": {"a": {"best": float("nan"), "points": 2, "last": 0, "when": 0, "tries": 0}}},
        {"answers": {"a": {"chosen": 3, "tries": 1, "when": 0}}},
        {"guesses": {"a": {"value": [1], "when": 0}}},
        {"guesses": {"a": {"value": 1, "when": True}}},
    ],
)
def test_what_cannot_be_progress_is_refused(data: object) -> None:
    with pytest.raises(ValueError):
        read_state(data)
