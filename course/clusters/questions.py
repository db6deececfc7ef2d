"""Lesson 06's predictions and questions on clusters, every option explained."""

from __future__ import annotations

from course.clusters import collectives, failures, pipeline
from course.facts.interruptions import interruptions
from course.widgets import Prediction, Question, right, slider, wrong

_MANY = 1000  # ranks
_STAGES = 8  # and as many micro-batches
_ONE = 365.25  # days in a year


def traffic_guess() -> Prediction:
    """What does a rank send in a ring of a thousand?"""
    few = collectives.closed_form("ring all-reduce", 4, 1.0).sent
    return Prediction(
        f"In a ring of 4 ranks each rank sends {few:g} times its array until all have the sum. How many times its array does each "
        f"send in a ring of {_MANY:,}?",
        slider(few, 1.0, 2000.0, label="Sent by each rank", unit="times the array", log=True),
        key="06 traffic",
    )


def traffic_found() -> float:
    """What the formula says, which the simulation keeps to."""
    return collectives.closed_form("ring all-reduce", _MANY, 1.0).sent


def bubble_guess() -> Prediction:
    """How much of its time does a stage wait?"""
    return Prediction(
        f"A model is cut into {_STAGES} stages on {_STAGES} chips; a batch goes through them in {_STAGES} micro-batches. How much of "
        "the time does each chip wait for the others?",
        slider(10.0, 0.0, 100.0, label="Waiting", unit="% of the time"),
        key="06 bubble",
    )


def bubble_found() -> float:
    """What is waited, in percent: simulated."""
    return 100 * pipeline.simulate("1f1b", _STAGES, _STAGES).idle


def _counted() -> tuple[float, float, float]:
    """Days, chips and failures of the published run."""
    rows = interruptions()
    return rows[0].days, rows[0].accelerators, sum(row.count for row in rows)


def failure_guess() -> Prediction:
    """How often does a large run fail?"""
    days, chips, count = _counted()
    years = failures.mean_of_one(days, int(chips), count) / _ONE
    return Prediction(
        f"In a large run a GPU with all that belongs to it, software included, stops the run once in {years:.1f} years on average. "
        f"How long, on average, does a run on {chips:,.0f} of them go on until something fails?",
        slider(168.0, 0.1, 1000.0, label="Until something fails", unit="hours", log=True),
        key="06 failures",
    )


def failure_found() -> float:
    """Hours between failures, as counted in the published run."""
    days, _, count = _counted()
    return 24 * days / count


def where_to_split() -> Question:
    """Which way of splitting goes between machines?"""
    return Question(
        "Eight chips in a machine share fast links; between machines the links are many times slower. Which way of splitting "
        "the work belongs *inside* a machine?",
        [
            right(
                "Tensor parallel: every matrix cut by columns and rows",
                "It needs an all-reduce of activations in every layer, forward and back, and nothing can go on before it is done. That is "
                "bearable over the fastest links only.",
            ),
            wrong(
                "Pipeline parallel: every chip has some of the layers",
                "Only the activations at a boundary travel, once a micro-batch, from one chip to the next, and their gradients back. Of the "
                "three it bears slow links best.",
            ),
            wrong(
                "Data parallel: every chip has the whole model",
                "The gradients travel once a step, and much of that can happen while the backward pass still computes. It suffers from slow "
                "links less than tensor parallel does.",
            ),
        ],
    )


def what_sharding_buys() -> Question:
    """What does full sharding save, and for what?"""
    return Question(
        "Fully sharded data parallel (FSDP) on 64 chips, instead of a whole copy on each. What changes?",
        [
            wrong(
                "Each chip computes a 64th of every layer",
                "That would be tensor parallel. Here every chip computes whole layers on its own images; it only *keeps* a 64th of each, and "
                "gathers the rest when it is a layer's turn.",
            ),
            wrong(
                "The weights at the end are slightly worse, for some are out of date",
                "No weight is ever out of date: the step is the same as with whole copies, up to rounding. You saw the largest difference above.",
            ),
            right(
                "Weights, gradients and optimizer take a 64th of the memory on each chip, and one and a half times as many bytes travel",
                "An all-reduce is a reduce-scatter and an all-gather. Sharding needs a reduce-scatter and two all-gathers (weights forward, and "
                "again backward): three halves of the traffic.",
            ),
        ],
    )


def more_replicas() -> Question:
    """Why do more replicas help less and less?"""
    return Question(
        "The batch stays the same and the number of data-parallel chips is doubled, again and again. Why does a step soon get no faster?",
        [
            wrong(
                "In a ring every chip must send to all others",
                "It sends to its neighbour only, and never more than twice the gradients in all, however many chips there are.",
            ),
            right(
                "Each chip's computing halves, the gradients that it must send do not",
                "2(n - 1)/n hardly changes with n. At some point a chip waits for the network most of its step. (And a ring of n ranks takes "
                "2(n - 1) steps, each with its latency.)",
            ),
            wrong(
                "Rounding differs on more chips, so that training needs more steps",
                "Sums in another order differ in the last digits, which costs no steps. A *larger* batch may need more passes over the data, but here it "
                "stays the same.",
            ),
        ],
    )
