"""Every optimizer goes the way that PyTorch's takes, or that of its paper: the table of Tests/Golden/optimizers."""

from __future__ import annotations

import copy
import io
import json
import pickle
from pathlib import Path
from typing import Any

import pytest

import swiftnn as torch
from swiftnn import nn, optim

GOLDEN = Path(__file__).parents[1] / "Golden"
CASES: list[dict[str, Any]] = json.loads((GOLDEN / "optimizers.json").read_text())
NAMES = sorted({case["optimizer"] for case in CASES})


def plain(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "float" in value:
        return float(value["float"])
    return tuple(None if item == "nan" else item for item in value["floats"])


def options(encoded: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in encoded.items()}


class Way:
    """Parameters and their optimizer, as in Tests/Golden/units/optimizers.py."""

    def __init__(self, case: dict[str, Any]) -> None:
        self.case = case
        self.parameters: list[torch.Tensor] = []
        number = 0
        for shape in case["shapes"]:
            count = torch.Size(shape).numel()
            values = [((7 * i + 3) % 11 - 5) / 4 + i / 64 for i in range(number, number + count)]
            parameter = torch.tensor(values, dtype=torch.float64).reshape(shape)
            self.parameters.append(parameter.requires_grad_())
            number += count
        half = len(self.parameters) // 2 if case["second_group"] else len(self.parameters)
        groups: list[dict[str, Any]] = [{"params": self.parameters[:half]}]
        if case["second_group"]:
            groups.append({"params": self.parameters[half:], **options(case["second_group"])})
        self.optimizer: Any = getattr(optim, case["optimizer"])(groups, **options(case["options"]))
        for wrapper in case["wrappers"]:
            self.optimizer = getattr(optim, wrapper["name"])(self.optimizer, **options(wrapper["options"]))

    def values(self) -> list[float]:
        return [value for parameter in self.parameters for value in parameter.detach().reshape(-1).tolist()]

    def step(self, step: int) -> None:
        moved = self.parameters[: len(self.parameters) - self.case["without_gradient"]]

        def valley() -> torch.Tensor:
            self.optimizer.zero_grad()
            flat = [parameter.reshape(-1) for parameter in self.parameters]
            loss = sum((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum() for x in flat)
            loss.backward(retain_graph=True)
            return loss

        def model() -> torch.Tensor:
            self.optimizer.zero_grad()
            *weights, scale = self.parameters
            sizes = [6, weights[0].shape[1]] if weights[0].dim() == 2 else [6, weights[0].shape[1], 4, 4]
            count = torch.Size(sizes).numel()
            x = torch.tensor([((5 * i + 2) % 13 - 6) / 8 for i in range(count)], dtype=torch.float64).reshape(sizes)
            while weights:
                weight = weights.pop(0)
                bias = weights.pop(0) if weights and weights[0].dim() == 1 else None
                if weight.dim() == 4:
                    x = nn.functional.conv2d(x, weight, bias, padding=1, stride=(1, 2))
                else:
                    x = nn.functional.linear(x.flatten(1) / 4, weight, bias)
                x = x.tanh() if weights else x * scale
            self.optimizer.set_outputs(x)
            target = torch.tensor([((3 * i) % 7 - 3) / 4 for i in range(x.numel())], dtype=torch.float64)
            loss = (x - target.reshape(x.shape)).square().sum() / 12
            loss.backward(retain_graph=True)
            return loss

        def closure() -> float:
            for parameter in moved:
                parameter.grad = parameter.detach() * 0.75 - (step % 3) + 0.5
            if step == self.case["nan_at"]:
                moved[0].grad.view(-1)[0] = float("nan")
            return 0.25

        if self.case["problem"] == "valley":
            assert self.optimizer.step(valley).requires_grad
        elif self.case["problem"] == "model":
            assert self.optimizer.step(model).requires_grad
        elif self.case["closure"]:
            assert self.optimizer.step(closure) == 0.25
        else:
            closure()
            self.optimizer.step()


@pytest.mark.parametrize("name", NAMES)
def test_trajectories(name: str) -> None:
    for case in CASES:
        if case["optimizer"] != name:
            continue
        way = Way(case)
        expected = dict(zip(case["steps"], case["values"], strict=True))
        for step in range(1, case["steps"][-1] + 1):
            way.step(step)
            if step in expected:
                numbers = [float(number) for number in expected[step]]
                assert way.values() == pytest.approx(numbers, rel=1e-9, abs=1e-12, nan_ok=True), case


@pytest.mark.parametrize("way_of_saving", ["state_dict", "file", "pickle", "deepcopy"])
@pytest.mark.parametrize("name", NAMES)
def test_training_continues_with_the_same_bits(name: str, way_of_saving: str) -> None:
    for case in CASES:
        if case["optimizer"] != name or case["nan_at"]:
            continue
        whole = Way(case)
        for step in range(1, 8):
            whole.step(step)
        moved = Way(case)
        if way_of_saving in ("state_dict", "file"):
            saved = whole.optimizer.state_dict()
            if way_of_saving == "file":
                file = io.BytesIO()
                torch.save(saved, file)
                file.seek(0)
                saved = torch.load(file)
            moved.optimizer.load_state_dict(saved)
            for parameter, other in zip(moved.parameters, whole.parameters, strict=True):
                parameter.data = other.detach().clone()
        else:
            both = (whole.parameters, whole.optimizer)
            copied = copy.deepcopy(both) if way_of_saving == "deepcopy" else pickle.loads(pickle.dumps(both))
            moved.parameters, moved.optimizer = copied
        for step in range(8, 15):
            whole.step(step)
            moved.step(step)
        assert moved.values() == whole.values(), case


SAVED = torch.load(GOLDEN / "optimizers.pt")


@pytest.mark.parametrize("number", range(len(SAVED)), ids=[entry["optimizer"] for entry in SAVED])
def test_what_pytorch_saved_is_continued(number: int) -> None:
    entry = SAVED[number]
    parameters = [parameter.clone().requires_grad_() for parameter in entry["parameters"]]
    half = len(parameters) // 2 if entry["groups"] == 2 else len(parameters)
    groups = [{"params": part} for part in (parameters[:half], parameters[half:]) if part]
    optimizer = getattr(optim, entry["optimizer"])(groups)
    optimizer.load_state_dict(entry["state"])
    ours = optimizer.state_dict()
    for index, kept in entry["state"]["state"].items():
        theirs = {name: value for name, value in kept.items() if value is not None}
        assert list(ours["state"].get(index, {})) == list(theirs)
        for name, value in theirs.items():
            assert ours["state"][index][name].shape == value.shape
            assert ours["state"][index][name].dtype == value.dtype, name
    for step in range(11, 21):
        for parameter in parameters:
            parameter.grad = parameter.detach() * 0.75 - (step % 3) + 0.5
        optimizer.step()
    for parameter, end in zip(parameters, entry["end"], strict=True):
        assert parameter.detach().reshape(-1).tolist() == pytest.approx(end.reshape(-1).tolist(), rel=1e-9, abs=1e-12)


LBFGS = torch.load(GOLDEN / "lbfgs.pt")


@pytest.mark.parametrize("number", range(len(LBFGS)))
def test_lbfgs_and_pytorch_continue_each_other(number: int) -> None:
    """What PyTorch saved is continued, and what is saved here is what PyTorch saves."""
    entry = LBFGS[number]

    def steps(parameters: list[torch.Tensor], state: dict[str, Any] | None) -> dict[str, Any]:
        optimizer = optim.LBFGS(parameters, **entry["options"])
        if state is not None:
            optimizer.load_state_dict(state)

        def closure() -> torch.Tensor:
            optimizer.zero_grad()
            flat = [parameter.reshape(-1) for parameter in parameters]
            loss = sum((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum() for x in flat)
            loss.backward()
            return loss

        for _ in range(entry["steps"]):
            optimizer.step(closure)
        return optimizer.state_dict()

    def same(ours: Any, theirs: Any) -> None:
        assert type(ours) is type(theirs) or {type(ours), type(theirs)} == {float, torch.Tensor}, (ours, theirs)
        if isinstance(ours, list):
            assert len(ours) == len(theirs)
            for one, other in zip(ours, theirs, strict=True):
                same(one, other)
        elif isinstance(ours, torch.Tensor):
            assert ours.dtype is theirs.dtype and ours.shape == theirs.shape
            assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-12)
        elif ours is not None:
            assert ours == pytest.approx(float(theirs), rel=1e-9, abs=1e-12)

    parameters = [parameter.clone().requires_grad_() for parameter in entry["start"]]
    saved = steps(parameters, None)
    theirs = entry["state"]["state"][0]
    assert set(saved["state"]) == {0} and set(saved["state"][0]) >= set(theirs)
    for name, value in theirs.items():
        if name == "al":  # room for numbers of one iteration
            assert len(saved["state"][0][name]) == len(value)
        else:
            same(saved["state"][0][name], value)
    parameters = [parameter.clone().requires_grad_() for parameter in entry["middle"]]
    steps(parameters, entry["state"])
    for parameter, end in zip(parameters, entry["end"], strict=True):
        assert torch.allclose(parameter.detach(), end, rtol=1e-12, atol=1e-12)


def test_every_wrapper_has_a_case() -> None:
    found = {wrapper["name"] for case in CASES for wrapper in case["wrappers"]}
    assert found == {name for name, _, _ in torch._C.entries(torch._C.WRAPPERS)}
