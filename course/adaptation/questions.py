"""Lesson 10's predictions and its three questions, with an explanation for every option."""

from __future__ import annotations

from course.adaptation import budget
from course.adaptation.counting import attention
from course.adaptation.transfer import SIZES, TARGETS, transfer
from course.widgets import Prediction, Question, choice, right, slider, wrong


def transfer_guess() -> Prediction:
    """For which task does pretraining help most?"""
    return Prediction(
        f"A network has learned handwritten digits. For which new task, with {SIZES[0]} labelled images, does that help most?",
        choice("shuffled", TARGETS, label="Helps most with"),
        key="10 transfer",
    )


def most_helped() -> str:
    """The task that gains most with the fewest images: each is measured."""
    gains = {target: transfer(target, 0, 100).gain[0] for target in TARGETS}
    return max(gains, key=lambda target: gains[target])


def share_guess() -> Prediction:
    """How many of GPT-3's numbers does LoRA train?"""
    return Prediction(
        "LoRA of rank 8 on two matrices of each layer of GPT-3: for each million numbers of the model, how many are trained?",
        slider(100_000.0, 1.0, 1_000_000.0, label="Trained", unit="for each million", log=True),
        key="10 share",
    )


def share_of_gpt3() -> float:
    """The number that comes out of GPT-3's shape."""
    gpt3 = attention("GPT-3 175B")
    return 1e6 * gpt3.lora(("q", "v"), 8) / gpt3.parameters


def crossing_guess() -> Prediction:
    """From how many requests is an own model cheaper?"""
    return Prediction(
        f"From how many requests a month is LoRA on a rented GPU cheaper than the API {budget.APIS[0]}?",
        slider(10.0, 1.0, 100_000.0, label="Requests a month", unit="thousand", log=True),
        key="10 crossing",
    )


def crossing() -> float:
    """The number of thousands that comes out of the dated prices."""
    roads = budget.roads()
    found = budget.break_even(roads[2], roads[4])
    if found is None:
        raise ValueError("at these prices the rented GPU never becomes cheaper")
    return found / 1000


def start() -> Question:
    """Why does B start at zero and A not?"""
    return Question(
        "LoRA's matrix B starts at zero, A at random. Why not both at zero?",
        [
            right(
                "Then neither would ever move",
                "The gradient of B is a product with A, that of A a product with B. If both are zero, both gradients are zero, and stay "
                "so. With B zero and A not, the layer starts as the pretrained one, and B can move.",
            ),
            wrong(
                "Then the layer would not start as the pretrained one",
                "It would: B A would be zero. That is the reason why *one* of them starts at zero.",
            ),
            wrong(
                "Zeros would be lost in low precision",
                "Zero is exact in every format. The trouble is in the gradients.",
            ),
        ],
    )


def private() -> Question:
    """What does federated averaging protect?"""
    return Question(
        "Hospitals train a model by federated averaging; no X-ray leaves a hospital. What has been promised to the patients?",
        [
            wrong(
                "That nothing about them can be learned from outside",
                "Updates are made of data, and something of the data can be computed back from them; the finished model may remember "
                "rare cases too. Lesson 13 measures it.",
            ),
            wrong(
                "With secure aggregation added: that nothing can be learned at all",
                "The server then sees the sum alone, which is much better, but the sum and the model are still made of the data. "
                "It takes noise to bound what can be learned of one person.",
            ),
            right(
                "That the images stay where they are, and no more",
                "That is worth having: no central copy that leaks or is used for something else. What the updates and the model tell "
                "is another question, answered by secure aggregation and noise.",
            ),
        ],
    )


def volume() -> Question:
    """What moves the break-even?"""
    return Question(
        "A firm rents a GPU around the clock for its adapted model. Which change does most to make that cheaper than an API?",
        [
            wrong(
                "Halving the time that training takes",
                "Training an adapted model costs hardly anything beside a month's rent: half of very little is saved, once.",
            ),
            right(
                "Ten times as many requests on the same GPU",
                "The rent is the same whether the GPU works or waits; an API is paid by the token. Only volume fills the GPU.",
            ),
            wrong(
                "A lower rank",
                "Merged, LoRA costs nothing at all when the model answers, whatever its rank was.",
            ),
        ],
    )
