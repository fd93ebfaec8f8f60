"""Tensors as Python prints them."""

import math

import torch

nan, inf = math.nan, math.inf
EXAMPLES: list[tuple] = [
    ("float32", [], [1.5]), ("float32", [], [3.0]), ("float32", [3], [1.0, 2.0, 3.0]),
    ("float32", [3], [1.0, 2.5, -3.0]),
    ("float32", [2, 2], [0.1, 10.25, -3.0, 100.0]), ("float32", [3], [1e-5, 1.0, 2.0]), ("float32", [2], [1e9, 1.0]),
    ("float32", [3], [nan, inf, -inf]), ("float32", [3], [nan, 1.0, inf]), ("float32", [3], [1.5, nan, -inf]),
    ("float32", [0], []), ("float32", [0, 3], []), ("float32", [2, 0], []), ("float64", [0], []), ("int64", [0], []),
    ("float64", [2], [1.5, 2.25]), ("float64", [3], [1.5, 1e-9, 3e7]), ("float64", [], [0.1]),
    ("float16", [2], [1.5, 0.333]), ("bfloat16", [2], [1.5, 0.333]), ("float32", [2], [1e20, 1e-20]),
    ("int64", [3], [1, -20, 300]), ("int64", [], [7]), ("int32", [2, 2], [1, 2, 3, 40]), ("uint8", [2], [0, 255]),
    ("bool", [2, 2], [1, 0, 0, 1]), ("bool", [], [1]), ("bool", [0], []), ("float32", [1, 1, 1], [2.0]),
    ("float32", [2, 2, 2], [float(i) for i in range(8)]), ("float32", [2, 1, 2, 1], [0.5, 1.0, 2.0, 3.0]),
    ("float32", [30], [i / 7 for i in range(30)]), ("int64", [40], list(range(40))), ("float32", [3], [0.0, 0.0, 0.0]),
    ("float32", [2], [-0.0, 1.0]), ("float32", [2], [12345.0, 0.5]), ("float32", [2], [12345678.0, 1.0]),
    ("float32", [2], [123456789.0, 2.0]), ("float64", [2], [1e15, 1.0]), ("float32", [4], [1e-4, 0.09, 0.05, 0.01]),
    ("float32", [2], [1000.5, 1.0]), ("float32", [2], [1001.5, 1.0]), ("bool", [25], [i % 2 for i in range(25)]),
]  # fmt: skip
LONG: list[tuple] = [
    ("float32", [1001]),
    ("float32", [40, 40]),
    ("int64", [2000]),
    ("int64", [5, 300]),
    ("float64", [7, 8, 20]),
    ("int64", [1000]),
    ("bool", [1500]),
]


def example(dtype: str, shape: list, values: list, requires_grad: bool = False, counted: bool = False) -> dict:
    """counted: the values are 0, 1, 2 and so on, and need not be in the file."""
    tensor = torch.tensor(values, dtype=getattr(torch, dtype)).reshape(shape)
    if requires_grad:
        tensor.requires_grad_()
    return {
        "dtype": dtype, "shape": shape, "values": None if counted else [str(value) for value in values],
        "gradient": requires_grad, "text": repr(tensor).replace("torch.", ""),
    }  # fmt: skip


def golden() -> list:
    found = [example(*parts) for parts in EXAMPLES]
    for dtype, shape in LONG:
        found.append(example(dtype, shape, list(range(math.prod(shape))), counted=True))
    found.append(example("float32", [2], [1.0, 2.0], True))
    found.append(example("float64", [2], [1.0, 2.5], True))
    return found
