"""Schedules of the learning rate."""

from __future__ import annotations

import json
from collections import Counter

from swiftnn import _C
from swiftnn.optim import _schedules
from swiftnn.optim._schedules import *  # noqa: F403
from swiftnn.optim.engine import unwrapped
from swiftnn.optim.optimizer import Optimizer
from swiftnn.optim.scheduler import FACTOR_OF_FIRST, FACTOR_OF_LAST, LRScheduler, asking

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any


class MultiStepLR(_schedules.MultiStepLR):  # type: ignore[no-redef]
    __doc__ = _schedules.MultiStepLR.__doc__

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        super().__init__(optimizer, list(milestones), gamma, last_epoch)

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, by PyTorch's names."""
        state = super().state_dict()
        return {**state, "milestones": Counter(state["milestones"])}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from what state_dict() returned."""
        milestones = state_dict.get("milestones", self.milestones)
        super().load_state_dict({**state_dict, "milestones": sorted(Counter(milestones).elements())})


class CyclicLR(_schedules.CyclicLR):  # type: ignore[no-redef]
    __doc__ = _schedules.CyclicLR.__doc__

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | Sequence[float],
        max_lr: float | Sequence[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Any = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Any = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | Sequence[float] = 0.8,
        max_momentum: float | Sequence[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        super().__init__(
            optimizer,
            base_lr,
            max_lr,
            step_size_up,
            step_size_down,
            mode if scale_fn is None else "triangular",
            gamma,
            scale_mode,
            cycle_momentum,
            base_momentum,
            max_momentum,
            last_epoch,
        )
        self.__dict__["_scale_fn_custom"] = scale_fn
        if scale_fn is not None:
            self._ask_for_scales()
            # The first step was taken without the function: once more.
            self._core.load(json.dumps({"last_epoch": last_epoch, "_step_count": 0}))
            self._go(self._core.step)

    def _ask_for_scales(self) -> None:
        self._core.set_scale(asking(self, lambda schedule, number: schedule._scale_fn_custom(number)))

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if self._scale_fn_custom is not None:
            self._ask_for_scales()

    def state_dict(self) -> dict[str, Any]:
        """What is remembered; of a function for the height, the attributes where it is an object."""
        import types

        scale = self._scale_fn_custom
        kept = None if scale is None or isinstance(scale, types.FunctionType) else scale.__dict__.copy()
        return {**super().state_dict(), "_scale_fn_custom": kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from what state_dict() returned."""
        rest = dict(state_dict)
        kept = rest.pop("_scale_fn_custom", None)
        super().load_state_dict(rest)
        if kept is not None:
            self._scale_fn_custom.__dict__.update(kept)


class ReduceLROnPlateau(_schedules.ReduceLROnPlateau):  # type: ignore[no-redef]
    __doc__ = _schedules.ReduceLROnPlateau.__doc__

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """A step with what may have stopped becoming better."""
        if epoch is not None:
            self.last_epoch = epoch - 1
        self._go(lambda: self._core.step_metric(float(metrics)))

    @property
    def in_cooldown(self) -> bool:
        """Whether measurements do not count yet."""
        return bool(self.cooldown_counter > 0)

    @property
    def mode_worse(self) -> float:
        """What every measurement is better than."""
        return float("inf") if self.mode == "min" else -float("inf")

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, by PyTorch's names."""
        state = super().state_dict()
        del state["_is_initial"], state["_get_lr_called_within_step"]
        return {**state, "mode_worse": self.mode_worse}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from what state_dict() returned."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "mode_worse"})


