"""Training against serving: how many tokens must be served until serving has used more energy.

Counted by arithmetic: training takes 6 operations a parameter and token, serving 2 (the forward pass
alone; attention over the context is left out). Each reaches a share of the chip's peak, its
utilisation, and the same chip draws the same power in both. Then chip, power, grid and the size of
the model cancel, and the two are equal once

    served tokens = 3 * trained tokens * utilisation when serving / utilisation in training.
"""

from __future__ import annotations

from dataclasses import dataclass

from course.facts.chips import chip
from course.facts.training_runs import training_run

TRAIN_OPERATIONS = 6.0  # a parameter and token: forward 2, backward 4
SERVE_OPERATIONS = 2.0
JOULES_A_KWH = 3.6e6

# Runs whose parameters, tokens and accelerator hours are published, and the chip they ran on.
CHIPS = {"A100-80GB": "NVIDIA A100 SXM 80GB", "H100-80GB": "NVIDIA H100 SXM"}
RUNS = ("LLaMA-7B", "LLaMA-65B", "Llama-2-70B", "Llama-3.1-8B", "Llama-3.1-405B")


@dataclass(frozen=True)
class Serving:
    """One model, trained once and then served every day.

    utilisation, serving: shares of the chip's dense BF16 peak. train_kwh and kwh_per_token: of the
    chips at TDP, without PUE, which cancels.
    """

    model: str
    parameters: float
    trained_tokens: float
    chip: str
    utilisation: float
    serving: float
    tokens_a_day: float
    train_kwh: float
    kwh_per_token: float

    @property
    def even_tokens(self) -> float:
        """Tokens served when serving has used as much energy as training."""
        return self.train_kwh / self.kwh_per_token

    @property
    def even_days(self) -> float:
        """Days until then."""
        return self.even_tokens / self.tokens_a_day


def token_energy(parameters: float, peak: float, utilisation: float, watts: float) -> float:
    """Kilowatt-hours for a token served: a forward pass on a chip at ``utilisation`` of ``peak``.

    peak: operations a second. watts: of the chip. Raises ValueError for what is not above 0, and a
    utilisation above 1.
    """
    given = {"parameters": parameters, "peak": peak, "utilisation": utilisation, "watts": watts}
    for name, value in given.items():
        if not value > 0:
            raise ValueError(f"{name} must be above 0, not {value}")
    if utilisation > 1:
        raise ValueError(f"utilisation is a share of the peak, at most 1, not {utilisation}")
    seconds = SERVE_OPERATIONS * parameters / (peak * utilisation)
    return seconds * watts / JOULES_A_KWH


def training_energy(operations: float, rate: float, watts: float, pue: float = 1.0) -> float:
    """Kilowatt-hours of ``operations`` at ``rate`` operations a second of a chip that draws ``watts``.

    The number of chips cancels: twice as many take half as long. Raises ValueError for an operation
    count, a rate or a power that is not above 0, and a PUE below 1.
    """
    for name, value in (("operations", operations), ("rate", rate), ("watts", watts)):
        if not value > 0:
            raise ValueError(f"{name} must be above 0, not {value}")
    if not pue >= 1:
        raise ValueError(f"pue must be 1 or more, not {pue}; was it turned upside down?")
    return operations / rate * watts * pue / JOULES_A_KWH


def serve(model: str, serving: float, tokens_a_day: float) -> Serving:
    """A published run and its serving.

    model: one of RUNS. serving: utilisation when serving, above 0, at most 1. tokens_a_day: above 0.
    Raises ValueError for others. The utilisation in training is calculated from the published hours.
    """
    if model not in RUNS:
        raise ValueError(f"model must be one of {', '.join(RUNS)}, not {model!r}")
    if not tokens_a_day > 0:
        raise ValueError(f"tokens_a_day must be above 0, not {tokens_a_day}")
    run = training_run(model)
    name = CHIPS[run.accelerator]
    peak, watts = chip(name).peak("bf16"), chip(name).tdp_w
    parameters, tokens, hours = run.billion_parameters, run.billion_tokens, run.accelerator_hours
    if watts is None or parameters is None or tokens is None or hours is None:
        raise ValueError(
            f"{model}: parameters, tokens, hours or the chip's power are not published"
        )
    operations = TRAIN_OPERATIONS * parameters * 1e9 * tokens * 1e9
    utilisation = operations / (hours * 3600 * peak)
    return Serving(
        model,
        parameters * 1e9,
        tokens * 1e9,
        name,
        utilisation,
        serving,
        tokens_a_day,
        hours * watts / 1000,
        token_energy(parameters * 1e9, peak, serving, watts),
    )
