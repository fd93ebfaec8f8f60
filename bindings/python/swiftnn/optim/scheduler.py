"""What schedules of the learning rate share; they step in the engine."""

from __future__ import annotations

import json
import warnings
from weakref import WeakKeyDictionary, ref

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._signatures import LazySignature, bind
from swiftnn.optim.engine import EngineOptimizer, unwrapped
from swiftnn.optim.optimizer import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Concatenate, ParamSpec, TypeVar

    _P = ParamSpec("_P")
    _Asked = TypeVar("_Asked")

# What schedules keep in the groups of an optimizer.
_NOTES = ("initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum", "swa_lr")
_MOVED = ("lr", "momentum", "betas")
FACTOR_OF_FIRST, FACTOR_OF_LAST, RATE = range(3)
# What stands in the engine for optimizers written in Python, and its number of groups. Not in them: it cannot be copied
# or saved.
_doubles: WeakKeyDictionary[Optimizer, tuple[_C.Optimizer, int]] = WeakKeyDictionary()


# Attributes of a schedule that are made anew when it is copied or loaded.
_MADE = ("_core", "_is_initial", "_asked")


def _copied(value: Any) -> Any:
    return value.detach().clone() if isinstance(value, Tensor) else value


class _Groups:
    """Groups of an optimizer as schedules of the engine see them; optimizers written in Python have a double there."""

    def __init__(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer = unwrapped(optimizer)
        self.core: _C.Optimizer
        self.is_double = not isinstance(optimizer, EngineOptimizer)
        self.core = optimizer._core if isinstance(optimizer, EngineOptimizer) else self._double()

    def _double(self) -> _C.Optimizer:
        defaults, groups = self.optimizer.defaults, self.optimizer.param_groups
        # By the momentum that schedules may move: Adagrad has none.
        kind = "Adam" if "betas" in defaults else "SGD" if "momentum" in defaults else "Adagrad"
        rates = [{"lr": float(group["lr"])} for group in groups]
        core, known = _doubles.get(self.optimizer) or (_C.Optimizer(kind, [_C.tensor(0.0)], rates[0]), 1)
        for rate in rates[known:]:
            core.add_group([_C.tensor(0.0)], rate)
        _doubles[self.optimizer] = core, len(groups)
        return core

    def give(self) -> None:
        """Tells the engine what stands in the groups."""
        for number, group in enumerate(self.optimizer.param_groups):
            for name in _NOTES + _MOVED:
                if name in group and (self.is_double or name in _NOTES or isinstance(group[name], Tensor)):
                    self.core.set(number, name, group[name])

    def take(self) -> None:
        """Writes into the groups what the engine has made of them."""
        for number, group in enumerate(self.optimizer.param_groups):
            for name in _NOTES:
                note = self.core.note(number, name)
                if note is not None:
                    group[name] = note
            for name in _MOVED:
                if isinstance(group.get(name), Tensor):
                    group[name].detach().fill_(self.core.get(number, name))
                elif self.is_double and name in group:
                    group[name] = self.core.get(number, name)


def asking(owner: _Asked, question: Callable[Concatenate[_Asked, _P], float]) -> Callable[_P, float]:
    """A function for the engine that asks a schedule. It holds the schedule, and so what that refers to, weakly: the
    garbage collector does not see references of the engine."""
    reference = ref(owner)

    def answer(*args: _P.args, **kwargs: _P.kwargs) -> float:
        asked = reference()
        if asked is None:
            raise ReferenceError("the scheduler is gone")
        return question(asked, *args, **kwargs)

    return answer


class LRScheduler:
    """Base of the schedules, also of those written in Python: override get_lr."""

    _core: _C.Schedule
    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self._make(optimizer, last_epoch)

    def _build(self, core: _C.Optimizer, last_epoch: int) -> _C.Schedule:
        """The engine's schedule."""
        self.__dict__["_is_initial"] = True
        try:
            return _C.schedule_from_function(core, RATE, asking(self, LRScheduler._rate), last_epoch)
        finally:
            self.__dict__["_is_initial"] = False

    def _rate(self, core: _C.Schedule, step: int, group: int) -> float:
        if group == 0:
            self.__dict__["_core"] = core
            _Groups(self.optimizer).take()  # what schedules before this one in a chain have done
            self.__dict__["_asked"] = [float(value) for value in self.get_lr()]
        return self.__dict__["_asked"][group]  # type: ignore[no-any-return]

    def _make(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"{type(optimizer).__name__} is not an Optimizer")
        for number, group in enumerate(optimizer.param_groups):
            if last_epoch != -1 and "initial_lr" not in group:
                raise KeyError(
                    f"param 'initial_lr' is not specified in param_groups[{number}] when resuming scheduler with "
                    "last_epoch >= 0."
                )
        self.__dict__["optimizer"] = optimizer
        groups = _Groups(optimizer)
        groups.give()
        self.__dict__["_core"] = self._build(groups.core, last_epoch)
        groups.take()

    def _go(self, step: Callable[[], None]) -> None:
        groups = _Groups(self.optimizer)
        groups.give()
        try:
            step()
        finally:
            groups.take()

    def step(self, epoch: float | None = None) -> None:
        """Sets the rates for the next step, or for a given one."""
        if epoch is not None:
            warnings.warn(
                "The epoch parameter in `scheduler.step()` was not necessary and is being deprecated where possible. "
                "Please use `scheduler.step()` to step the scheduler.",
                UserWarning,
                stacklevel=2,
            )
            return self._go(lambda: self._core.step_to(epoch))
        self._warn_of_order()
        return self._go(self._core.step)

    def _warn_of_order(self) -> None:
        stepped = getattr(unwrapped(self.optimizer), "_opt_called", True)
        if not stepped and self._state().get("_step_count") == 1:
            warnings.warn(
                "Detected call of `lr_scheduler.step()` before `optimizer.step()`. In PyTorch 1.1.0 and later, you "
                "should call them in the opposite order: `optimizer.step()` before `lr_scheduler.step()`.  Failure to "
                "do this will result in PyTorch skipping the first value of the learning rate schedule.",
                UserWarning,
                stacklevel=3,
            )

    def get_lr(self) -> list[float]:
        """The rates as they stand; schedules written in Python give those of the step here."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def get_last_lr(self) -> list[float]:
        """The rates as this scheduler left them."""
        return self._state()["_last_lr"]  # type: ignore[no-any-return]

    def at(self, step: int) -> list[float]:
        """The rates at a step, as a function of the step alone."""
        return self._core.at(step)

    # ---- State: what the engine remembers, and what was set here

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self._core.state())
        return state

    def __getattr__(self, name: str) -> Any:
        if "_core" in self.__dict__:
            state = self._state()
            if name in state:
                return state[name]
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        if "_core" in self.__dict__ and name in self._state():
            self._core.load(json.dumps({name: value}))
        else:
            self.__dict__[name] = value

    def _own(self) -> dict[str, Any]:
        """What classes written in Python have set."""
        return {name: value for name, value in self.__dict__.items() if name not in ("optimizer", "_given", *_MADE)}

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, by PyTorch's names."""
        return {**self._state(), "_is_initial": False, "_get_lr_called_within_step": False, **self._own()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on from what state_dict() returned."""
        known = self._state()
        self._core.load(json.dumps({name: value for name, value in state_dict.items() if name in known}))
        hidden = (*known, "_is_initial", "_get_lr_called_within_step")
        self.__dict__.update({name: value for name, value in state_dict.items() if name not in hidden})

    def __getstate__(self) -> dict[str, Any]:
        own = {name: value for name, value in self.__dict__.items() if name not in _MADE}
        return {"own": own, "state": self.state_dict()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state["own"])
        groups = self.optimizer.param_groups
        before = [
            {name: _copied(value) for name, value in group.items() if name in _NOTES + _MOVED} for group in groups
        ]
        self._make(self.optimizer)  # takes a first step
        self.load_state_dict(state["state"])
        for group, kept in zip(groups, before):
            for name, value in kept.items():
                if isinstance(value, Tensor):
                    group[name].detach().copy_(value)
                else:
                    group[name] = value


class EngineSchedule(LRScheduler):
    """Base of the schedules of the registry."""

    _entry: tuple[str, int]  # name and id in the registry

    def __init__(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        name, number = self._entry
        fields = _C.fields(_C.SCHEDULES, number)
        names = [field[0] for field in fields]
        if len(args) > len(fields):
            raise TypeError(f"{name}() takes {len(fields) + 2} positional arguments but {len(args) + 2} were given")
        for option in kwargs:
            if option not in names:
                raise TypeError(f"{name}() got an unexpected keyword argument '{option}'")
            if option in names[: len(args)]:
                raise TypeError(f"{name}() got multiple values for argument '{option}'")
        missing = [f"'{field[0]}'" for field in fields[len(args) :] if not field[1] and field[0] not in kwargs]
        if missing:
            raise TypeError(f"{name}() missing required argument {', '.join(missing)}")
        self.__dict__["_given"] = {option: value for option, value in bind(fields, args, kwargs) if value is not None}
        self._make(optimizer, self._given.get("last_epoch", -1))

    def _build(self, core: _C.Optimizer, last_epoch: int) -> _C.Schedule:
        return _C.new_schedule(self._entry[0], core, self._given)


def make_schedule(name: str, doc: str, number: int) -> type[EngineSchedule]:
    """The class of a schedule of the registry."""
    namespace = {
        "__doc__": doc,
        "__module__": "swiftnn.optim.lr_scheduler",
        "__qualname__": name,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.SCHEDULES, number, ("optimizer",)),
    }
    return type(name, (EngineSchedule,), namespace)
