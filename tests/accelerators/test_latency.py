"""Threads that wait for memory: the simulation against Little's law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.accelerators.latency import COMPUTE, WAIT, Machine, Trace, few_fast, run

machines = st.builds(
    Machine,
    threads=st.integers(1, 40),
    work=st.integers(1, 12),
    latency=st.integers(0, 400),
    interval=st.integers(1, 9),
)


def settled(machine: Machine) -> Trace:
    """Some whole rounds, after some rounds to settle: the means are then exact."""
    longest = machine.threads * max(machine.work, machine.interval)
    period = max(machine.work + machine.latency, longest)
    return run(machine, 8 * period, 5 * period)


@settings(max_examples=100, deadline=None)
@given(machines)
def test_the_throughput_is_what_littles_law_says(machine: Machine) -> None:
    trace = settled(machine)
    assert trace.throughput == pytest.approx(machine.throughput, rel=1e-12)
    assert trace.issued == pytest.approx(machine.busy, rel=1e-12)


@settings(max_examples=100, deadline=None)
@given(machines)
def test_requests_on_their_way_are_rate_times_time(machine: Machine) -> None:
    trace = settled(machine)
    assert trace.outstanding == pytest.approx(trace.throughput * trace.wait, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(machines)
def test_in_each_cycle_at_most_one_thread_computes(machine: Machine) -> None:
    states = run(machine, 500).states
    assert ((states == COMPUTE).sum(axis=0) <= 1).all()
    # No thread is idle without a reason: where nothing is issued, all wait.
    idle = ~(states == COMPUTE).any(axis=0)
    assert (states[:, idle] == WAIT).all()


@settings(max_examples=60, deadline=None)
@given(machines)
def test_enough_threads_are_enough_and_one_less_is_not(machine: Machine) -> None:
    enough = Machine(machine.enough, machine.work, machine.latency, machine.interval)
    assert enough.throughput == pytest.approx(enough.limit)
    if machine.enough > 1:
        less = Machine(machine.enough - 1, machine.work, machine.latency, machine.interval)
        assert less.throughput < less.limit


def test_one_thread_mostly_waits() -> None:
    trace = run(Machine(1, 10, 390), 4000, 400)
    assert trace.issued == pytest.approx(10 / 400)
    assert np.array_equal(trace.states[0, :12], [COMPUTE] * 10 + [WAIT] * 2)
    assert run(Machine(40, 10, 390), 4000, 400).issued == 1.0
    assert Machine(1, 10, 390).enough == 40


def test_a_few_fast_threads_gain_little() -> None:
    machine = Machine(40, 10, 390)
    assert few_fast(machine, 1, 1) == pytest.approx(1 / 40)
    # Four threads, eight times as fast: 32 times the instructions, a tenth of the work.
    assert few_fast(machine, 4, 8) == pytest.approx(40 / (10 / 8 + 390))
    assert few_fast(machine, 4, 10**6) < 0.103


def test_bad_machines_are_named() -> None:
    with pytest.raises(ValueError, match="threads must be a whole number of 1 or more, not 0"):
        Machine(0, 1, 1)
    with pytest.raises(ValueError, match="latency must be a whole number of 0 or more, not -1"):
        Machine(1, 1, -1)
    with pytest.raises(ValueError, match="skip must be from 0 to less than 10 cycles, not 10"):
        run(Machine(1, 1, 1), 10, 10)
    with pytest.raises(ValueError, match="must be 1 or more, not 0 and 1"):
        few_fast(Machine(1, 1, 1), 0, 1)
