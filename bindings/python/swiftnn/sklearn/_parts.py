"""What a net is made of, from the parameters of an estimator."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import swiftnn
from swiftnn import models, nn
from swiftnn.nn import Module
from swiftnn.training import Head

PREFIXES = ("module", "criterion", "optimizer", "schedule", "loader", "trainer")

# What turns the outputs into predictions where a loss takes them before that.
_LINKS = {
    nn.CrossEntropyLoss: lambda outputs: swiftnn.softmax(outputs, 1),
    nn.NLLLoss: swiftnn.exp,
    nn.BCEWithLogitsLoss: swiftnn.sigmoid,
}


def perceptron(in_features: int, out_features: int, hidden_features: Any = (100,), activation: Any = "ReLU") -> Module:
    """The module of a net that is given none: linear layers with an activation between them."""
    module: Module = models.MLP(in_features, [*hidden_features, out_features], activation_layer=activation)
    return module


def is_part(name: str) -> bool:
    """Whether it is a parameter of a part: "module__dropout"."""
    prefix, separator, rest = name.partition("__")
    return prefix in PREFIXES and bool(separator and rest)


def made_module(module: Any, options: dict[str, Any], in_features: int, out_features: int) -> Module:
    """What a class or function makes, which is told the sizes of the data if it has parameters for them, or a copy."""
    if isinstance(module, Module):
        if options:
            raise ValueError(f"module is made already: {', '.join(options)} cannot be told to it")
        return copy.deepcopy(module)
    sizes = {"in_features": in_features, "out_features": out_features}
    asked = inspect.signature(module).parameters
    made = module(**{**{name: size for name, size in sizes.items() if name in asked}, **options})
    if not isinstance(made, Module):
        raise TypeError(f"module must be a Module, or make one, not {type(made).__name__}")
    return made


def made_criterion(criterion: Any, options: dict[str, Any]) -> Any:
    """What a class makes; a module, a head or a function as it is."""
    if isinstance(criterion, type):
        return criterion(**options)
    if options:
        raise ValueError(f"criterion is made already: {', '.join(options)} cannot be told to it")
    return criterion


def link_of(criterion: Any) -> Any:
    """What turns the outputs of a module that is trained with a criterion into predictions."""
    if isinstance(criterion, Head):
        return criterion
    if isinstance(criterion, nn.PoissonNLLLoss):
        return swiftnn.exp if criterion.log_input else None
    return next((link for kind, link in _LINKS.items() if isinstance(criterion, kind)), None)


def dtype_of(module: Module) -> swiftnn.dtype:
    """The type of the first parameter, which is that of the numbers that go in."""
    first = next(module.parameters(), None)
    return swiftnn.get_default_dtype() if first is None else first.dtype
