"""Parameters that are computed from others whenever they are read."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn.containers import ModuleDict, ModuleList
from swiftnn.nn.layer import Layer
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class ParametrizationList(ModuleList):
    """What is learned in place of a tensor (`original`, or `original0`, `original1`, …), and how it gives that."""

    def __init__(self, modules: Sequence[Module], original: Tensor) -> None:
        super().__init__(modules)
        learned: Any = original.detach()
        for module in reversed(modules):
            if hasattr(module, "right_inverse"):
                learned = module.right_inverse(learned)
        self.__dict__["_count"] = None if isinstance(learned, Tensor) else len(learned)
        for name, tensor in zip(self._names(), [learned] if self._count is None else learned, strict=True):
            if isinstance(original, Parameter):
                self.register_parameter(name, Parameter(tensor, original.requires_grad))
            else:
                self.register_buffer(name, tensor)

    def _names(self) -> list[str]:
        return ["original"] if self._count is None else [f"original{i}" for i in range(self._count)]

    def forward(self) -> Tensor:
        first, *others = self
        value: Tensor = first(*(getattr(self, name) for name in self._names()))
        for module in others:
            value = module(value)
        return value


class _Parametrized:
    """The part of a class whose tensors are computed: made by `register_parametrization`."""

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, Layer):  # the engine computes with the tensors that it holds
            for name in self.parametrizations:
                self._core.set(name, getattr(self, name))
        return super().forward(*args, **kwargs)  # type: ignore[misc]


def _computed(name: str) -> property:
    return property(lambda module: module.parametrizations[name]())


def is_parametrized(module: Module, tensor_name: str | None = None) -> bool:
    """Whether a tensor of the module, or any, is computed."""
    lists = module._modules.get("parametrizations")
    return isinstance(lists, ModuleDict) and len(lists) > 0 and (tensor_name is None or tensor_name in lists)


def register_parametrization(
    module: Module, tensor_name: str, parametrization: Module, *, unsafe: bool = False
) -> Module:
    """Computes a parameter or buffer by a module from now on; several are applied one after another.

    Unless unsafe, the result has to have the shape and dtype of the tensor.
    """
    if is_parametrized(module, tensor_name):
        lists: Any = module.parametrizations
        before = getattr(module, tensor_name)
        lists[tensor_name].append(parametrization)
        _check(before, getattr(module, tensor_name), unsafe, tensor_name)
        return module
    original = module._parameters.get(tensor_name, module._buffers.get(tensor_name))
    if original is None:
        raise ValueError(
            f"Module '{module}' does not have a parameter, a buffer, or a parametrized element '{tensor_name}'"
        )
    computed = ParametrizationList([parametrization], original)
    _check(original, computed(), unsafe, tensor_name)
    if not is_parametrized(module):
        kind = type(module)
        module.__class__ = type(f"Parametrized{kind.__name__}", (_Parametrized, kind), {"__module__": kind.__module__})
        module.parametrizations = ModuleDict()
    delattr(module, tensor_name)
    setattr(type(module), tensor_name, _computed(tensor_name))
    module.parametrizations[tensor_name] = computed
    return module


def _check(before: Tensor, after: Tensor, unsafe: bool, name: str) -> None:
    if not unsafe and (before.shape != after.shape or before.dtype != after.dtype):
        raise ValueError(
            f"Registering a parametrization may not change the shape or dtype of {name}: "
            f"from {tuple(before.shape)} and {before.dtype} to {tuple(after.shape)} and {after.dtype}"
        )


def remove_parametrizations(module: Module, tensor_name: str, leave_parametrized: bool = True) -> Module:
    """Makes a computed tensor a parameter again: as it is, or the original from which it was computed."""
    if not is_parametrized(module, tensor_name):
        raise ValueError(f"Module {module} does not have a parametrization on {tensor_name}")
    lists: Any = module.parametrizations
    computed = lists[tensor_name]
    if not leave_parametrized and computed._count is not None:
        raise ValueError("Cannot leave unparametrized a tensor that is computed from several")
    tensor = (computed() if leave_parametrized else computed.original).detach()
    learned = bool(computed._parameters)
    trained = learned and any(parameter.requires_grad for parameter in computed._parameters.values())
    del lists[tensor_name]
    delattr(type(module), tensor_name)
    if len(lists) == 0:
        del module.parametrizations
        module.__class__ = type(module).__mro__[2]
    if learned:
        module.register_parameter(tensor_name, Parameter(tensor, trained))
    else:
        module.register_buffer(tensor_name, tensor)
    return module
