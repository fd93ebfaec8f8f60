"""Tensors that a module trains."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Parameter(Tensor):
    """A tensor that becomes part of parameters() when it is assigned to a module."""

    def __new__(cls, data: Any = None, requires_grad: bool = True) -> Parameter:
        tensor = _C.tensor([]) if data is None else data
        if not isinstance(tensor, Tensor):
            raise TypeError(f"a Parameter is made from a Tensor, not from {type(tensor).__name__}")
        result = cls._wrap(tensor.detach())
        if requires_grad:
            result.requires_grad = True
        return result

    def __repr__(self) -> str:
        return "Parameter containing:\n" + super().__repr__()


class Buffer(Tensor):
    """A tensor that becomes part of buffers() when it is assigned to a module."""

    persistent: bool

    def __new__(cls, data: Tensor | None = None, *, persistent: bool = True) -> Buffer:
        result = cls._wrap((_C.tensor([]) if data is None else data).detach())
        result.persistent = persistent
        return result
