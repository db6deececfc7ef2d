"""Schedules: the learning rate as a function of the epoch, or of what `step` counts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

from ..leftout import left_out as _left_out
from .optimizer import Optimizer


class _Schedule:
    optimizer: Optimizer

    def get_last_lr(self) -> list[float]:
        """The learning rates in force, one a group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimizer and functions."""
        return {k: v for k, v in self.__dict__.items() if k not in ("optimizer", "lr_lambdas")}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.__dict__.update(state_dict)


class LRScheduler(_Schedule):
    """Subclass it: `_rate(base, t, group)` is the rate after `t` steps of a group from `base`."""

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer, self.last_epoch = optimizer, last_epoch
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.step()

    def _rate(self, base: float, t: int, group: int) -> float:
        raise NotImplementedError(f"{type(self).__name__} must define _rate")

    def step(self) -> None:
        """Count on by one and set the learning rates."""
        self.last_epoch += 1
        for i, group in enumerate(self.optimizer.param_groups):
            group["lr"] = self._rate(self.base_lrs[i], self.last_epoch, i)


class LambdaLR(LRScheduler):
    """The first rate times `lr_lambda(t)` (one function, or one a group)."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Any, last_epoch: int = -1) -> None:
        several = isinstance(lr_lambda, list | tuple)
        self.lr_lambdas = lr_lambda if several else [lr_lambda] * len(optimizer.param_groups)
        super().__init__(optimizer, last_epoch)

    def _rate(self, base: float, t: int, group: int) -> float:
        return base * self.lr_lambdas[group](t)


class MultiStepLR(LRScheduler):
    """Times `gamma` at each of the `milestones`."""

    def __init__(
        self, optimizer: Optimizer, milestones: Sequence[int], gamma: float = 0.1,
        last_epoch: int = -1,
    ) -> None:  # fmt: skip
        self.milestones, self.gamma = sorted(milestones), gamma
        super().__init__(optimizer, last_epoch)

    def _rate(self, base: float, t: int, group: int) -> float:
        return base * self.gamma ** bisect_right(self.milestones, t)


