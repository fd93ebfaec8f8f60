"""Weights that stay orthogonal matrices while they are trained."""

from __future__ import annotations

import swiftnn
from swiftnn import linalg
from swiftnn._C import Tensor
from swiftnn.nn.module import Module
from swiftnn.nn.utils.parametrize import register_parametrization

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_MAPS = ("matrix_exp", "cayley", "householder")


def _is_orthogonal(q: Tensor) -> bool:
    n, k = q.shape[-2:]
    if n < k:
        return False
    distance = q.mT @ q - swiftnn.eye(k, dtype=q.dtype)
    return bool((distance.abs() < 10 * n * swiftnn.finfo(q.dtype).eps).all())


def _made_orthogonal(matrix: Tensor) -> Tensor:
    """The orthogonal factor, with the signs that a positive triangular factor gives."""
    reflections, tau = swiftnn.geqrf(matrix)
    q: Tensor = linalg.householder_product(reflections, tau)
    return q * reflections.diagonal(dim1=-2, dim2=-1).sgn().unsqueeze(-2)


class _Orthogonal(Module):
    base: Tensor | None

    def __init__(self, weight: Tensor, orthogonal_map: str, *, use_trivialization: bool = True) -> None:
        super().__init__()
        self.shape = weight.shape
        self.orthogonal_map = orthogonal_map
        self.use_trivialization = use_trivialization
        if use_trivialization:
            self.register_buffer("base", None)

    def forward(self, x: Tensor) -> Tensor:
        transposed = x.shape[-2] < x.shape[-1]
        q = self._map(x.mT if transposed else x)
        if self.use_trivialization:
            assert self.base is not None
            q = self.base @ q
        return q.mT if transposed else q

    def _map(self, x: Tensor) -> Tensor:
        """An orthogonal matrix for a tall one."""
        n, k = x.shape[-2:]
        if self.orthogonal_map == "householder":
            reflections = x.tril(-1)
            tau = 2.0 / (1.0 + (reflections * reflections).sum(-2))
            q: Tensor = linalg.householder_product(reflections, tau)
            return q * x.detach().diagonal(dim1=-2, dim2=-1).trunc().unsqueeze(-2)
        lower = x.tril()
        if n != k:
            lower = swiftnn.cat([lower, lower.new_zeros((*lower.shape[:-1], n - k))], -1)
        skew = lower - lower.mT
        if self.orthogonal_map == "matrix_exp":
            full: Tensor = swiftnn.matrix_exp(skew)
        else:
            identity = swiftnn.eye(n, dtype=skew.dtype)
            full = linalg.solve(identity - 0.5 * skew, identity + 0.5 * skew)
        return full[..., :k]

    def right_inverse(self, given: Tensor) -> Tensor:
        if given.shape != self.shape:
            raise ValueError(
                f"Expected a matrix or batch of matrices of shape {self.shape}. Got a tensor of shape {given.shape}."
            )
        with swiftnn.no_grad():
            transposed = given.shape[-2] < given.shape[-1]
            q = given.mT if transposed else given
            if self.use_trivialization:
                return self._set_base(q, given)
            if self.orthogonal_map != "householder":
                raise NotImplementedError(
                    "It is not possible to assign to the matrix exponential or the Cayley parametrizations when "
                    "use_trivialization=False."
                )
            reflections, tau = swiftnn.geqrf(q)
            signs = reflections.diagonal(dim1=-2, dim2=-1)
            signs.sign_()
            signs[tau == 0.0] *= -1
            return reflections.mT if transposed else reflections

    def _set_base(self, q: Tensor, given: Tensor) -> Tensor:
        """Makes the matrix what all others are relative to, filled up to a square; then minus one says itself."""
        n, k = q.shape[-2:]
        if n != k:
            noise = swiftnn.randn(*q.shape[:-1], n - k, dtype=q.dtype)
            q = _made_orthogonal(swiftnn.cat([q, noise], -1))
        else:
            q = q.clone() if _is_orthogonal(q) else _made_orthogonal(q)
        self.base = q
        learned = swiftnn.zeros_like(given)
        learned.diagonal(dim1=-2, dim2=-1).fill_(-1.0)
        return learned


def orthogonal(
    module: Module, name: str = "weight", orthogonal_map: str | None = None, *, use_trivialization: bool = True
) -> Module:
    """A weight that is an orthogonal matrix, or has orthonormal rows or columns, whatever is learned."""
    weight: Any = getattr(module, name, None)
    if not isinstance(weight, Tensor):
        raise ValueError(f"Module '{module}' has no parameter or buffer with name '{name}'")
    if weight.ndim < 2:
        raise ValueError(f"Expected a matrix or batch of matrices. Got a tensor of {weight.ndim} dimensions.")
    if orthogonal_map is None:
        orthogonal_map = "matrix_exp" if weight.shape[-2] == weight.shape[-1] else "householder"
    if orthogonal_map not in _MAPS:
        raise ValueError(
            f'orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: {orthogonal_map}'
        )
    parametrization = _Orthogonal(weight, orthogonal_map, use_trivialization=use_trivialization)
    return register_parametrization(module, name, parametrization, unsafe=True)
