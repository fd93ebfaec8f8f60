"""The table of layers (Tests/Golden/layers) through the classes that Python users make."""

from __future__ import annotations

import copy
import io
import json
import pickle
from typing import Any

import pytest
from test_cases import GOLDEN, assert_same, projection, stored

import swiftnn
from swiftnn import models, nn

CASES = json.loads((GOLDEN / "layers.json").read_text())["cases"]
IDS = [case["id"] for case in CASES]


def value(argument: Any, leaves: list[swiftnn.Tensor] | None = None) -> Any:
    """An argument of a case; those of calls ask for gradients."""
    if not isinstance(argument, dict):
        return argument
    for kind in ("ints", "floats"):
        if kind in argument:
            return tuple(argument[kind])
    if "float" in argument:
        return float(argument["float"])
    if "tensors" in argument:
        return tuple(value(item, leaves) for item in argument["tensors"])
    tensor = stored(argument["tensor"])
    if argument.get("grad") and leaves is not None:
        leaves.append(tensor.requires_grad_())
    return tensor


def made(case: dict) -> nn.Module:
    named = {key: value(argument) for key, argument in case["named"].items()}
    place, _, name = case["layer"].rpartition(".")
    return getattr(models if place else nn, name)(*map(value, case["arguments"]), **named)


def ready(case: dict) -> nn.Module:
    module = made(case).double()
    module.load_state_dict({entry["name"]: stored(entry["tensor"]) for entry in case["state"]})
    return module


def call(module: nn.Module, case: dict) -> tuple[list[swiftnn.Tensor], list[swiftnn.Tensor]]:
    """The results, and the inputs whose gradients are asked for."""
    leaves: list[swiftnn.Tensor] = []
    inputs = [value(argument, leaves) for argument in case["inputs"]]
    results = module(*inputs, **{key: value(argument, leaves) for key, argument in case["call"].items()})
    return [result for result in flat([results]) if result is not None], leaves


def flat(values: Any) -> list[swiftnn.Tensor]:
    """The items of tuples within each other, in order."""
    return [item for value in values for item in (flat(value) if isinstance(value, tuple) else [value])]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_state_and_text(case: dict) -> None:
    module = made(case)
    assert repr(module) == case["repr"]
    state = module.state_dict()
    assert list(state) == [entry["name"] for entry in case["state"]]
    assert {name for name, _ in module.named_parameters()} == {e["name"] for e in case["state"] if e["parameter"]}
    for entry in case["state"]:
        assert state[entry["name"]].shape == stored(entry["tensor"]).shape


@pytest.mark.parametrize("mode", ["training", "evaluation"])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_calls(case: dict, mode: str) -> None:
    module = ready(case).train(mode == "training")
    results, leaves = call(module, case)
    expected = case[mode]
    if "shapes" in expected:
        assert [list(result.shape) for result in results] == [item["shape"] for item in expected["shapes"]]
        return
    for result, key in zip(results, expected["results"], strict=True):
        assert_same(result, key, {})
    for (name, tensor), key in zip(module.state_dict().items(), expected["state"], strict=True):
        assert_same(tensor, key, {}), name
    if "gradients" not in expected:
        return
    leaves += [parameter for parameter in module.parameters() if parameter.requires_grad]
    real = [result for result in results if result.requires_grad]
    total = sum(((projection(i, y) * y).sum() for i, y in enumerate(real)), start=swiftnn.zeros(()))
    gradients = swiftnn.autograd.grad(total, leaves, allow_unused=True)
    for leaf, gradient, key in zip(leaves, gradients, expected["gradients"], strict=True):
        assert_same(swiftnn.zeros_like(leaf) if gradient is None else gradient, key, {})


def seeded_results(module: nn.Module, case: dict) -> list:
    swiftnn.manual_seed(7)
    return [result.tolist() for result in call(module, case)[0]]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_copies(case: dict) -> None:
    """Copies, deep or through pickle, and modules that load the state give the same; they share nothing."""
    module = ready(case).eval()
    before = seeded_results(module, case)
    file = io.BytesIO(pickle.dumps(module))
    loaded = made(case).double().eval()
    loaded.load_state_dict(module.state_dict())
    for other in (copy.deepcopy(module), pickle.load(file), loaded):
        assert repr(other) == case["repr"]
        assert not other.training
        assert seeded_results(other, case) == before
        for mine, theirs in zip(module.parameters(), other.parameters(), strict=True):
            assert mine is not theirs
            assert mine.requires_grad == theirs.requires_grad