class _Functions(LRScheduler):
    """Schedules that multiply rates by functions of the step, one for all groups or one for each."""

    _kind: int
    lr_lambdas: list[Callable[[int], float]]

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | Sequence[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        groups = len(optimizer.param_groups)
        functions = list(lr_lambda) if isinstance(lr_lambda, (list, tuple)) else [lr_lambda] * groups
        if len(functions) != groups:
            raise ValueError(f"Expected {groups} lr_lambdas, but got {len(functions)}")
        for function in functions:
            if not callable(function):
                raise TypeError(f"lr_lambda should be a function, but got {type(function).__name__}")
        self.__dict__["lr_lambdas"] = functions
        self._make(optimizer, last_epoch)

    def _build(self, core: _C.Optimizer, last_epoch: int) -> _C.Schedule:
        return _C.schedule_from_function(core, self._kind, asking(self, _Functions._factor), last_epoch)

    def _factor(self, core: _C.Schedule, step: int, group: int) -> float:
        return self.lr_lambdas[group](step)

    def state_dict(self) -> dict[str, Any]:
        """What is remembered; of the functions, the attributes of those that are objects."""
        import types

        kept = [None if isinstance(f, types.FunctionType) else f.__dict__.copy() for f in self.lr_lambdas]
        return {**super().state_dict(), "lr_lambdas": kept}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from what state_dict() returned."""
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "lr_lambdas"})
        for function, kept in zip(self.lr_lambdas, state_dict["lr_lambdas"]):
            if kept is not None:
                function.__dict__.update(kept)


class LambdaLR(_Functions):
    """The rate of the beginning times a function of the step."""

    _kind = FACTOR_OF_FIRST


class MultiplicativeLR(_Functions):
    """The rate of the step before times a function of the step."""

    _kind = FACTOR_OF_LAST


class _Several(LRScheduler):
    """Schedules made of schedules."""

    _schedulers: list[LRScheduler]

    def _join(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None, *given: Any) -> None:
        """Checks schedules and makes one of them; `given` is what else is said about it."""
        name = type(self).__name__
        if len(schedulers) < 1:
            raise ValueError(f"{name} expects at least one scheduler, but got no scheduler.")
        for index, scheduler in enumerate(schedulers):
            if not isinstance(scheduler, LRScheduler):
                raise TypeError(f"{name} at index {index} should have `optimizer` as its attribute.")
            if unwrapped(scheduler.optimizer) is not unwrapped(optimizer or schedulers[0].optimizer):
                raise ValueError(
                    f"{name} expects all schedulers to belong to the same optimizer, but got scheduler "
                    f"{type(scheduler).__name__} at index {index}"
                )
        self.__dict__.update(_schedulers=list(schedulers), _given=given)
        self._make(schedulers[0].optimizer)

    @property
    def _cores(self) -> list[_C.Schedule]:
        return [scheduler._core for scheduler in self._schedulers]

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, also by the schedulers within."""
        state = super().state_dict()
        del state["_is_initial"], state["_get_lr_called_within_step"]
        return {**state, "_schedulers": [scheduler.state_dict() for scheduler in self._schedulers]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from what state_dict() returned."""
        saved = state_dict["_schedulers"]
        if len(saved) != len(self._schedulers):
            raise ValueError(f"the state is one of {len(saved)} schedulers, not {len(self._schedulers)}")
        super().load_state_dict({name: value for name, value in state_dict.items() if name != "_schedulers"})
        for scheduler, state in zip(self._schedulers, saved):
            scheduler.load_state_dict(state)


class SequentialLR(_Several):
    """One schedule after another: number i + 1 begins at milestones[i]."""

    def __init__(
        self,
        optimizer: Optimizer,
        schedulers: Sequence[LRScheduler],
        milestones: Sequence[int],
        last_epoch: int = -1,
    ) -> None:
        self._join(schedulers, optimizer, list(milestones), last_epoch)

    def _build(self, core: _C.Optimizer, last_epoch: int) -> _C.Schedule:
        return _C.schedule_sequence(self._cores, *self._given)


class ChainedScheduler(_Several):
    """Schedules that step together, each from what the one before made of the rates."""

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self._join(schedulers, optimizer)

    def _build(self, core: _C.Optimizer, last_epoch: int) -> _C.Schedule:
        return _C.schedule_chain(self._cores)


class WarmupLR(_Several):
    """A warm-up before any schedule: from start_factor times the rates as they stand, evenly ("linear") or by equal
    factors ("exponential"); step takes what the schedule takes."""

    def __init__(
        self, scheduler: LRScheduler, warmup_iters: int, start_factor: float | None = None, mode: str = "linear"
    ) -> None:
        if mode not in ("linear", "exponential"):
            raise ValueError(f"mode must be one of linear, exponential, got '{mode}'")
        start = start_factor if start_factor is not None else 0.0 if mode == "linear" else 0.001
        self._join([scheduler], None, warmup_iters, start, mode == "exponential")

    def _build(self, core: _C.Optimizer, last_epoch: int) -> _C.Schedule:
        return _C.schedule_warmup(self._cores[0], *self._given)

    def step(self, metrics: Any = None) -> None:
        """A step; with what the schedule measures, where it does."""
        self._go(self._core.step if metrics is None else lambda: self._core.step_metric(float(metrics)))


_LRScheduler = LRScheduler
