"""Optimizers whose options, state and step live in the engine."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._signatures import LazySignature, bind
from swiftnn.optim.optimizer import Optimizer, check_group, split_groups

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeVar

    from swiftnn.optim.optimizer import ParametersLike

    _Made = TypeVar("_Made", bound=Optimizer)

# How PyTorch computes a step, which here is decided by the engine.
_IGNORED = ("foreach", "fused", "capturable", "differentiable")

# Attributes of an optimizer that are made anew when it is copied or loaded; others are those of subclasses.
_MADE = ("_given", "_options", "_wrappers", "_core", "defaults", "param_groups")


class ParameterGroup(dict):  # type: ignore[type-arg]
    """The options of a group. Those of the optimizer are read from the engine and written through to it."""

    def __init__(self, core: _C.Optimizer, number: int, options: frozenset[str], values: dict[str, Any]) -> None:
        super().__init__(values)
        self._core = core
        self._number = number
        self._options = options
        # Options given as tensors stay tensors, whose numbers every step reads.
        self._held = {name: value for name, value in values.items() if name in options and isinstance(value, Tensor)}
        self._refresh()

    def _refresh(self) -> None:
        for name in self._options:
            dict.__setitem__(self, name, self[name])

    def read_tensors(self) -> None:
        """Brings numbers that are held as tensors to the engine."""
        for name, value in self._held.items():
            self._core.set(self._number, name, value)

    def __getitem__(self, name: str) -> Any:
        if name in self._held or name not in self._options:
            return super().__getitem__(name)
        return self._core.get(self._number, name)

    def get(self, name: str, default: Any = None) -> Any:
        if name not in self:
            return default
        return self[name]

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._options:
            check_number(name, value)
            self._core.set(self._number, name, value)
            self._held.pop(name, None)
            if isinstance(value, Tensor):
                self._held[name] = value
        super().__setitem__(name, value)

    def update(self, *args: Any, **kwargs: Any) -> None:
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def setdefault(self, name: str, default: Any = None) -> Any:
        if name not in self:
            self[name] = default
        return self[name]

    def __delitem__(self, name: str) -> None:
        if name in self._options:
            raise KeyError(f"'{name}' is an option of the optimizer and stays")
        super().__delitem__(name)

    def pop(self, name: str, *default: Any) -> Any:
        if name in self._options:
            raise KeyError(f"'{name}' is an option of the optimizer and stays")
        return super().pop(name, *default)

    def items(self) -> Any:
        self._refresh()
        return super().items()

    def values(self) -> Any:
        self._refresh()
        return super().values()

    def __repr__(self) -> str:
        self._refresh()
        return super().__repr__()

    def copy(self) -> dict[str, Any]:
        self._refresh()
        return dict(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> dict[str, Any]:
        import copy

        return copy.deepcopy(self.copy(), memo)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (self.copy(),)


class EngineState:
    """optimizer.state: for a parameter, what the engine keeps for it."""

    def __init__(self, optimizer: EngineOptimizer) -> None:
        self._optimizer = optimizer

    def _places(self) -> Iterator[tuple[Tensor, int, int]]:
        for number, group in enumerate(self._optimizer.param_groups):
            for index, parameter in enumerate(group["params"]):
                yield parameter, number, index

    def _place_of(self, parameter: Tensor) -> tuple[int, int]:
        for other, number, index in self._places():
            if other is parameter:
                return number, index
        raise KeyError(parameter)

    def __getitem__(self, parameter: Tensor) -> dict[str, Any]:
        return self._kept(*self._place_of(parameter))

    def _kept(self, number: int, index: int) -> dict[str, Any]:
        return self._optimizer._shown(self._optimizer._core.state(number, index))

    def __setitem__(self, parameter: Tensor, kept: dict[str, Any]) -> None:
        self._put(self._place_of(parameter), {name: value for name, value in kept.items() if value is not None})

    def _put(self, place: tuple[int, int], kept: dict[str, Any]) -> None:
        for name, value in self._optimizer._taken(kept).items():
            tensor = value if isinstance(value, Tensor) else _C.tensor(value, dtype=_C.float64)
            self._optimizer._core.set_state(*place, name, tensor)

    def get(self, parameter: Tensor, default: Any = None) -> Any:
        if parameter not in self:
            return default
        return self[parameter]

    def items(self) -> list[tuple[Tensor, dict[str, Any]]]:
        kept = [(p, self._kept(number, index)) for p, number, index in self._places()]
        return [(parameter, state) for parameter, state in kept if state]

    def keys(self) -> list[Tensor]:
        return [parameter for parameter, _ in self.items()]

    def values(self) -> list[dict[str, Any]]:
        return [state for _, state in self.items()]

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.items())

    def __contains__(self, parameter: object) -> bool:
        return any(other is parameter for other in self.keys())

    def __repr__(self) -> str:
        return repr(dict(self.items()))


def check_number(name: str, value: Any) -> None:
    """Refuses a tensor that is no number."""
    if isinstance(value, Tensor) and value.numel() != 1:
        raise ValueError(f"Tensor {name} must be 1-element")


def named_options(
    name: str, fields: tuple[tuple[Any, ...], ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> dict[str, Any]:
    """The options of a call by name, without those that are about how PyTorch computes a step."""
    names = [field[0] for field in fields]
    positional = [field[0] for field in fields if not field[3]]
    if len(args) > len(positional):
        raise TypeError(f"{name}() takes {len(positional) + 1} positional arguments but {len(args) + 1} were given")
    given = {option: value for option, value in kwargs.items() if option in names or option not in _IGNORED}
    for option, value in zip(positional, args):
        if option in given:
            raise TypeError(f"{name}() got multiple values for argument '{option}'")
        given[option] = value
    for option, value in given.items():
        if option not in names:
            raise TypeError(f"{name}() got an unexpected keyword argument '{option}'")
        check_number(option, value)
    return given


class EngineOptimizer(Optimizer):
    """Base of the optimizers of the registry."""

    _entry: tuple[str, int]  # name and id in the registry
    _core: _C.Optimizer
    _opt_called = False  # what schedules ask

    def __init__(self, params: ParametersLike, *args: Any, **kwargs: Any) -> None:
        name, number = self._entry
        fields = _C.fields(_C.OPTIMIZERS, number)
        self._given = named_options(name, fields, args, kwargs)
        self._options = frozenset(field[0] for field in fields)
        self._wrappers: list[tuple[str, dict[str, Any]]] = []
        self.defaults = dict(bind(fields, (), self._given))
        self.param_groups = []
        for group in split_groups(params):
            self.add_param_group(group)

    @property
    def state(self) -> EngineState:
        """What is kept of each parameter. Made when asked for: one that stayed would keep models alive in a cycle."""
        return EngineState(self)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group of parameters with options of its own."""
        check_group(param_group, self.param_groups)
        own = {name: value for name, value in param_group.items() if name in self._options}
        options = {**self._given, **own}
        for name, value in own.items():
            check_number(name, value)
        params = param_group["params"]
        if not self.param_groups:
            self._core = _C.Optimizer(self._entry[0], params, options)
        else:
            self._core.add_group(params, options)
        values = {**options, **param_group}
        self.param_groups.append(ParameterGroup(self._core, len(self.param_groups), self._options, values))

    def _shown(self, kept: dict[str, Any]) -> dict[str, Any]:
        """What the engine keeps of a parameter, as PyTorch shows it."""
        return kept

    def _taken(self, kept: dict[str, Any]) -> dict[str, Any]:
        """The reverse: what the engine takes."""
        return kept

    def _wrap(self, name: str, options: dict[str, Any]) -> None:
        """Does something around every step, by the name of a wrapper."""
        self._core.wrap(name, options)
        self._wrappers.append((name, options))

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients, or sets them to zero."""
        if set_to_none:
            self._core.zero_grad()
        else:
            super().zero_grad(set_to_none=False)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes the parameters by their gradients. closure, where given, computes loss and gradients first."""
        for group in self.param_groups:
            group.read_tensors()
        self._opt_called = True
        if closure is not None:
            return self._core.step_closure(closure)
        self._core.step()
        return None

    def set_outputs(self, *outputs: Tensor) -> None:
        """Says, in the closure of a step, of which outputs of the model the loss is a function."""
        self._core.set_outputs(outputs)

    def first_step(self, zero_grad: bool = False) -> None:
        """Moves the parameters to where the gradients of the step are taken."""
        for group in self.param_groups:
            group.read_tensors()
        self._core.first_step()
        if zero_grad:
            self.zero_grad()

    def second_step(self, zero_grad: bool = False) -> None:
        """Moves the parameters back, and on by the gradients from there."""
        self.step()
        if zero_grad:
            self.zero_grad()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continues from what state_dict() returned."""
        import copy

        saved = state_dict["param_groups"]
        self._check_saved(saved)
        numbers = [number for group in saved for number in group["params"]]
        state = EngineState(self)
        places = [(group, index) for _, group, index in state._places()]
        loaded = [
            {name: value for name, value in state_dict["state"].get(number, {}).items() if value is not None}
            for number in numbers
        ]
        for place, kept in zip(places, loaded, strict=True):
            self._core.clear_state(*place)
            state._put(place, kept)
        for group, options in zip(self.param_groups, saved, strict=True):
            own = {name: v for name, v in options.items() if name != "params" and name not in _IGNORED}
            group.update(copy.deepcopy(own))

    def __getstate__(self) -> dict[str, Any]:
        groups = [group.copy() for group in self.param_groups]
        state = self.state_dict()["state"]
        own = {name: value for name, value in self.__dict__.items() if name not in _MADE}
        return {"groups": groups, "given": self._given, "wrappers": self._wrappers, "state": state, "own": own}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state["own"])
        EngineOptimizer.__init__(self, state["groups"], **state["given"])
        for name, options in state["wrappers"]:
            self._wrap(name, options)
        numbers = self._numbered()
        for parameter, _, _ in list(EngineState(self)._places()):
            kept = state["state"].get(numbers[id(parameter)])
            if kept:
                self.state[parameter] = kept


class CountingOptimizer(EngineOptimizer):
    """Base of LBFGS, whose state PyTorch keeps as numbers and lists."""

    def _shown(self, kept: dict[str, Any]) -> dict[str, Any]:
        if not kept:
            return kept
        shown: dict[str, Any] = {"old_dirs": [], "old_stps": [], "ro": [], **kept}
        for name in ("func_evals", "n_iter"):
            shown[name] = int(kept[name])
        for name in ("t", "prev_loss"):
            shown[name] = float(kept[name])
        for name in ("old_dirs", "old_stps", "ro"):
            shown[name] = list(shown[name])
        return {**shown, "al": [None] * self.param_groups[0]["history_size"]}

    def _taken(self, kept: dict[str, Any]) -> dict[str, Any]:
        from swiftnn import stack

        taken = {name: value for name, value in kept.items() if name != "al"}
        for name in ("old_dirs", "old_stps", "ro"):
            rows = taken.pop(name, None)
            if rows is not None and len(rows) > 0:
                taken[name] = rows if isinstance(rows, Tensor) else stack(list(rows))
        return taken


class EngineWrapper(Optimizer):
    """Base of what is done around the steps of an optimizer, which is then the same optimizer with another step."""

    _entry: tuple[str, int]
    optimizer: EngineOptimizer

    def __init__(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> None:
        name, number = self._entry
        if not isinstance(optimizer, EngineOptimizer | EngineWrapper):
            raise TypeError(f"{name} goes around an optimizer of swiftnn.optim, not {type(optimizer).__name__}")
        options = named_options(name, _C.fields(_C.WRAPPERS, number), args, kwargs)
        self.optimizer = optimizer if isinstance(optimizer, EngineOptimizer) else optimizer.optimizer
        self.optimizer._wrap(name, options)

    @property
    def _core(self) -> _C.Optimizer:
        return self.optimizer._core

    @property
    def defaults(self) -> dict[str, Any]:  # type: ignore[override]
        """The options of groups that say none."""
        return self.optimizer.defaults

    @property
    def param_groups(self) -> list[Any]:  # type: ignore[override]
        """The groups of the optimizer."""
        return self.optimizer.param_groups

    @property
    def state(self) -> EngineState:
        """What is kept of each parameter, also by the wrapper."""
        return self.optimizer.state

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group of parameters with options of its own."""
        self.optimizer.add_param_group(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients, or sets them to zero."""
        self.optimizer.zero_grad(set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes the parameters by their gradients. closure, where given, computes loss and gradients first."""
        return self.optimizer.step(closure)

    def set_outputs(self, *outputs: Tensor) -> None:
        """Says, in the closure of a step, of which outputs of the model the loss is a function."""
        self.optimizer.set_outputs(*outputs)

    def first_step(self, zero_grad: bool = False) -> None:
        """Moves the parameters to where the gradients of the step are taken."""
        self.optimizer.first_step(zero_grad)

    def second_step(self, zero_grad: bool = False) -> None:
        """Moves the parameters back, and on by the gradients from there."""
        self.optimizer.second_step(zero_grad)

    def state_dict(self) -> dict[str, Any]:
        """What is kept, by number of the parameter, and the options of the groups."""
        return self.optimizer.state_dict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continues from what state_dict() returned."""
        self.optimizer.load_state_dict(state_dict)


def unwrapped(optimizer: Optimizer) -> Optimizer:
    """The optimizer that wrappers are around, or one that has none."""
    return optimizer.optimizer if isinstance(optimizer, EngineWrapper) else optimizer


def make_optimizer(name: str, doc: str, number: int) -> type[EngineOptimizer]:
    """The class of an optimizer of the registry."""
    base = CountingOptimizer if name == "LBFGS" else EngineOptimizer
    return _make(base, name, doc, LazySignature(_C.OPTIMIZERS, number, ("params",)), number)


def make_wrapper(name: str, doc: str, number: int) -> type[EngineWrapper]:
    """The class of a wrapper of the registry."""
    return _make(EngineWrapper, name, doc, LazySignature(_C.WRAPPERS, number, ("optimizer",)), number)


def _make(base: type[_Made], name: str, doc: str, signature: LazySignature, number: int) -> type[_Made]:
    namespace = {
        "__doc__": doc,
        "__module__": "swiftnn.optim",
        "__qualname__": name,
        "_entry": (name, number),
        "__signature__": signature,
    }
    return type(name, (base,), namespace)
