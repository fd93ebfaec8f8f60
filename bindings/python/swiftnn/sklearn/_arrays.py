"""Arrays of NumPy and SciPy as tensors."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

import swiftnn

Array: TypeAlias = "np.ndarray[Any, Any]"


def as_tensor(array: Any) -> swiftnn.Tensor:
    """Shares the memory of an array that can be written to; others, and sparse ones, are copied."""
    dense = array.toarray() if hasattr(array, "toarray") else array
    return swiftnn.as_tensor(np.require(dense, requirements="W"))
