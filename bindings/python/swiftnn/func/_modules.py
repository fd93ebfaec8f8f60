"""Modules as functions of their parameters."""

from __future__ import annotations

import swiftnn as _swiftnn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from swiftnn._C import Tensor
    from swiftnn.nn import Module


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """What the module gives with other parameters and buffers, which a dict, or several, name as state_dict does."""
    if isinstance(parameter_and_buffer_dicts, dict):
        given: dict[str, Tensor] = dict(parameter_and_buffer_dicts)
    else:
        given = {}
        for part in parameter_and_buffer_dicts:
            repeated = set(part) & set(given)
            if repeated:
                raise ValueError(
                    f"{sorted(repeated)} appeared in multiple dictionaries; behavior of functional call is ambiguous"
                )
            given.update(part)
    if args is None:
        args = ()
    elif not isinstance(args, tuple):
        args = (args,)
    with _Replaced(module, given, tie_weights, strict):
        return module(*args, **(kwargs or {}))


class _Replaced:
    """A module whose parameters and buffers are others for a while."""

    def __init__(self, module: Module, given: dict[str, Tensor], tie_weights: bool, strict: bool) -> None:
        places: dict[str, tuple[dict[str, Any], str]] = {}
        for prefix, child in module.named_modules(remove_duplicate=False):
            for table in (child._parameters, child._buffers):
                for name in table:
                    places[f"{prefix}.{name}" if prefix else name] = (table, name)
        unknown = sorted(set(given) - set(places))
        missing = sorted(name for name, (table, key) in places.items() if name not in given and table[key] is not None)
        if strict and (unknown or missing):
            raise RuntimeError(
                f"Error(s) in loading state_dict for {type(module).__name__}: "
                f"Unexpected key(s): {unknown}. Missing key(s): {missing}."
            )
        if unknown:
            raise KeyError(f"{unknown[0]} is no parameter or buffer of {type(module).__name__}")
        new = {name: given[name] for name in given}
        if tie_weights:
            for name in given:
                table, key = places[name]
                for other, (others, other_key) in places.items():
                    if other not in given and table[key] is not None and others[other_key] is table[key]:
                        new[other] = given[name]
        self.changes = [(*places[name], tensor) for name, tensor in new.items()]
        self.before: list[Any] = []

    def __enter__(self) -> None:
        self.before = []
        try:
            for table, name, tensor in self.changes:
                old = table[name]
                table[name] = tensor
                self.before.append(old)
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *exception: object) -> None:
        for (table, name, _), tensor in zip(self.changes, self.before, strict=False):
            table[name] = tensor


def stack_module_state(models: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters of modules of one kind, and their buffers, stacked for vmap."""
    if not models:
        raise RuntimeError("stack_module_state: Expected at least one model, got 0.")
    if not (all(model.training for model in models) or all(not model.training for model in models)):
        raise RuntimeError("stack_module_state: Expected all models to have the same training/eval mode.")
    if not all(type(model) is type(models[0]) for model in models):
        raise RuntimeError("stack_module_state: Expected all models to be of the same class.")

    def stacked(tables: list[dict[str, Tensor]], leaf: bool) -> dict[str, Tensor]:
        result = {}
        for name in tables[0]:
            tensor = _swiftnn.stack([table[name].detach() for table in tables])
            result[name] = tensor.requires_grad_(tables[0][name].requires_grad) if leaf else tensor
        return result

    parameters = stacked([dict(model.named_parameters()) for model in models], leaf=True)
    return parameters, stacked([dict(model.named_buffers()) for model in models], leaf=False)
