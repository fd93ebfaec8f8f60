"""The table of cases that the Swift tests run (Tests/Golden), through the functions that Python users call."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import swiftnn
import swiftnn.nn.functional as F

GOLDEN = Path(__file__).parents[1] / "Golden"
CASES = json.loads((GOLDEN / "cases.json").read_text())["cases"]
OPERATIONS = list(dict.fromkeys(case["operation"] for case in CASES))
# Relative and absolute, by dtype, as PyTorch's own tests allow; integers are exact.
TOLERANCES = {"float64": (1e-9, 1e-12), "float32": (1.3e-6, 1e-5), "float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5)}
DTYPES = {
    "F64": ("float64", "d"), "F32": ("float32", "f"), "F16": ("float16", "e"), "BF16": ("bfloat16", "H"),
    "I64": ("int64", "q"), "I32": ("int32", "i"), "U8": ("uint8", "B"), "BOOL": ("bool", "?"),
}  # fmt: skip


def read_safetensors(path: Path) -> dict[str, tuple[str, list[int], list]]:
    """Dtype, shape and elements of every tensor of a file."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    found = {}
    for key, entry in json.loads(data[8:start]).items():
        name, code = DTYPES[entry["dtype"]]
        first, end = (start + offset for offset in entry["data_offsets"])
        numbers = list(struct.unpack(f"<{(end - first) // struct.calcsize(code)}{code}", data[first:end]))
        if name == "bfloat16":  # the upper half of a float32
            numbers = [struct.unpack("<f", struct.pack("<I", number << 16))[0] for number in numbers]
        found[key] = (name, entry["shape"], numbers)
    return found


STORED = read_safetensors(GOLDEN / "values.safetensors")


def stored(key: str) -> swiftnn.Tensor:
    name, shape, numbers = STORED[key]
    return swiftnn.tensor(numbers, dtype=getattr(swiftnn, name)).reshape(shape)


class Call:
    """The arguments of a case as Python values."""

    def __init__(self, case: dict) -> None:
        self.leaves: list[swiftnn.Tensor] = []
        self.arguments = [self.value(argument) for argument in case["arguments"]]
        self.named = {key: self.value(argument) for key, argument in case["named"].items()}

    def value(self, argument: Any) -> Any:
        if not isinstance(argument, dict):
            return argument
        for kind in ("ints", "floats"):
            if kind in argument:
                return tuple(argument[kind])
        if "float" in argument:
            return float(argument["float"])
        if "dtype" in argument:
            return getattr(swiftnn, argument["dtype"])
        if "tensors" in argument:
            return [item if item is None else self.value(item) for item in argument["tensors"]]
        tensor = stored(argument["tensor"])
        if argument.get("grad"):
            self.leaves.append(tensor.requires_grad_())
        return tensor

    def run(self, function: Callable, operation: str) -> list[swiftnn.Tensor]:
        arguments = list(self.arguments)
        if operation.endswith("_"):
            arguments[0] = arguments[0].clone()
        results = function(*arguments, **self.named)
        return list(results) if isinstance(results, (tuple, list)) else [results]


def indexed(x: swiftnn.Tensor, indices: list) -> swiftnn.Tensor:
    return x[tuple(slice(None) if index is None else index for index in indices)]


def sliced(x: swiftnn.Tensor, dim: int = 0, start: Any = None, end: Any = None, step: int = 1) -> swiftnn.Tensor:
    return x[(*(slice(None) for _ in range(dim % x.dim())), slice(start, end, step))]


# What Python spells by its own syntax.
SYNTAX = {"index": indexed, "slice": sliced}


PLACES = {
    "swiftnn": swiftnn,
    "Tensor": swiftnn.Tensor,
    "nn.functional": F,
    "linalg": swiftnn.linalg,
    "special": swiftnn.special,
    "signal.windows": swiftnn.signal.windows,
    "nn.init": swiftnn.nn.init,
}


def spellings(operation: str, case: dict) -> dict[str, Callable]:
    """The functions and methods that Python has for an operation; `max.dim` is an overload of `max`."""
    if operation in SYNTAX:
        return {"syntax": SYNTAX[operation]}
    name = operation.split(".")[0]
    places = json.loads(swiftnn._C.describe(0, operation))["places"] or ["Tensor"]
    first = case["arguments"][0] if case["arguments"] else None
    if not (isinstance(first, dict) and "tensor" in first):
        places = [place for place in places if place != "Tensor"]
    return {place: getattr(PLACES[place], name) for place in places}


def assert_same(actual: Any, key: str, case: dict) -> None:
    name, shape, expected = STORED[key]
    if not isinstance(actual, swiftnn.Tensor):  # Python returns the element of some results
        assert actual == expected[0]
        return
    assert str(actual.dtype).removeprefix("swiftnn.") == name
    assert list(actual.shape) == shape
    relative, absolute = TOLERANCES.get(name, (0, 0))
    relative = case.get("tolerance", {}).get(name, relative)
    for a, b in zip(actual.detach().reshape([-1]).tolist(), expected, strict=True):
        both_nan = isinstance(b, float) and math.isnan(b) and math.isnan(a)
        assert a == b or both_nan or (math.isfinite(a) and abs(a - b) <= absolute + relative * abs(b))


def projection(index: int, like: swiftnn.Tensor) -> swiftnn.Tensor:
    """The fixed weights of Tests/Golden/evaluate.py."""
    weights = [((i + index) * 7 % 11 - 5.5) / 4 for i in range(like.numel())]
    return swiftnn.tensor(weights, dtype=swiftnn.float64).reshape(list(like.shape))


def cases_of(operation: str) -> list[dict]:
    return [case for case in CASES if case["operation"] == operation]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_values(operation: str) -> None:
    for case in cases_of(operation):
        found = spellings(operation, case)
        assert found, f"Python has no way to call {operation}"
        for place, function in found.items():
            results = Call(case).run(function, operation)
            try:
                if "shapes" in case:
                    assert [list(result.shape) for result in results] == [item["shape"] for item in case["shapes"]]
                    continue
                for result, key in zip(results, case["results"], strict=True):
                    assert_same(result.abs() if case.get("absolute") else result, key, case)
            except AssertionError as problem:
                raise AssertionError(f"{place}: {case['text']}: {problem}") from problem


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if any("gradients" in c for c in cases_of(name))])
def test_gradients(operation: str) -> None:
    for case in cases_of(operation):
        if "gradients" not in case:
            continue
        call = Call(case)
        function = next(iter(spellings(operation, case).values()))
        real = [result for result in call.run(function, operation) if result.requires_grad]
        if case.get("absolute"):  # the signs are a matter of choice
            real = [result.abs() for result in real]
        total = sum(((projection(i, y) * y).sum() for i, y in enumerate(real)), start=swiftnn.zeros(()))
        found: list = [None] * len(call.leaves)
        if total.requires_grad:
            found = list(swiftnn.autograd.grad(total, call.leaves, allow_unused=True))
        for leaf, gradient, key in zip(call.leaves, found, case["gradients"], strict=True):
            try:
                assert_same(swiftnn.zeros_like(leaf) if gradient is None else gradient, key, case)
            except AssertionError as problem:
                raise AssertionError(f"{case['text']}: {problem}") from problem
