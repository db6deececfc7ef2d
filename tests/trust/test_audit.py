"""The audit log notices what is done to it, and says what it cannot notice."""

import json

import numpy as np
import pytest

from course.trust.audit import AuditLog, DamagedLog, data_hash, digest

RUN = {"data_hash": "ab" * 32, "code": "v1", "seed": 0, "metrics": {"accuracy": 0.9}}


@pytest.fixture
def path(tmp_path):
    log = AuditLog(tmp_path / "log.jsonl")
    for n in range(4):
        log.append(f"run {n}", **{**RUN, "seed": n}, time=f"2026-01-0{n + 1}T00:00:00+00:00")
    return log.path


def lines(path):
    return path.read_text(encoding="utf-8").splitlines()


def write(path, new):
    path.write_text("\n".join(new) + "\n", encoding="utf-8")


def test_it_is_read_back_and_grows(path):
    log = AuditLog(path)
    assert [entry.run for entry in log] == ["run 0", "run 1", "run 2", "run 3"]
    log.append("run 4", **RUN)
    log.verify(log.head)
    assert len(AuditLog(path)) == 5 and len(log.rows()[0]) == 8


@pytest.mark.parametrize("key", ["metrics", "seed", "time", "data_hash", "code", "run", "note"])
def test_a_changed_field_is_noticed(path, key):
    rows = [json.loads(line) for line in lines(path)]
    rows[1][key] = {"accuracy": 0.99} if key == "metrics" else 7 if key == "seed" else "other"
    write(path, map(json.dumps, rows))
    with pytest.raises(DamagedLog, match=r"Entry 2 .*changed after it was written"):
        AuditLog(path)


def test_a_changed_entry_with_its_hash_made_anew_breaks_the_next(path):
    rows = [json.loads(line) for line in lines(path)]
    rows[1]["metrics"] = {"accuracy": 0.99}
    rows[1]["hash"] = digest({k: v for k, v in rows[1].items() if k != "hash"})
    write(path, map(json.dumps, rows))
    with pytest.raises(DamagedLog, match=r"Entry 3 .*does not follow"):
        AuditLog(path)


@pytest.mark.parametrize("order", [[0, 2, 3], [0, 2, 1, 3], [0, 1, 1, 2, 3], [1, 2, 3]])
def test_removed_moved_and_doubled_entries_are_noticed(path, order):
    write(path, [lines(path)[n] for n in order])
    with pytest.raises(DamagedLog, match="removed, doubled or moved"):
        AuditLog(path)


def test_a_cut_end_is_noticed_by_whoever_kept_the_head(path):
    head = AuditLog(path).head
    write(path, lines(path)[:3])
    cut = AuditLog(path)  # sound in itself
    cut.verify()
    with pytest.raises(DamagedLog, match="cut off, or the whole log was written anew"):
        cut.verify(head)
    path.unlink()
    with pytest.raises((DamagedLog, OSError)):
        cut.verify(head)


@pytest.mark.parametrize("line", ["not json", "{}", "[1]", "null", '{"number": 1}'])
def test_a_line_that_is_no_entry_is_named(path, line):
    write(path, [*lines(path)[:2], line])
    with pytest.raises(DamagedLog, match="line 3 is no entry"):
        AuditLog(path)


def test_a_file_that_is_no_text_is_named(path):
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DamagedLog, match="no text file"):
        AuditLog(path)


def test_a_log_changed_behind_its_back_is_not_appended_to(path):
    mine, other = AuditLog(path), AuditLog(path)
    other.append("theirs", **RUN)
    with pytest.raises(DamagedLog, match="changed by something else"):
        mine.append("mine", **RUN)


@pytest.mark.parametrize(
    "changes", [{"data_hash": ""}, {"code": " "}, {"metrics": {"loss": float("nan")}}]
)
def test_an_entry_that_proves_nothing_is_refused(changes):
    with pytest.raises(ValueError, match=r"empty|finite"):
        AuditLog().append("run", **{**RUN, **changes})


def test_the_hash_of_data_sees_values_shapes_and_kinds():
    a = np.arange(6.0)
    assert data_hash(a) == data_hash(a.copy()) == data_hash(a[::1].astype(">f8"))
    others = [a + 1e-12, a.reshape(2, 3), a.astype(np.float32), a[::-1]]
    assert len({data_hash(x) for x in [a, *others]}) == 5
    assert data_hash(a, a) != data_hash(a)
    with pytest.raises(TypeError, match="arrays of numbers"):
        data_hash(np.array([object()]))
