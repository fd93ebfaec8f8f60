"""Heads against PyTorch (Tests/Golden/heads.py)."""

import copy
import inspect
import json
import pickle
from pathlib import Path

import pytest

import swiftnn
from swiftnn import training
from swiftnn.autograd import gradcheck, gradgradcheck

CASES = json.loads((Path(__file__).parents[1] / "Golden" / "heads.json").read_text())["cases"]
IDS = [f"{i}-{case['head']}" for i, case in enumerate(CASES)]


def made(case: dict) -> training.Head:
    return getattr(training, case["head"])(**case["options"])


def tensors(case: dict) -> tuple[swiftnn.Tensor, swiftnn.Tensor]:
    outputs = swiftnn.tensor(case["outputs"], dtype=swiftnn.float64).reshape(case["shape"])
    targets = swiftnn.tensor(case["targets"], dtype=swiftnn.float64).reshape(case["target_shape"])
    return outputs.requires_grad_(), targets.to(swiftnn.int64) if case["classes"] else targets


def close(tensor: swiftnn.Tensor, expected: list[float]) -> bool:
    return all(abs(a - b) <= 1e-12 * max(abs(b), 1) for a, b in zip(tensor.flatten().tolist(), expected, strict=True))


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_losses(case: dict) -> None:
    head, (outputs, targets) = made(case), tensors(case)
    for one in (head, pickle.loads(pickle.dumps(head)), copy.deepcopy(head)):
        outputs.grad = None
        loss = one.loss(outputs, targets)
        assert close(loss, [case["loss"]])
        loss.backward()
        assert close(outputs.grad, case["gradient"])
        assert close(one(outputs), case["predictions"]) and one(outputs).shape == outputs.shape
    single = head.loss(outputs.detach().float(), targets)
    assert single.dtype is swiftnn.float32
    assert abs(single.item() - case["loss"]) <= 1e-5 * max(abs(case["loss"]), 1)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_derivatives(case: dict) -> None:
    outputs, targets = tensors(case)
    if max(map(abs, case["outputs"])) > 100:
        second = swiftnn.autograd.grad(made(case).loss(outputs, targets), outputs, create_graph=True)[0].sum()
        assert swiftnn.isfinite(swiftnn.autograd.grad(second, outputs)[0]).all()
        return
    assert gradcheck(lambda x: made(case).loss(x, targets), (outputs,))
    assert gradgradcheck(lambda x: made(case).loss(x, targets), (outputs,))


def test_metrics_read_outputs() -> None:
    """Of (N, 1) and (N) alike, before the activation."""
    for shape in ((4,), (4, 1)):
        outputs = swiftnn.tensor([0.3, -1.2, 2.5, -0.1]).reshape(shape)
        binary = training.Binary()
        assert binary.metrics["accuracy"](outputs, swiftnn.tensor([1, 0, 1, 1])).item() == 0.75
        assert binary.metrics["accuracy"](outputs, swiftnn.tensor([[1.0], [0.0], [0.0], [1.0]])).item() == 0.5
        assert binary.metrics["accuracy"].compute().item() == 0.625
        other = pickle.loads(pickle.dumps(binary.metrics["accuracy"]))
        assert other.compute().item() == 0.625
        positive = training.PositiveRegression("exp")
        zero = swiftnn.zeros(shape)
        assert positive.metrics["mae"](zero, swiftnn.tensor([1.0, 2.0, 3.0, 0.0])).item() == 1
        assert positive.metrics["rmse"](zero, swiftnn.tensor([1, 1, 3, 1])).item() == 1
    scores = swiftnn.tensor([[0.3, -1.2, 2.0], [0.5, 0.1, -0.7]])
    assert training.Multiclass().metrics["accuracy"](scores, swiftnn.tensor([2, 1])).item() == 0.5
    labels = training.MultiLabel().metrics["accuracy"]
    assert labels(scores, swiftnn.tensor([[1, 0, 1], [0, 1, 0]])).item() == 0.5


@pytest.mark.parametrize("name", ["Binary", "MultiLabel", "Regression", "PositiveRegression"])
def test_shapes_never_broadcast(name: str) -> None:
    head = getattr(training, name)()
    for outputs, targets in [
        ((4, 1), (4, 4)),
        ((4,), (1, 4)),
        ((4, 1), (1,)),
        ((4, 1), ()),
        ((4, 3), (4,)),
        ((2,), (4,)),
    ]:
        for judge in (head.loss, *[metric.update for metric in head.metrics.values()]):
            with pytest.raises((ValueError, RuntimeError)) as problem:
                judge(swiftnn.zeros(outputs), swiftnn.zeros(targets))
            text = str(problem.value)
            assert name in text and str(list(outputs)) in text and str(list(targets)) in text


def test_looks_and_mistakes() -> None:
    assert list(inspect.signature(training.BoundedRegression).parameters) == ["low", "high", "steepness"]
    assert repr(training.Binary(pos_weight=2)) == "Binary(pos_weight=2)"
    for kind, options, words in [
        ("Binary", {"label_smoothing": 2.0}, "label_smoothing"),
        ("Binary", {"pos_weight": -1.0}, "pos_weight"),
        ("MultiLabel", {"weight": []}, "weight"),
        ("Multiclass", {"weight": [1.0, float("nan")]}, "weight"),
        ("PositiveRegression", {"activation": "tanh"}, "relu, exp"),
        ("PositiveRegression", {"loss": "poisson"}, "exp"),
        ("BoundedRegression", {"low": 1, "high": 1}, "low below high"),
        ("BoundedRegression", {"low": 0, "high": float("inf")}, "low below high"),
        ("BoundedRegression", {"low": 0, "high": 1, "steepness": 0}, "steepness"),
    ]:
        with pytest.raises(ValueError, match=words):
            getattr(training, kind)(**options)
    with pytest.raises(TypeError, match="high"):
        training.BoundedRegression(1.0)
    with pytest.raises((ValueError, RuntimeError), match="MultiLabel: got 2 weights"):
        training.MultiLabel(weight=[1.0, 2.0]).loss(swiftnn.zeros(4, 3), swiftnn.zeros(4, 3))
    with pytest.raises((ValueError, RuntimeError, TypeError), match="floating"):
        training.Binary().loss(swiftnn.tensor([1, 2]), swiftnn.tensor([1, 0]))
