"""What PyTorch's own tests call its operators with, and the same values as tensors of SwiftNN."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.testing._internal.common_methods_invocations import op_db

import swiftnn

DTYPES = {getattr(torch, name): getattr(swiftnn, name) for name in (
    "float64", "float32", "float16", "bfloat16", "int64", "int32", "uint8", "bool")}  # fmt: skip
MOST_AXES = 12  # of a tensor of SwiftNN


class UnsupportedError(Exception):
    """An argument that has no counterpart, such as a complex number."""


@dataclass
class Sample:
    input: Any
    args: tuple
    kwargs: dict[str, Any]
    # What PyTorch raises for it, if it is a wrong call.
    error: type[Exception] | None = None

    def __str__(self) -> str:
        named = [f"{key}={brief(value)}" for key, value in self.kwargs.items()]
        return ", ".join([*(brief(value) for value in (self.input, *self.args)), *named])


def brief(value: Any) -> str:
    """One argument as an error message shows it."""
    if isinstance(value, torch.Tensor):
        strided = "" if value.is_contiguous() else f" strides {value.stride()}"
        few = f" {value.tolist()}" if value.numel() <= 4 and not value.is_complex() else ""
        return f"{str(value.dtype)[6:]}{list(value.shape)}{strided}{few}"
    if isinstance(value, (tuple, list)):
        inner = ", ".join(brief(item) for item in value)
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    return repr(value)


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with every leaf of its tuples, lists and dictionaries changed."""
    if isinstance(value, torch.Size):
        return tuple(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return tuple(mapped(item, change) for item in value)
    if isinstance(value, (tuple, list)):
        return type(value)(mapped(item, change) for item in value)
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    return change(value)


def owned(value: Any) -> Any:
    """A copy with the same strides and the same wish for a gradient; other values as they are."""
    if not isinstance(value, torch.Tensor):
        return value
    copy = value.detach().clone(memory_format=torch.preserve_format)
    if (
        copy.stride() != value.stride()
        and value.numel()
        and not any(step == 0 and size > 1 for step, size in zip(value.stride(), value.shape, strict=True))
    ):
        copy = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype).copy_(value.detach())
    return copy.requires_grad_(value.requires_grad)


def ours(value: Any) -> Any:
    """The counterpart of one leaf: a tensor over a copy of the memory, a dtype, or the value itself."""
    if isinstance(value, torch.Tensor):
        if (
            value.layout != torch.strided
            or value.dtype not in DTYPES
            or value.dim() > MOST_AXES
            or value.device.type != "cpu"
        ):
            raise UnsupportedError(f"{value.dtype}, {value.layout}")
        plain = owned(value.detach())
        # DLPack has no conjugate or negative views, and neither do we.
        tensor = swiftnn.from_dlpack(plain.resolve_neg())
        return tensor.requires_grad_() if value.requires_grad else tensor
    if isinstance(value, torch.dtype):
        if value not in DTYPES:
            raise UnsupportedError(str(value))
        return DTYPES[value]
    if isinstance(value, torch.device):
        return "cpu"
    if isinstance(value, (torch.layout, torch.memory_format)):
        return swiftnn.strided
    if isinstance(value, complex):
        raise UnsupportedError("complex")
    return value


def samples(op: Any, dtype: torch.dtype, *, wide: bool) -> Iterator[Sample]:
    """The calls of PyTorch's tests, as they are and over memory that is not contiguous."""
    wants_gradient = dtype.is_floating_point and op.supports_autograd
    source = op.reference_inputs if wide else op.sample_inputs
    try:
        all_found = list(source("cpu", dtype, requires_grad=wants_gradient))
    except ValueError:  # PyTorch's helper asks integers for gradients
        all_found = [
            *op.sample_inputs("cpu", dtype, requires_grad=wants_gradient),
            *source("cpu", dtype, requires_grad=False),
        ]
    for found in all_found:
        yield Sample(found.input, found.args, found.kwargs)
        if wide:
            try:
                strided = found.noncontiguous()
            except (RuntimeError, TypeError):  # PyTorch's helper knows no such form of this sample
                continue
            yield Sample(strided.input, strided.args, strided.kwargs)


def wrong_samples(op: Any) -> Iterator[Sample]:
    """The calls that PyTorch's tests expect to fail."""
    if op.error_inputs_func is None:
        return
    for found in op.error_inputs("cpu"):
        sample = found.sample_input
        yield Sample(sample.input, sample.args, sample.kwargs, error=found.error_type)


def operators() -> list[Any]:
    return [op for op in op_db if not op.name.startswith("_")]
