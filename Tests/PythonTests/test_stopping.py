"""Stopping rules against what other implementations say of the same measurements (Tests/Golden/stopping.py)."""

import copy
import inspect
import json
import pickle
import re
from pathlib import Path

import pytest

import swiftnn
from swiftnn import training

CASES = json.loads((Path(__file__).parents[1] / "Golden" / "stopping.json").read_text())["cases"]


def numbers(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


def judge(rule: training.StoppingRule, case: dict, i: int) -> training.Verdict:
    return rule.observe({name: float(values[i]) for name, values in case["values"].items()}, case["epochs"][i])


def made(case: dict) -> training.StoppingRule:
    return getattr(training, case["rule"])(**case["options"])


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{case['rule']}" for i, case in enumerate(CASES)])
def test_verdicts(case: dict) -> None:
    rule = made(case)
    fresh = rule.state_dict()
    for _ in range(2):
        for i, expected in enumerate(case["numbers"]):
            verdict = judge(rule, case, i)
            assert verdict.is_best == case["best"][i], i
            assert (verdict.reason is not None) == case["stop"][i], i
            if expected is not None:
                assert min(abs(number - expected) for number in numbers(verdict.reason)) <= 1e-9 * max(abs(expected), 1)
        rule.reset()
        assert rule.state_dict() == fresh


@pytest.mark.parametrize("case", CASES, ids=[f"{i}-{case['rule']}" for i, case in enumerate(CASES)])
def test_going_on_elsewhere(case: dict) -> None:
    """A rule that takes up the state, through JSON or pickle, says the same to the last digit."""
    rule, middle = made(case), len(case["epochs"]) // 2
    for i in range(middle):
        judge(rule, case, i)
    other = made(case)
    other.load_state_dict(json.loads(json.dumps(rule.state_dict())))
    rules = [rule, other, pickle.loads(pickle.dumps(rule)), copy.deepcopy(rule)]
    assert all(one.state_dict() == rule.state_dict() for one in rules)
    for i in range(middle, len(case["epochs"])):
        assert len({judge(one, case, i) for one in rules}) == 1
    assert all(one.state_dict() == rule.state_dict() for one in rules)


def test_names_say_what_is_better() -> None:
    more = ["val_accuracy", "acc", "valacc", "val_AUC", "f1", "R2", "val/iou", "top5-accuracy", "val_f1_score"]
    less = ["val_loss", "loss", "perplexity", "mse", "dice_loss", "accuracy_error", "macrophage"]
    for name in more + less:
        rule = training.EarlyStopping(name)
        assert rule.observe({name: 1.0}, 0).is_best
        assert rule.observe({name: 2.0}, 1).is_best == (name in more), name


def test_looks() -> None:
    assert list(inspect.signature(training.EarlyStopping).parameters)[:5] == [
        "monitor", "min_delta", "patience", "mode", "baseline",
    ]  # fmt: skip
    assert "patience" in (training.EarlyStopping.__doc__ or "")
    assert repr(training.EarlyStopping("val_acc", patience=2)) == "EarlyStopping('val_acc', patience=2)"
    assert swiftnn.training is training
    rule = training.EarlyStopping(monitor="val_loss", strict=False)
    assert rule.observe({"loss": 1.0}, 0) == (False, None)
    assert rule.observe({"val_loss": swiftnn.tensor(0.5)}, 1).is_best


def test_mistakes() -> None:
    rule = training.EarlyStopping()
    rule.observe({"val_loss": 1.0}, 0)
    before = rule.state_dict()
    with pytest.raises(AttributeError, match="there is no 'val_loss' among what was measured: loss, accuracy"):
        rule.observe({"loss": 1.0, "accuracy": 2.0}, 1)
    with pytest.raises(TypeError):
        rule.observe({"val_loss": "low"}, 1)
    with pytest.raises(TypeError, match="patient"):
        training.EarlyStopping(patient=3)
    for options, words in [
        ({"monitor": ""}, "names to watch"),
        ({"monitor": "a,,b"}, "names to watch"),
        ({"monitor": "a, a"}, "names to watch"),
        ({"mode": "up"}, "auto, min, max"),
        ({"monitor": "a,b,c", "mode": "min,max"}, "one for each of 3"),
        ({"monitor": "a,b", "min_delta": [1, 2, 3]}, "one for each of 2"),
        ({"min_delta": -1.0}, "min_delta"),
        ({"min_delta": float("nan")}, "min_delta"),
        ({"patience": -1}, "patience"),
        ({"smoothing": 1.0}, "smoothing"),
    ]:
        with pytest.raises(ValueError, match=words):
            training.EarlyStopping(**options)
    for state in (
        {}, {"wait": -1}, {"best": [1, 2]}, {"lefts": [2]}, {"sums": []}, {"epochs": [1]}, {"speed": 1}, {"best": "x"},
        {"sums": [float("nan")]},
    ):  # fmt: skip
        with pytest.raises(ValueError):
            rule.load_state_dict({**before, **state} if state else {})
    assert rule.state_dict() == before
    curve = training.SlopeStopping(window=3)
    curve.observe({"val_loss": 1.0}, 5)
    with pytest.raises(ValueError, match="epochs that grow, got 5"):
        curve.observe({"val_loss": 1.0}, 5)
    with pytest.raises(ValueError, match="min_epochs"):
        training.GaussianProcessStopping(min_epochs=50, window=20)


def test_curves_without_news_end_training() -> None:
    process = training.GaussianProcessStopping()
    reasons = [process.observe({"val_loss": 1.0}, epoch).reason for epoch in range(6)]
    assert reasons[3] is None and "probability of 0" in str(reasons[4])
    slope = training.SlopeStopping(window=2)
    assert [slope.observe({"val_loss": 1.0}, epoch).reason is None for epoch in range(2)] == [True, False]
