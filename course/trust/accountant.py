"""What a training run with DP-SGD costs in privacy: a Rényi accountant, from the definition.

One step draws each person with probability ``rate`` (Poisson sampling), adds Gaussian noise of
``noise`` times the clipping norm to the sum of clipped gradients. Its Rényi divergence of order
alpha is an integral (Mironov, Talwar and Zhang, 2019, section 3.3), taken here numerically; steps
add up; the sum becomes epsilon by Balle et al. (2020), theorem 21, at the order that is best.
Protected is a person being in the data or not (add or remove one).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from course.trust.noise import check_delta, check_epsilon

Floats = NDArray[np.float64]
# The orders that Opacus tries too: fine where epsilon is large, whole numbers where it is small.
ORDERS: Floats = np.r_[np.arange(11, 110) / 10, np.arange(12.0, 64.0)]
ORDERS.setflags(write=False)
LEAST_NOISE = 0.02  # below it epsilon is in the thousands, and only bounded


def epsilon(noise: float, rate: float, steps: int, delta: float) -> float:
    """The epsilon of ``steps`` steps of DP-SGD at ``delta``; infinite without noise.

    noise: standard deviation of the noise over the clipping norm. rate: share of the people in an
    average batch. Raises ValueError for values out of their range.
    """
    check_delta(delta)
    if not 0 < rate <= 1:
        raise ValueError(
            f"rate must be above 0 and at most 1, not {rate}: batch size divided by people."
        )
    if noise < 0 or not math.isfinite(noise):
        raise ValueError(f"noise must be 0 or more, not {noise}.")
    if steps < 1:
        raise ValueError(f"steps must be 1 or more, not {steps}.")
    if noise == 0:
        return math.inf
    spent = steps * renyi(float(noise), float(rate))
    by_order = spent - (math.log(delta) + np.log(ORDERS)) / (ORDERS - 1) + np.log1p(-1 / ORDERS)
    return max(float(by_order.min()), 0.0)


@lru_cache(maxsize=4096)
def renyi(noise: float, rate: float) -> Any:
    """The Rényi divergence of one step for each of ORDERS; (orders,)."""
    if rate == 1 or noise < LEAST_NOISE:
        # Sampling only lowers it, so without sampling is an upper bound where the grid is too long.
        return ORDERS / (2 * noise**2)
    # E over z ~ N(0, noise^2) of ((1 - rate) + rate * N(z; 1) / N(z; 0)) ** alpha. The integrand's
    # bulk lies between 0 and alpha, noise wide; the trapezoid rule is exact to rounding there.
    step = noise / 16
    z = np.arange(-12 * noise, ORDERS.max() + 12 * noise, step)
    log_density = -(z**2) / (2 * noise**2) - math.log(noise * math.sqrt(2 * math.pi))
    log_ratio = np.logaddexp(math.log1p(-rate), math.log(rate) + (2 * z - 1) / (2 * noise**2))
    total = np.empty(len(ORDERS))
    for n, alpha in enumerate(ORDERS):  # one at a time: little noise means a long, fine grid
        logs = alpha * log_ratio + log_density
        top = logs.max()
        total[n] = math.log(np.exp(logs - top).sum() * step) + top
    found = np.maximum(total, 0.0) / (ORDERS - 1)
    found.setflags(write=False)
    return found


def noise_for(target: float, rate: float, steps: int, delta: float) -> float:
    """The least noise with which ``steps`` steps stay within epsilon ``target``, to 0.1 %.

    Raises ValueError where even noise 10,000 does not do.
    """
    check_epsilon(target)
    low, high = 0.05, 0.1
    while epsilon(high, rate, steps, delta) > target:
        low, high = high, 2 * high
        if high > 1e4:
            raise ValueError(
                f"epsilon {target} is out of reach with {steps} steps at delta {delta}: take "
                "fewer steps, or allow more."
            )
    while high / low > 1.001:
        middle = math.sqrt(low * high)
        if epsilon(middle, rate, steps, delta) > target:
            low = middle
        else:
            high = middle
    return high
