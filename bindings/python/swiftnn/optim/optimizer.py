"""Optimizer: groups of parameters and what an optimizer keeps for them."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.autograd.grad_mode import enable_grad

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, TypeAlias

    ParametersLike: TypeAlias = Iterable[Tensor] | Iterable[dict[str, Any]] | Iterable[tuple[str, Tensor]]


class _Required:
    def __repr__(self) -> str:
        return "<required parameter>"


required = _Required()


def split_groups(params: Any) -> list[dict[str, Any]]:
    """The groups of a list of tensors, of (name, tensor) pairs, or of dicts."""
    if isinstance(params, Tensor):
        raise TypeError(
            f"params argument given to the optimizer should be an iterable of Tensors or dicts, but got {type(params)}"
        )
    listed = list(params)
    if not listed:
        raise ValueError("optimizer got an empty parameter list")
    return [dict(group) for group in listed] if isinstance(listed[0], dict) else [{"params": listed}]


def check_group(group: dict[str, Any], others: Iterable[Any]) -> None:
    """Checks the tensors of a group and puts names, where given, beside them."""
    if not isinstance(group, dict):
        raise TypeError(f"param_group must be a dict, but got {type(group)}")
    params = group["params"]
    if isinstance(params, set):
        raise TypeError("optimizer parameters need to be organized in ordered collections; a set has no order")
    listed = [params] if isinstance(params, Tensor) else list(params)
    if listed and all(isinstance(item, tuple) for item in listed):
        group["param_names"] = [name for name, _ in listed]
        listed = [tensor for _, tensor in listed]
    for tensor in listed:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(tensor).__name__}")
        if not tensor.is_leaf:
            raise ValueError("can't optimize a non-leaf Tensor")
    if len({id(tensor) for tensor in listed}) != len(listed):
        raise ValueError("optimizer contains a parameter group with duplicate parameters")
    known = {id(tensor) for other in others for tensor in other["params"]}
    if any(id(tensor) in known for tensor in listed):
        raise ValueError("some parameters appear in more than one parameter group")
    group["params"] = listed


class Optimizer:
    """Base of optimizers, also of those written in Python: override step."""

    def __init__(self, params: ParametersLike, defaults: dict[str, Any]) -> None:
        self.defaults = defaults
        self.state: Any = _State()
        self.param_groups: list[Any] = []
        for group in split_groups(params):
            self.add_param_group(group)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group of parameters with options of its own."""
        check_group(param_group, self.param_groups)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        self.param_groups.append(param_group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients, or sets them to zero."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if set_to_none:
                    parameter.grad = None
                elif parameter.grad is not None:
                    parameter.grad = parameter.grad.detach()
                    parameter.grad.zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Changes the parameters by their gradients."""
        raise NotImplementedError

    def _evaluate(self, closure: Callable[[], Any] | None) -> Any:
        if closure is None:
            return None
        with enable_grad():
            return closure()

    def _numbered(self) -> dict[int, int]:
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        return {id(parameter): number for number, parameter in enumerate(parameters)}

    def state_dict(self) -> dict[str, Any]:
        """What is kept, by number of the parameter, and the options of the groups."""
        numbers = self._numbered()
        groups = []
        for group in self.param_groups:
            packed = {name: value for name, value in group.items() if name != "params"}
            packed["params"] = [numbers[id(parameter)] for parameter in group["params"]]
            groups.append(packed)
        state = {numbers[id(key)] if isinstance(key, Tensor) else key: value for key, value in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continues from what state_dict() returned."""
        import copy

        saved = state_dict["param_groups"]
        self._check_saved(saved)
        parameters = [parameter for group in self.param_groups for parameter in group["params"]]
        numbers = [number for group in saved for number in group["params"]]
        by_number: dict[Any, Any] = dict(zip(numbers, parameters, strict=True))
        self.state.clear()
        for number, kept in copy.deepcopy(state_dict["state"]).items():
            self._restore(by_number.get(number, number), kept)
        for group, options in zip(self.param_groups, saved, strict=True):
            group.update({name: value for name, value in options.items() if name != "params"})

    def _restore(self, parameter: Any, kept: Any) -> None:
        self.state[parameter] = kept

    def _check_saved(self, saved: list[dict[str, Any]]) -> None:
        if len(self.param_groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        sizes = [len(group["params"]) for group in self.param_groups]
        if sizes != [len(group["params"]) for group in saved]:
            raise ValueError(
                "loaded state dict contains a parameter group that doesn't match the size of optimizer's group"
            )

    def __repr__(self) -> str:
        lines = [type(self).__name__ + " ("]
        for number, group in enumerate(self.param_groups):
            lines += ["", f"Parameter Group {number}"] if number else [f"Parameter Group {number}"]
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])


class _State(dict):  # type: ignore[type-arg]
    """A dict per parameter, made when asked for."""

    def __missing__(self, parameter: Any) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        self[parameter] = kept
        return kept
