"""weight_norm and spectral_norm in the form that names its parameters weight_g and weight_v, or weight_orig."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Parameter
from swiftnn.nn.utils.parametrizations import SpectralNorm, length_except, usual_dim

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Norm:
    """A hook before forward that computes a weight and puts it in its place."""

    def __init__(self, name: str) -> None:
        self.name = name

    def compute(self, module: Any) -> Tensor:
        raise NotImplementedError

    def detach(self, module: Any) -> None:
        raise NotImplementedError

    def __call__(self, module: Any, args: Any) -> None:
        setattr(module, self.name, self.compute(module))

    def attach(self, module: Any) -> None:
        module.register_forward_pre_hook(self)
        self(module, ())


class _WeightNorm(_Norm):
    def __init__(self, name: str, dim: int | None) -> None:
        super().__init__(name)
        self.dim = dim

    def compute(self, module: Any) -> Tensor:
        direction = getattr(module, self.name + "_v")
        weight: Tensor = direction * (getattr(module, self.name + "_g") / length_except(direction, self.dim))
        return weight

    def detach(self, module: Any) -> None:
        del module._parameters[self.name + "_g"], module._parameters[self.name + "_v"]


class _SpectralNorm(_Norm):
    def __init__(self, name: str, norm: SpectralNorm) -> None:
        super().__init__(name)
        self.norm = norm

    def compute(self, module: Any) -> Tensor:
        norm = self.norm.train(module.training)
        norm._u, norm._v = getattr(module, self.name + "_u"), getattr(module, self.name + "_v")
        weight: Tensor = norm(getattr(module, self.name + "_orig"))
        setattr(module, self.name + "_u", norm._u)
        setattr(module, self.name + "_v", norm._v)
        return weight

    def detach(self, module: Any) -> None:
        del module._parameters[self.name + "_orig"]
        del module._buffers[self.name + "_u"], module._buffers[self.name + "_v"]


def _take(module: Any, name: str) -> Parameter:
    if any(isinstance(hook, _Norm) and hook.name == name for hook in module._forward_pre_hooks.values()):
        raise RuntimeError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    weight = module._parameters.get(name)
    if weight is None:
        raise AttributeError(f"'{type(module).__name__}' has no parameter '{name}'")
    delattr(module, name)
    return weight  # type: ignore[no-any-return]


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """A weight as g * v / |v|, with `weight_g` and `weight_v` as parameters."""
    dim = None if dim == -1 else dim
    weight = _take(module, name)
    module.register_parameter(name + "_g", Parameter(length_except(weight.detach(), dim)))
    module.register_parameter(name + "_v", Parameter(weight.detach()))
    _WeightNorm(name, dim).attach(module)
    return module


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """A weight divided by its greatest singular value, with `weight_orig` as parameter."""
    weight = _take(module, name)
    norm = SpectralNorm(weight, n_power_iterations, usual_dim(module) if dim is None else dim, eps)
    module.register_parameter(name + "_orig", weight)
    module.register_buffer(name + "_u", norm._u)
    module.register_buffer(name + "_v", norm._v)
    _SpectralNorm(name, norm).attach(module)
    return module


def _remove(module: Module, name: str, kind: type[_Norm]) -> Module:
    hooks: dict[int, Any] = module.__dict__["_forward_pre_hooks"]
    for number, hook in list(hooks.items()):
        if isinstance(hook, kind) and hook.name == name:
            weight = hook.compute(module).detach()
            del hooks[number]
            hook.detach(module)
            module.__dict__.pop(name, None)
            module.register_parameter(name, Parameter(weight))
            return module
    raise ValueError(f"no norm of '{name}' found in {module}")


def remove_weight_norm(module: Module, name: str = "weight") -> Module:
    """Makes the weight a parameter again."""
    return _remove(module, name, _WeightNorm)


def remove_spectral_norm(module: Module, name: str = "weight") -> Module:
    """Makes the weight a parameter again."""
    return _remove(module, name, _SpectralNorm)
