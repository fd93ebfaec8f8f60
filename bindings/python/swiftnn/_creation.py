"""Tensors from other objects."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from swiftnn._C import Tensor, dtype
    from swiftnn._device import device


def from_numpy(ndarray: np.ndarray[Any, Any]) -> Tensor:
    """A tensor over the memory of a NumPy array."""
    if not hasattr(ndarray, "__array_interface__"):
        raise TypeError(f"expected a NumPy array, got {type(ndarray).__name__}")
    return _C.as_tensor(ndarray)


def asarray(
    obj: Any,
    *,
    dtype: dtype | None = None,
    device: device | str | None = None,
    copy: bool | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """A tensor of the data, over the same memory where that is possible and copy is not True."""
    if copy:
        return _C.tensor(obj, dtype=dtype, requires_grad=requires_grad)
    if not isinstance(obj, _C.Tensor) and hasattr(obj, "__dlpack__"):
        result = _C.as_tensor(_C.from_dlpack(obj), dtype)
    else:
        result = _C.as_tensor(obj, dtype)
    if copy is False and isinstance(obj, _C.Tensor) and not result._shares_memory(obj):
        raise ValueError("a conversion to another dtype cannot be done without a copy")
    if requires_grad:
        result.requires_grad = True
    return result


def frombuffer(buffer: Any, *, dtype: dtype, count: int = -1, offset: int = 0, requires_grad: bool = False) -> Tensor:
    """A one-dimensional tensor over a buffer: bytearray, mmap, array. Read-only buffers are copied."""
    formats: dict[Any, Any] = {
        _C.float32: "f",
        _C.float64: "d",
        _C.int64: "q",
        _C.int32: "i",
        _C.uint8: "B",
        _C.bool: "?",
    }
    if dtype not in formats:
        raise ValueError(f"frombuffer: a buffer cannot hold {dtype}")
    memory = memoryview(buffer).cast("B")
    available = len(memory) - offset
    if not 0 <= offset <= len(memory):
        raise ValueError(f"frombuffer: offset must be between 0 and {len(memory)}, got {offset}")
    if count < 0:
        if available % dtype.itemsize != 0:
            raise ValueError(f"frombuffer: {available} bytes are no whole number of elements of {dtype.itemsize} bytes")
        count = available // dtype.itemsize
    elif count * dtype.itemsize > available:
        raise ValueError(f"frombuffer: {count} elements need {count * dtype.itemsize} bytes, there are {available}")
    part = memory[offset : offset + count * dtype.itemsize].cast(formats[dtype])
    result = _C.tensor(part) if part.readonly else _C.as_tensor(part)
    if requires_grad:
        result.requires_grad = True
    return result


def is_tensor(obj: object) -> bool:
    """Whether the object is a tensor."""
    return isinstance(obj, _C.Tensor)


def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are floating-point numbers."""
    return input.is_floating_point()


def numel(input: Tensor) -> int:
    """The number of elements."""
    return input.numel()
