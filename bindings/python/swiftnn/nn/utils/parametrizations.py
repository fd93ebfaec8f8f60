"""Weights by their length and direction, or divided by their greatest singular value."""

from __future__ import annotations

import swiftnn
from swiftnn._C import Tensor
from swiftnn.nn import functional as F
from swiftnn.nn.module import Module
from swiftnn.nn.utils._orthogonal import orthogonal
from swiftnn.nn.utils.parametrize import register_parametrization

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["SpectralNorm", "orthogonal", "spectral_norm", "weight_norm"]


def length_except(tensor: Tensor, dim: int | None) -> Tensor:
    """The norms over all axes but one, or over all."""
    if dim is None:
        return tensor.norm()
    axes = [axis for axis in range(tensor.dim()) if axis != dim % tensor.dim()]
    return tensor.norm(dim=axes, keepdim=True) if axes else tensor.abs()


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, weight_g: Tensor, weight_v: Tensor) -> Tensor:
        return weight_v * (weight_g / length_except(weight_v, self.dim))

    def right_inverse(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        return length_except(weight, self.dim), weight


def weight_norm(module: Module, name: str = "weight", dim: int | None = 0) -> Module:
    """A weight as g * v / |v|: its length (`original0`) and direction (`original1`) are learned."""
    return register_parametrization(module, name, _WeightNorm(None if dim == -1 else dim), unsafe=True)


class SpectralNorm(Module):
    """A weight divided by its greatest singular value, which power iterations follow while training."""

    _u: Tensor
    _v: Tensor

    def __init__(self, weight: Tensor, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if not -weight.dim() <= dim < weight.dim():
            raise IndexError(
                f"Dimension out of range (expected to be in [-{weight.dim()}, {weight.dim() - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ValueError(
                f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
            )
        self.dim = dim % weight.dim()
        self.eps = eps
        self.n_power_iterations = n_power_iterations
        if weight.dim() > 1:
            matrix = self.matrix(weight.detach())
            rows, columns = matrix.shape
            self.register_buffer("_u", self._normalized(swiftnn.randn(rows, dtype=weight.dtype)))
            self.register_buffer("_v", self._normalized(swiftnn.randn(columns, dtype=weight.dtype)))
            self.iterate(matrix, 15)

    def _normalized(self, vector: Tensor) -> Tensor:
        return F.normalize(vector, dim=0, eps=self.eps)

    def matrix(self, weight: Tensor) -> Tensor:
        """The weight as rows along `dim`."""
        return weight.movedim(self.dim, 0).flatten(1)

    def iterate(self, matrix: Tensor, times: int) -> None:
        """Moves the estimates of the first singular vectors."""
        with swiftnn.no_grad():
            for _ in range(times):
                self._u = self._normalized(matrix.mv(self._v))
                self._v = self._normalized(matrix.t().mv(self._u))

    def forward(self, weight: Tensor) -> Tensor:
        if weight.dim() == 1:
            return self._normalized(weight)
        matrix = self.matrix(weight)
        if self.training:
            self.iterate(matrix.detach(), self.n_power_iterations)
        return weight / self._u.clone().dot(matrix.mv(self._v.clone()))

    def right_inverse(self, value: Tensor) -> Tensor:
        return value


def spectral_norm(
    module: Module, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Module:
    """A weight divided by its greatest singular value."""
    weight: Any = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    norm = SpectralNorm(weight, n_power_iterations, usual_dim(module) if dim is None else dim, eps)
    return register_parametrization(module, name, norm)


def usual_dim(module: Module) -> int:
    """The axis of the outputs: 1 for transposed convolutions."""
    return 1 if "ConvTranspose" in type(module).__name__ else 0