class StepLR(LRScheduler):
    """Times `gamma` every `step_size` steps."""

    def __init__(
        self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _rate(self, base: float, t: int, group: int) -> float:
        return base * self.gamma ** (t // self.step_size)


class ExponentialLR(LRScheduler):
    """Times `gamma` at every step."""

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _rate(self, base: float, t: int, group: int) -> float:
        return base * self.gamma**t


class LinearLR(LRScheduler):
    """From `start_factor` to `end_factor` of the first rate over `total_iters` steps: a warm-up."""

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0,
        total_iters: int = 5, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _rate(self, base: float, t: int, group: int) -> float:
        share = min(t, self.total_iters) / self.total_iters
        return base * (self.start_factor + (self.end_factor - self.start_factor) * share)


class CosineAnnealingLR(LRScheduler):
    """Half a cosine from the first rate to `eta_min` over `T_max` steps (and up again after)."""

    def __init__(
        self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def _rate(self, base: float, t: int, group: int) -> float:
        return self.eta_min + (base - self.eta_min) * (1 + math.cos(math.pi * t / self.T_max)) / 2


class OneCycleLR(LRScheduler):
    """Up to `max_lr` and down to almost nothing, along cosines (Smith and Topin, 2018).

    Give `total_steps`, or `epochs` and `steps_per_epoch`, whose product it is. While the rate
    rises, the momentum (of Adam: beta1) falls from `max_momentum` to `base_momentum`, and back.
    """

    def __init__(
        self, optimizer: Optimizer, max_lr: float, total_steps: int | None = None,
        epochs: int | None = None, steps_per_epoch: int | None = None, pct_start: float = 0.3,
        *, cycle_momentum: bool = True, base_momentum: float = 0.85, max_momentum: float = 0.95,
        div_factor: float = 25.0, final_div_factor: float = 1e4, last_epoch: int = -1,
    ) -> None:  # fmt: skip
        if total_steps is None:
            if epochs is None or steps_per_epoch is None:
                raise ValueError("OneCycleLR: give total_steps, or epochs and steps_per_epoch")
            total_steps = epochs * steps_per_epoch
        if cycle_momentum and not {"momentum", "betas"} & set(optimizer.defaults):
            raise ValueError("OneCycleLR: this optimizer has no momentum; use cycle_momentum=False")
        self.total_steps, self.cycle_momentum, self._share = total_steps, cycle_momentum, pct_start
        low = max_lr / div_factor
        self._rates = low, max_lr, low / final_div_factor
        self._momenta = max_momentum, base_momentum, max_momentum
        super().__init__(optimizer, last_epoch)

    def _rate(self, base: float, t: int, group: int) -> float:
        if t >= self.total_steps:
            raise ValueError(f"OneCycleLR: step {t + 1} is beyond total_steps={self.total_steps}")
        if self.cycle_momentum:
            settings, momentum = self.optimizer.param_groups[group], self._between(self._momenta, t)
            if "betas" in settings:
                settings["betas"] = (momentum, *settings["betas"][1:])
            else:
                settings["momentum"] = momentum
        return self._between(self._rates, t)

    def _between(self, values: tuple[float, float, float], t: int) -> float:
        """Half a cosine from the first value to the second, and another one to the third."""
        peak, end = self._share * self.total_steps - 1, self.total_steps - 1
        if t <= peak:
            first, last, share = values[0], values[1], t / peak
        else:
            first, last, share = values[1], values[2], (t - peak) / (end - peak)
        return last + (first - last) / 2 * (1 + math.cos(math.pi * share))


class SequentialLR(_Schedule):
    """One schedule after the other, changing at the `milestones`."""

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int]
    ) -> None:
        needed = len(schedulers) - 1
        if len(milestones) != needed:
            raise ValueError(f"SequentialLR: give {needed} milestones, got {len(milestones)}")
        self.optimizer, self._schedulers, self._milestones = optimizer, schedulers, milestones
        self.last_epoch = -1
        self.step()

    def step(self) -> None:
        """Count on by one and set the learning rates."""
        self.last_epoch += 1
        scheduler = self._schedulers[bisect_right(self._milestones, self.last_epoch)]
        if self.last_epoch in (0, *self._milestones):
            scheduler.last_epoch = -1  # its turn begins
        scheduler.step()

    def state_dict(self) -> dict[str, Any]:
        """Where this schedule is, and where its parts are."""
        parts = [scheduler.state_dict() for scheduler in self._schedulers]
        return {"last_epoch": self.last_epoch, "_schedulers": parts}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a saved state."""
        self.last_epoch = state_dict["last_epoch"]
        for scheduler, state in zip(self._schedulers, state_dict["_schedulers"], strict=True):
            scheduler.load_state_dict(state)


class ReduceLROnPlateau(_Schedule):
    """Times `factor` when `step(metric)` has seen no gain for more than `patience` steps."""

    def __init__(
        self, optimizer: Optimizer, mode: str = "min", factor: float = 0.1, patience: int = 10,
        threshold: float = 1e-4, threshold_mode: str = "rel", cooldown: int = 0, min_lr: float = 0,
        eps: float = 1e-8,
    ) -> None:  # fmt: skip
        if factor >= 1:
            raise ValueError(f"Factor should be < 1.0, got {factor}")
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(
                f"mode is 'min' or 'max' and threshold_mode 'rel' or 'abs', got {mode!r}, "
                f"{threshold_mode!r}"
            )
        self.optimizer, self.mode, self.factor, self.patience = optimizer, mode, factor, patience
        self.threshold, self.threshold_mode, self.cooldown = threshold, threshold_mode, cooldown
        self.min_lr, self.eps = min_lr, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0

    def _better(self, metric: float) -> bool:
        relative = self.threshold_mode == "rel" and math.isfinite(self.best)
        gain = self.threshold * (self.best if relative else 1)
        return metric < self.best - gain if self.mode == "min" else metric > self.best + gain

    def step(self, metrics: Any) -> None:
        """Take in the metric of this epoch, and lower the learning rates if it is time."""
        value = float(metrics)
        if self._better(value):
            self.best, self.num_bad_epochs = value, 0
        else:
            self.num_bad_epochs += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            for group in self.optimizer.param_groups:
                lower = max(group["lr"] * self.factor, self.min_lr)
                if group["lr"] - lower > self.eps:
                    group["lr"] = lower
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0


__getattr__ = _left_out("course.scratch.optim.lr_scheduler")
