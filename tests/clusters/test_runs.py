"""Real runs over real processes: what they find equals what one process finds."""

from __future__ import annotations

import subprocess
import sys

import pytest

from course.clusters import pipeline
from course.clusters.launch import launch

RUNS = "course.clusters.runs."
# Far more than they need: the machine may be busy.
LIMIT = 300.0


@pytest.mark.parametrize("processes", [2, 4])
def test_data_parallel_ends_with_the_weights_of_one_process(processes: int) -> None:
    run = launch(
        RUNS + "data_parallel",
        *("--steps", 20, "--accumulate", 2),
        processes=processes,
        seconds=LIMIT,
    )
    assert run.result["ranks"] == processes
    assert run.result["by_hand_apart"] < 1e-6 and run.result["ddp_apart"] < 1e-6
    assert any(line.startswith("step  20") for line in run.lines)


def test_split_layers_equal_the_whole() -> None:
    run = launch(RUNS + "tensor_parallel", processes=2, seconds=LIMIT)
    assert len(run.result["apart"]) == 4 and max(run.result["apart"].values()) < 1e-12
    assert run.result["held"] == run.result["weights"] / 2


def test_sharding_halves_what_a_rank_holds_and_changes_no_weight() -> None:
    run = launch(RUNS + "sharded", "--steps", 2, processes=2, seconds=LIMIT)
    found = run.result
    assert found["apart"] < 1e-6
    # Weights, gradients and two averages, four bytes each, whole and halved.
    assert found["whole"] == [16 * found["weights"]] * 2
    assert found["sharded"] == [8 * found["weights"]] * 2
    if sys.platform == "linux":
        for sharded, whole in zip(found["process_sharded"], found["process_whole"], strict=True):
            assert sharded < 0.85 * whole


def test_a_pipeline_of_two_processes_finds_the_gradients_of_one() -> None:
    run = launch(RUNS + "stages", "--micro-batches", 4, "--width", 128, seconds=LIMIT)
    assert run.result["apart"] < 1e-5
    timeline = run.result["timeline"]
    assert len(timeline) == 2 * 2 * 4
    for stage in (0, 1):
        mine = sorted((s for s in timeline if s[0] == stage), key=lambda s: s[3])
        order = [(w.forward, w.micro_batch) for w in pipeline.order("1f1b", 2, 4)[stage]]
        assert [(s[1], s[2]) for s in mine] == order


def test_a_killed_worker_costs_a_restart_and_no_result(tmp_path) -> None:
    run = launch(RUNS + "resume", "--folder", tmp_path, restarts=1, seconds=LIMIT)
    assert run.result["attempts"] == 2 and run.result["resumed_at"] == 20
    assert run.result["apart"] < 1e-6
    assert "[rank 1] killed at step 25" in run.lines


def around_twice(pieces, rank, send, receive):
    """Whole arrays travel once round the ring: right, and dearer than it need be."""
    count = len(pieces)
    mine = [piece.copy() for piece in pieces]
    for _ in range(count - 1):
        for k in range(count):
            send(mine[k])
        for k in range(count):
            mine[k] = receive()
            pieces[k] += mine[k]


def test_a_readers_ring_runs_over_torch_distributed() -> None:
    size, ranks = 4 * 40_000, 4
    found = launch(
        RUNS + "ring", "--numbers", 40_000, processes=ranks, function=around_twice, seconds=LIMIT
    ).result
    assert found["apart"] < 1e-5
    assert found["sent"] == [(ranks - 1) * size] * ranks
    assert found["formula"] == 2 * (ranks - 1) / ranks * size


def test_a_run_works_without_torchrun_and_says_what_does_not_divide() -> None:
    module = RUNS + "data_parallel"
    words = [sys.executable, "-m", module, "--batch", "63", "--accumulate", "2"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT)
    assert done.returncode == 3
    said = "Cannot run: ranks times parts (2) do not divide a batch of 63; 64 would do"
    assert said in done.stdout
