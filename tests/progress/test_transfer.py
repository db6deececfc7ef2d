"""Progress moves as a code or a file; a damaged one is a sentence, and nothing is taken from it."""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.progress import transfer
from course.progress.state import State
from course.progress.store import Store


def a_course(exercises: int = 3) -> State:
    state = State()
    for n in range(exercises):
        base = {
            "what": "check",
            "name": f"exercise_{n}",
            "points": 2.0,
            "when": 1_790_000_000.5 + n,
        }
        state.add({**base, "value": 1.0, "diagnosis": f"mistake {1 + n % 3}"})
        state.add({**base, "value": 2.0, "diagnosis": "passed"})
    question = {"name": 'Why < or "so"?', "chosen": "Weil es so ist: ∂L/∂w", "right": True}
    state.add({"what": "answer", "when": 1_790_000_000, **question})
    state.add({"what": "guess", "name": "03 race", "value": "adam", "when": 1_790_000_000})
    state.add({"what": "guess", "name": "rate", "value": 0.125, "when": 1_790_000_000})
    return state


def whole_seconds(state: State) -> State:
    for part in (state.checks, state.answers, state.guesses):
        for entry in part.values():
            entry.when = float(int(entry.when))
    return state


def test_a_code_gives_back_what_went_in() -> None:
    assert transfer.from_code(transfer.to_code(a_course())) == whole_seconds(a_course())
    assert transfer.from_code(transfer.to_code(State())) == State()


def test_a_code_is_short() -> None:
    assert len(transfer.to_code(a_course(exercises=4))) < 400
    assert len(transfer.to_code(a_course(exercises=60))) < 1500


@pytest.mark.parametrize("change", ["  {}\n", "'{}'", "`{}`", "\u200b{}", "> {}"])
def test_what_copying_adds_does_no_harm(change: str) -> None:
    code = transfer.to_code(a_course())
    broken_into_lines = "\n".join(code[n : n + 40] for n in range(0, len(code), 40))
    assert transfer.read(change.format(broken_into_lines)) == whole_seconds(a_course())


@given(st.integers(5, 300), st.characters(codec="ascii"), st.sampled_from(["set", "cut", "drop"]))
def test_a_damaged_code_is_a_sentence(place: int, letter: str, how: str) -> None:
    code = transfer.to_code(a_course())
    place = 5 + place % (len(code) - 5)
    other = {
        "set": code[:place] + letter + code[place + 1 :],
        "cut": code[:place],
        "drop": code[:place] + code[place + 1 :],
    }[how]
    try:
        found = transfer.from_code(other)
    except ValueError as error:
        assert "damaged or not whole" in str(error) and "Copy it once more" in str(error)
    else:  # the same letter again, or one of the bits that base64 leaves over at the end
        assert found == whole_seconds(a_course())


def test_a_code_with_another_checksum_is_refused() -> None:
    packed = zlib.compress(b'[{},{},{"a":[1,1]}]')
    for checksum, good in ((hashlib.sha256(packed).digest()[:6], True), (b"\0" * 6, False)):
        code = "tbh1." + base64.urlsafe_b64encode(checksum + packed).decode().rstrip("=")
        if good:
            assert transfer.from_code(code).guesses["a"].value == 1
            continue
        with pytest.raises(ValueError, match="damaged"):
            transfer.from_code(code)


def test_a_code_cannot_unpack_to_a_flood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "_LARGEST", 100)
    with pytest.raises(ValueError, match="damaged"):
        transfer.from_code(transfer.to_code(a_course()))


def test_a_file_gives_back_what_went_in(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    transfer.export(a_course(), path)
    assert transfer.read(str(path)) == a_course()
    transfer.export(State(), path)  # over an earlier export
    assert transfer.read(str(path)) == State()


def test_a_copy_of_the_store_and_a_code_in_a_file_are_taken_too(tmp_path: Path) -> None:
    store = Store(tmp_path / ".progress")
    store.add({"what": "state", "state": a_course().as_dict()})
    assert transfer.read(str(store.path)) == a_course()
    (tmp_path / "code.txt").write_text(transfer.to_code(a_course()) + "\n")
    assert transfer.read(str(tmp_path / "code.txt")) == whole_seconds(a_course())


def test_no_other_file_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "thesis.json"
    path.write_text('{"chapter": 1}')
    with pytest.raises(FileExistsError, match="choose another name"):
        transfer.export(a_course(), path)
    assert json.loads(path.read_text()) == {"chapter": 1}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"what": "shopping"}', "\x00\x01"])
def test_a_file_of_something_else_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no progress of this course"):
        transfer.read(str(path))


def test_a_name_that_is_neither_is_a_sentence() -> None:
    with pytest.raises(FileNotFoundError, match="no code either"):
        transfer.read("nonesuch.json")
