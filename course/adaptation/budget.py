"""What a budget buys: six roads to a model that answers a firm's requests, with dated prices.

Prices, sizes and hours come from course.facts. What is assumed stands in ``Assumptions``. People's
time, labelling above all, is left out, and is most often the largest part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.facts.architectures import architecture
from course.facts.chips import chip
from course.facts.cloud_prices import CloudPrice, cloud_prices
from course.facts.service_prices import service_price
from course.facts.training_runs import training_run

MODEL, CHIP, PROVIDER = "LLaMA-7B", "A100-80GB", "specialty cloud"
AUTOML = "Amazon Comprehend, custom classification"
APIS = ("gpt-4o-mini", "gpt-4.1", "claude-opus-4-6", "Llama 3 70B (hosted open model)")
HOURS = 730.0  # a month
FULL_BYTES = 12  # a number: 2 for itself, 2 for its gradient, 8 for Adam's two means


@dataclass(frozen=True)
class Assumptions:
    """What no table says; change it, and the answer changes.

    tokens_in, tokens_out: of a request; characters: of its text. examples, epochs: to adapt with,
    each of tokens_in + tokens_out tokens. shots: examples put before every request where a model
    is only prompted. utilization: share of the chip's peak. batch: requests written at once.
    automl_hours: of training a month. months: over which what is paid once is spread.
    gpu_usd (an hour), input_usd and output_usd (a million tokens of the API): your own prices, in
    place of the tables'. Raises ValueError for a value below 0, or 0 where there must be something.
    """

    tokens_in: int = 300
    tokens_out: int = 20
    characters: int = 1200
    examples: int = 5000
    epochs: int = 3
    shots: int = 5
    utilization: float = 0.4
    batch: int = 8
    automl_hours: float = 2.0
    months: int = 12
    gpu_usd: float | None = None
    input_usd: float | None = None
    output_usd: float | None = None

    def __post_init__(self) -> None:
        may_be_zero = ("shots", "examples", "epochs", "automl_hours")
        for name, value in vars(self).items():
            if value is None and name.endswith("usd"):
                continue
            number = isinstance(value, int | float) and not isinstance(value, bool)
            free = name in may_be_zero or name.endswith("usd")
            if not (number and math.isfinite(value) and (value > 0 or (free and value == 0))):
                least = "0 or more" if free else "above 0"
                raise ValueError(f"{name} must be a number {least}; it is {value!r}.")


@dataclass(frozen=True)
class Road:
    """One way: USD once and USD a month, each (low, high), for any number of requests a month."""

    name: str
    once: tuple[float, float]
    monthly: Callable[[Any], NDArray[np.float64]]  # requests (n,) -> (2, n), low and high
    prices: str
    perishable: bool = True
    months: int = 12

    def cost(self, requests: Any) -> NDArray[np.float64]:
        """USD a month, low and high, (2, n): what is paid once is spread over ``months``."""
        counts = np.atleast_1d(np.asarray(requests, np.float64))
        spread = np.array(self.once)[:, None] / self.months
        return np.asarray(self.monthly(counts) + spread, np.float64)

    def most_requests(self, budget: float) -> float:
        """Requests a month that ``budget`` USD a month pay for, at the higher price; 0 for none."""
        counts = np.concatenate([[0.0], np.geomspace(1, 1e12, 2401)])
        fits = self.cost(counts)[1] <= budget
        return float(counts[fits].max()) if fits.any() else 0.0


def gpu_price() -> CloudPrice:
    """The dated price of an hour of the chip that the roads rent."""
    return next(p for p in cloud_prices() if (p.accelerator, p.provider) == (CHIP, PROVIDER))


def roads(api: str = APIS[0], given: Assumptions | None = None) -> list[Road]:
    """All roads, from the dearest start to none; KeyError for an API without a price."""
    a = given or Assumptions()
    model, card, price = architecture(MODEL), chip("NVIDIA A100 SXM 80GB"), gpu_price()
    n, cents = model.parameters or math.nan, (price.usd_low, price.usd_high)
    speed = a.utilization * card.peak("bf16")
    tokens = a.examples * a.epochs * (a.tokens_in + a.tokens_out)
    rent = f"{CHIP}: {price.usd_low:g} to {price.usd_high:g} USD an hour ({price.date})"
    if a.gpu_usd is not None:
        cents, rent = (a.gpu_usd, a.gpu_usd), f"{CHIP}: {a.gpu_usd:g} USD an hour (yours)"
    run = training_run(MODEL)
    hours_scratch = run.accelerator_hours or math.nan
    cards = math.ceil(FULL_BYTES * n / (1e9 * (card.memory_gb or math.nan)))

    def paid(hours: float) -> tuple[float, float]:
        return cents[0] * hours, cents[1] * hours

    def served(read: int) -> Callable[[Any], NDArray[np.float64]]:
        # Reading is bound by arithmetic, writing by the memory that every weight comes from.
        seconds = 2 * n * read / speed + a.tokens_out * 2 * n / (card.bandwidth * a.batch)
        most = HOURS * 3600 / seconds  # requests a month and card

        def monthly(requests: Any) -> NDArray[np.float64]:
            rented = np.maximum(1, np.ceil(requests / most)) * HOURS
            return np.array([cents[0] * rented, cents[1] * rented])

        return monthly

    # Forward takes 2 operations a number and token, the gradients of what flows 2, those of the
    # weights 2 more; LoRA leaves the last out.
    full_hours, lora_hours = (f * n * tokens / speed / 3600 for f in (6, 4))
    listed = [service_price(api, which) for which in ("input", "output")]
    own = (a.input_usd, a.output_usd)
    usd_in, usd_out = (
        row.value if mine is None else mine for row, mine in zip(listed, own, strict=True)
    )
    dated = listed[0].date if own == (None, None) else "yours"
    if dated == "yours" and None in own:
        dated = f"one yours, the other {listed[0].date}"
    a_request = 1e-6 * (usd_in * a.tokens_in * (1 + a.shots) + usd_out * a.tokens_out)
    auto = {
        name: service_price(AUTOML, name) for name in ("training", "keeping a model", "endpoint")
    }
    unit = service_price(AUTOML, "throughput").value * HOURS * 3600  # characters a month

    def automl(requests: Any) -> NDArray[np.float64]:
        units = np.maximum(1, np.ceil(requests * a.characters / unit))
        fixed = auto["training"].value * a.automl_hours + auto["keeping a model"].value
        return np.array([fixed + units * auto["endpoint"].value * HOURS * 3600] * 2)

    prompt = a.tokens_in * (1 + a.shots)
    found = [
        Road(
            f"train {MODEL} from scratch, rent 1 GPU",
            paid(hours_scratch),
            served(a.tokens_in),
            rent,
        ),
        Road(
            f"full fine-tune on {cards} GPUs, rent 1", paid(full_hours), served(a.tokens_in), rent
        ),
        Road("LoRA on 1 GPU, rent 1", paid(lora_hours), served(a.tokens_in), rent),
        Road("prompt the open model, rent 1 GPU", (0, 0), served(prompt), rent),
        Road(
            f"prompt an API ({api})",
            (0, 0),
            lambda requests: np.array([requests * a_request] * 2),
            f"{usd_in:g} in, {usd_out:g} out, USD a million tokens ({dated})",
        ),
        Road(
            "AutoML platform, endpoint always on",
            (0, 0),
            automl,
            f"{auto['training'].value:g} USD an hour of training, {auto['endpoint'].value:g} USD a "
            f"second and unit ({auto['training'].date})",
        ),
    ]
    return [replace(road, months=a.months) for road in found]


def break_even(first: Road, second: Road) -> float | None:
    """Requests a month from which ``first`` costs less than ``second``, by the higher prices.

    None where it never does, below 1e10 requests.
    """
    counts = np.geomspace(1, 1e10, 4001)
    cheaper = first.cost(counts)[1] < second.cost(counts)[1]
    return float(counts[np.argmax(cheaper)]) if cheaper.any() else None


@dataclass(frozen=True, repr=False)
class Bought:
    """What a budget buys at a volume: each road with its monthly cost (low, high) and whether it fits."""

    budget: float
    requests: float
    roads: list[Road]
    costs: list[tuple[float, float]]

    def __repr__(self) -> str:
        lines = [f"{self.requests:,.0f} requests and {self.budget:,.0f} USD a month"]
        for road, (low, high) in zip(self.roads, self.costs, strict=True):
            fits = "fits" if high <= self.budget else "too dear"
            lines.append(
                f"{road.name:42} {low:10,.0f} to {high:10,.0f} USD  {fits:9} {road.prices}"
            )
        return "\n".join(lines)

    @property
    def affordable(self) -> list[Road]:
        """The roads whose higher cost is within the budget."""
        return [
            r for r, (_, high) in zip(self.roads, self.costs, strict=True) if high <= self.budget
        ]

    @property
    def cheapest(self) -> Road:
        """The road with the lowest cost, by the higher prices."""
        return self.roads[int(np.argmin([high for _, high in self.costs]))]


def buy(budget: float, requests: float, api: str = APIS[0], **changed: Any) -> Bought:
    """What ``budget`` USD a month buys for ``requests`` a month; ``changed`` sets Assumptions.

    Raises ValueError for a budget or a volume that is negative or no number, KeyError for an API
    without a price, TypeError for an assumption that there is not.
    """
    for name, value, unit in (("budget", budget, "USD"), ("requests", requests, "requests")):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not (number and math.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be 0 {unit} a month or more; it is {value!r}.")
    found = roads(api, Assumptions(**changed))
    costs = [tuple(float(v) for v in road.cost(requests)[:, 0]) for road in found]
    return Bought(float(budget), float(requests), found, costs)  # type: ignore[arg-type]
