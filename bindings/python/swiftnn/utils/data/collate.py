"""From a list of examples to a batch."""

from __future__ import annotations

import collections.abc
import copy

import swiftnn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _is_array(value: Any) -> bool:
    """Whether it is an array of NumPy, or one of its numbers; NumPy itself may be absent."""
    return type(value).__module__ == "numpy" and type(value).__name__ not in ("str_", "string_", "bytes_")


def _is_named(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(value, "_fields")


def _like(elem: Any, mapping: dict[Any, Any]) -> Any:
    """A mapping of the type of another."""
    try:
        if isinstance(elem, collections.abc.MutableMapping):
            clone = copy.copy(elem)
            clone.update(mapping)
            return clone
        return type(elem)(mapping)
    except TypeError:
        return mapping


def default_convert(data: Any) -> Any:
    """Arrays of NumPy inside of any structure as tensors."""
    if isinstance(data, swiftnn.Tensor):
        return data
    if _is_array(data):
        if getattr(data, "dtype", None) is not None and data.dtype.kind in "SUO":
            return data
        return swiftnn.as_tensor(data) if data.shape else swiftnn.tensor(data)
    if isinstance(data, collections.abc.Mapping):
        return _like(data, {key: default_convert(data[key]) for key in data})
    if _is_named(data):
        return type(data)(*(default_convert(item) for item in data))
    if isinstance(data, tuple):
        return [default_convert(item) for item in data]
    if isinstance(data, collections.abc.Sequence) and not isinstance(data, str | bytes):
        try:
            return type(data)([default_convert(item) for item in data])  # type: ignore[call-arg]
        except TypeError:
            return [default_convert(item) for item in data]
    return data


def default_collate(batch: Any) -> Any:
    """Tensors, arrays and numbers of all examples stacked, in the structure that each example has."""
    elem = batch[0]
    if isinstance(elem, swiftnn.Tensor):
        return swiftnn.stack(list(batch), 0)
    if _is_array(elem):
        if elem.dtype.kind in "SUO":
            raise TypeError(_unknown(elem.dtype))
        if elem.shape == ():
            return swiftnn.as_tensor(batch)
        return swiftnn.stack([swiftnn.as_tensor(item) for item in batch], 0)
    if isinstance(elem, float):
        return swiftnn.tensor(batch, dtype=swiftnn.float64)
    if isinstance(elem, int):
        return swiftnn.tensor(batch)
    if isinstance(elem, str | bytes):
        return batch
    if isinstance(elem, collections.abc.Mapping):
        return _like(elem, {key: default_collate([item[key] for item in batch]) for key in elem})
    if _is_named(elem):
        return type(elem)(*(default_collate(samples) for samples in zip(*batch)))
    if isinstance(elem, collections.abc.Sequence):
        if any(len(item) != len(elem) for item in batch):
            raise RuntimeError("each element in list of batch should be of equal size")
        parts = [default_collate(samples) for samples in zip(*batch)]
        if isinstance(elem, tuple):
            return parts
        try:
            return type(elem)(parts)  # type: ignore[call-arg]
        except TypeError:
            return parts
    raise TypeError(_unknown(type(elem)))


def _unknown(kind: Any) -> str:
    return f"default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {kind}"
