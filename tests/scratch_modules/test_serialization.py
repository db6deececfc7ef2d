"""save and load: safetensors that PyTorch's library reads, and the reverse; damage is named."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from course import scratch
from course.scratch import nn

DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def example(engine) -> dict:
    rng = np.random.default_rng(0)
    made = {f"a.{d}": engine.from_numpy((rng.random((2, 3)) * 9).astype(d)) for d in DTYPES}
    made["scalar"] = engine.tensor(3.5)
    made["empty"] = engine.zeros(0, 4)
    made["näme with spaces"] = engine.ones(5)
    made["transposed"] = engine.from_numpy(rng.random((3, 2))).T
    return made


def same(a: dict, b: dict) -> None:
    assert set(a) == set(b)
    for name in a:
        x, y = np.asarray(a[name]), np.asarray(b[name])
        assert x.dtype == y.dtype
        assert x.shape == y.shape
        np.testing.assert_array_equal(x, y)


def test_pytorch_reads_what_scratch_saves(tmp_path: Path) -> None:
    scratch.save(example(scratch), tmp_path / "a")
    same(load_file(tmp_path / "a"), example(torch))


def test_scratch_reads_what_pytorch_saves(tmp_path: Path) -> None:
    made = {name: t.contiguous() for name, t in example(torch).items()}
    save_file(made, tmp_path / "a", metadata={"format": "pt", "note": "x"})
    same(scratch.load(tmp_path / "a"), example(scratch))
    same(scratch.load(str(tmp_path / "a"), map_location="cpu"), example(scratch))


def test_every_tensor_lies_at_a_multiple_of_its_element_size() -> None:
    file = io.BytesIO()
    scratch.save(example(scratch), file)
    content = file.getvalue()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__")
    sizes = {"BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "F16": 2, "I32": 4, "F32": 4}
    for entry in header.values():
        assert (8 + length + entry["data_offsets"][0]) % sizes.get(entry["dtype"], 8) == 0


def test_a_file_object_from_where_it_stands() -> None:
    file = io.BytesIO()
    file.write(b"before")
    scratch.save(example(scratch), file)
    file.seek(6)
    same(scratch.load(file), example(scratch))


def test_a_model_moves_to_pytorch_and_back(tmp_path: Path) -> None:
    build = lambda nn: nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.LSTM(3, 4))  # noqa: E731
    mine, theirs = build(nn), build(torch.nn)
    scratch.save(mine.state_dict(), tmp_path / "m.safetensors")
    theirs.load_state_dict(load_file(tmp_path / "m.safetensors"))
    same(mine.state_dict(), theirs.state_dict())
    with torch.no_grad():
        for p in theirs.parameters():
            p += 1
    save_file(theirs.state_dict(), tmp_path / "t.safetensors")
    mine.load_state_dict(scratch.load(tmp_path / "t.safetensors"))
    same(mine.state_dict(), theirs.state_dict())


def test_loaded_tensors_own_their_memory(tmp_path: Path) -> None:
    scratch.save({"a": scratch.zeros(3)}, tmp_path / "a")
    loaded = scratch.load(tmp_path / "a")["a"]
    loaded += 1
    assert scratch.load(tmp_path / "a")["a"].sum() == 0
    assert loaded.sum() == 3


@settings(max_examples=30, deadline=None)
@given(
    st.dictionaries(
        st.text(max_size=5).filter(lambda s: s != "__metadata__"),
        st.tuples(st.sampled_from(DTYPES), st.lists(st.integers(0, 3), max_size=3)),
        max_size=4,
    )
)
def test_any_names_and_shapes_survive_the_round_trip(kinds: dict) -> None:
    state = {
        name: scratch.from_numpy(np.arange(int(np.prod(shape))).reshape(shape).astype(dtype))
        for name, (dtype, shape) in kinds.items()
    }
    file = io.BytesIO()
    scratch.save(state, file)
    file.seek(0)
    same(scratch.load(file), state)


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_the_file_is_as_readable_as_any_other(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    scratch.save({}, tmp_path / "a")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch) -> None:
    scratch.save({"a": scratch.ones(2)}, tmp_path / "a")

    def fail(_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space"):
        scratch.save({"a": scratch.zeros(2)}, tmp_path / "a")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
    assert scratch.load(tmp_path / "a")["a"].sum() == 2


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        (scratch.ones(2), "got Tensor"),
        ([scratch.ones(2)], "got list"),
        ({"state": {}, "param_groups": []}, "at 'state' there is a builtins.dict"),
        ({"a": torch.ones(2)}, "a torch.Tensor"),
        ({"a": np.ones(2)}, "a numpy.ndarray"),
        ({1: scratch.ones(2)}, "at 1 there"),
        ({"__metadata__": scratch.ones(2)}, "__metadata__"),
    ],
)
def test_anything_but_a_state_dict_is_refused(obj, words: str, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=words):
        scratch.save(obj, tmp_path / "a")
    assert not list(tmp_path.iterdir())


def whole(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(begin: int, end: int, shape: tuple = (2,), dtype: str = "F32") -> dict:
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it has 0 bytes"),
        (b"abc", "it has 3 bytes"),
        (whole({}, length=2**63), "may be cut short"),
        (whole(b" " * 4, length=5), "may be cut short"),
        (whole(b"\xff\xfe{}"), "not JSON"),
        (whole(b"{"), "not JSON"),
        (whole(b"[" * 100_000), "not JSON"),
        (whole([]), "not a JSON object"),
        (whole({"a": 3}), "entry for 'a' is 3"),
        (whole({"a": {"dtype": "F32", "shape": [2]}}), "entry for 'a'"),
        (whole({"a": {"dtype": "F32", "shape": [2], "data_offsets": 3}}), "entry for 'a'"),
        (whole({"a": entry(0, 8, (True, 2))}, b"x" * 8), "entry for 'a'"),
        (whole({"a": entry(0, 8, (-1, -2))}, b"x" * 8), "entry for 'a'"),
        (whole({"a": entry(0, 8, dtype="BF16")}, b"x" * 8), "dtype BF16; course.scratch has"),
        (whole({"a": entry(0, 8, dtype=[])}, b"x" * 8), r"dtype \[\]"),
        (whole({"a": entry(0, 0, (0, 2**70))}), "no array can have the shape"),
        (whole({"a": entry(0, 0, [0] * 99)}), "no array can have the shape"),
        (whole({"a": entry(0, 4)}, b"x" * 4), "needs 8 bytes and has 4"),
        (whole({"a": entry(0, 2**62, (2**60,))}), "its tensors take"),
        (whole({"a": entry(0, 8)}, b"x" * 7), "take 8 bytes, and 7 follow"),
        (whole({"a": entry(0, 8)}, b"x" * 9), "take 8 bytes, and 9 follow"),
        (whole({"a": entry(0, 8), "b": entry(4, 12)}, b"x" * 12), "begin at 4, and should"),
        (whole({"a": entry(0, 8), "b": entry(9, 17)}, b"x" * 17), "begin at 9, and should"),
        (
            whole(b'{"a":' + json.dumps(entry(0, 8)).encode() + b',"a":{}}', b"x" * 8),
            "a name stands twice",
        ),
        (b"PK\x03\x04" + b"x" * 30, "like a PyTorch pickle"),
    ],
)
def test_a_damaged_file_is_named_for_what_it_is(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        scratch.load(io.BytesIO(content))


def test_a_pytorch_pickle_is_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(2)}, tmp_path / "a.pt")
    with pytest.raises(ValueError, match="PyTorch pickle"):
        scratch.load(tmp_path / "a.pt")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_file_cut_or_changed_anywhere_never_ends_in_anything_but_a_sentence(data) -> None:
    file = io.BytesIO()
    scratch.save({"a": scratch.ones(3, 2), "b": scratch.arange(4)}, file)
    content = bytearray(file.getvalue())
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
        with pytest.raises(ValueError, match="not a whole"):
            scratch.load(io.BytesIO(bytes(content)))
    else:
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        try:
            scratch.load(io.BytesIO(bytes(content)))
        except ValueError as error:
            assert "not a whole safetensors file" in str(error)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        scratch.load(tmp_path / "nothing")
