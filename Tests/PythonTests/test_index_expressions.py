"""Random index expressions against PyTorch's golden numbers: Tests/Golden/units/indexing.py."""

from __future__ import annotations

import builtins
import json
from pathlib import Path
from typing import Any

import pytest

import swiftnn as torch

EXAMPLES = json.loads((Path(__file__).parents[1] / "Golden" / "indexing.json").read_text())


def component(item: Any) -> Any:
    if isinstance(item, dict):
        (kind, value), *_ = item.items()
        if kind == "slice":
            return slice(*value)
        return value if kind == "list" else torch.tensor(value, dtype=torch.bool if kind == "mask" else torch.int64)
    return Ellipsis if item == "..." else item


def weights(shape: Any) -> torch.Tensor:
    count = 1
    for size in shape:
        count *= size
    return torch.arange(1, 1 + count, dtype=torch.float64).reshape(shape)


def text(example: dict) -> str:
    return f"{example['shape']}{example['index']}"


@pytest.mark.parametrize("example", EXAMPLES, ids=text)
def test_expression(example: dict) -> None:
    index = tuple(component(item) for item in example["index"])
    x = weights(example["shape"]).requires_grad_()
    if "error" in example:
        with pytest.raises(getattr(builtins, example["error"])):
            x[index]
        return
    read = x[index]
    assert list(read.shape) == example["read_shape"]
    assert read.flatten().tolist() == example["read"]
    gradient = torch.autograd.grad((read * weights(read.shape)).sum(), x)[0]
    assert gradient.flatten().tolist() == example["read_gradient"]
    row = torch.full(list(read.shape[-1:]), example["value"], dtype=torch.float64, requires_grad=True)
    written = x * 2
    written[index] = row
    assert written.flatten().tolist() == example["written"]
    found = torch.autograd.grad((written * weights(x.shape)).sum(), [x, row], allow_unused=True)
    for actual, expected in zip(found, example["written_gradients"], strict=True):
        numbers = [] if actual is None else actual.flatten().tolist()
        assert numbers == (expected or []) or not any(numbers or expected)
