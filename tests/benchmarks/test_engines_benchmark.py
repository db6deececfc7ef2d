"""The benchmark of the engines: it runs, its result has its shape, and wrong engines are not timed."""

import importlib
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from course import scratch

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def module(monkeypatch):
    """A function that imports one of the benchmark's own modules."""
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A quick run on the smallest workload: the result, and the folder it is in."""
    out = tmp_path_factory.mktemp("benchmark")
    words = "--quick --repeats 2 --threads 1 --workloads a --engines scratch --parts times memory"
    command = [sys.executable, str(FOLDER / "engines.py"), *words.split(), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((out / "engines.json").read_text(encoding="utf-8")), out, done.stdout


def test_the_result_says_where_and_how_it_was_measured(run):
    result, _, _ = run
    assert result["quick"] is True and result["threads"] == [1]
    assert {"cpu", "cores_usable", "date", "python", "versions"} <= result["machine"].keys()
    assert {"numpy", "torch", "train-by-hand"} <= result["machine"]["versions"].keys()
    assert "OPENBLAS_THREAD_TIMEOUT" in result["settings"]["environment"]


def test_each_engine_has_a_time_and_a_ratio(run):
    result, _, _ = run
    assert [r["engine"] for r in result["times"]] == ["torch", "scratch"]
    for record in result["times"]:
        assert record["status"] == "measured"
        assert record["torch_threads"] == 1 and record["cores"] in (1, None)
        assert len(record["rounds_ms"]) == 2 and min(record["rounds_ms"]) > 0
        low, high = record["ratio_quartiles"]
        assert 0 < low <= record["ratio"] <= high
    assert result["times"][0]["ratio"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource.getrusage")
def test_each_engine_has_its_peak_memory(run):
    result, _, _ = run
    for record in result["memory"]:
        assert 0 < record["imports_mib"] <= record["peak_mib"]


def test_the_picture_is_said_in_words(run):
    result, out, _ = run
    assert (out / result["picture"]["file"]).read_bytes().startswith(b"\x89PNG")
    assert f"course.scratch {result['times'][1]['ratio']:.2f}" in result["picture"]["alt"]


def test_the_tables_are_printed_and_written_as_markdown(run):
    _, out, printed = run
    assert "course.scratch" in printed and "| course.scratch |" in (out / "engines.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("workload", "abcd")
def test_the_shapes_given_to_other_engines_are_the_models_own(module, workload):
    workloads = module("workloads")
    model = workloads.WORKLOADS[workload](torch).model
    shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
    assert workloads.SHAPES[workload] == shapes


@pytest.mark.parametrize("workload", "abc")
def test_the_hand_built_engine_agrees_with_pytorch(module, workload):
    programs = module("programs")
    reference = programs.answers(programs.build("torch", workload))
    assert (
        programs.disagreement(programs.answers(programs.build("scratch", workload)), reference)
        == ""
    )


def answers(module, **changes):
    """PyTorch's answers on the smallest workload, some of them changed."""
    programs = module("programs")
    return programs.answers(programs.build("torch", "a"))._replace(**changes)


def test_a_wrong_gradient_is_named(module):
    right = answers(module)
    wrong = {name: g.copy() for name, g in right.gradients.items()}
    wrong["2.weight"] *= 1.001
    found = module("programs").disagreement(right._replace(gradients=wrong), right)
    assert found.startswith("gradient of 2.weight differs by 1.0e-03")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loss": float("nan")}, "loss is nan"),
        ({"later": 2.0}, "loss after 3 steps is 2"),
        ({"gradients": {}}, "on one side only"),
        ({"gradients": {name: np.zeros(3) for name in ("0.weight",)}}, "on one side only"),
    ],
)
def test_a_wrong_answer_is_named(module, changes, words):
    right = answers(module)
    assert words in module("programs").disagreement(right._replace(**changes), right)


def test_a_wrong_engine_is_reported_and_not_timed(module, monkeypatch):
    timing = module("timing")
    build = timing.build

    def doubled(engine, workload):
        program = build(engine, workload)
        if engine == "scratch":
            step = program.step
            program.step = lambda: (step(), step())[1]  # two steps for one: another optimizer
        return program

    monkeypatch.setattr(timing, "build", doubled)
    right, wrong = timing.measure("a", ["torch", "scratch"], 1, 0.001)
    assert right["status"] == "measured" and len(right["seconds"]) == 1
    assert wrong["status"] == "wrong" and "loss after 3 steps" in wrong["reason"]
    assert "seconds" not in wrong


def test_an_engine_that_is_missing_is_absent_with_the_reason(module, monkeypatch):
    monkeypatch.setitem(sys.modules, "autograd", None)
    timing = module("timing")
    *_, record = timing.check("autograd", "a", None)
    assert record == {"status": "absent", "reason": "autograd is not installed"}


def test_every_engine_comes_first_equally_often(module):
    turn = module("timing").turn
    names = ["one", "two", "three"]
    orders = [turn(names, number) for number in range(6)]
    assert all(sorted(order) == sorted(names) for order in orders)
    assert sorted(order[0] for order in orders) == sorted(names * 2)
    follow = {pair for order in orders for pair in pairwise(order)}
    assert len(follow) == 6  # and each engine comes after each other


@pytest.mark.parametrize("nodes", [30, 3_000])
def test_a_graph_of_reused_nodes_is_walked_once(module, nodes):
    module("growth").pass_through_graph(scratch, nodes)()


def test_every_thread_pool_is_told_the_same_number(module):
    environment = module("machine").environment(3)
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUM_CPU_THREADS")
    assert [environment[name] for name in names] == ["3"] * 4
    assert environment["OMP_WAIT_POLICY"] == "PASSIVE"


def test_absurd_settings_are_refused_in_words():
    for words, message in (("--threads 4096", "the cores usable"), ("--repeats 0", "at least 1")):
        command = [sys.executable, str(FOLDER / "engines.py"), *words.split()]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 2 and message in done.stderr
