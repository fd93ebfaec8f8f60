"""Schedules give optimizers the rates that PyTorch's give them."""

import json
import math
import warnings
from pathlib import Path

import pytest

import swiftnn as torch
from swiftnn.optim import lr_scheduler, swa_utils

CASES = json.loads((Path(__file__).parents[1] / "Golden" / "schedules.json").read_text())
SCALES = {"halved": lambda number: 1 / (1 + number)}


def ids(case):
    return case["schedule"] + json.dumps(case["options"])


def plain(value):
    return next(iter(value.values())) if isinstance(value, dict) else value


def build(case, optimizer):
    parts = [build(inner, optimizer) for inner in case["parts"]]
    options = {name: plain(value) for name, value in case["options"].items()}
    kind = case["schedule"]
    if kind == "SequentialLR":
        return lr_scheduler.SequentialLR(optimizer, parts, **options)
    if kind == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler(parts)
    if kind == "WarmupLR":
        return lr_scheduler.WarmupLR(parts[0], **options)
    if "scale" in options:
        options["scale_fn"] = SCALES[options.pop("scale")]
    return getattr(swa_utils if kind == "SWALR" else lr_scheduler, kind)(optimizer, **options)


def made(case, optimizer_class=None):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in case["start"]]
    if case["resumed"]:
        groups = [{**group, "initial_lr": group["lr"]} for group in groups]
    optimizer = (optimizer_class or getattr(torch.optim, case["optimizer"]))(groups)
    return optimizer, build(case, optimizer)


def arguments(case):
    steps = case["jumps"] or [float(metric) for metric in case["metrics"]]
    return [(step,) for step in steps] or [()] * (len(case["rates"]) - 1)


def rates(optimizer):
    return [group["lr"] for group in optimizer.param_groups]


def momentum(optimizer):
    group = optimizer.param_groups[0]
    return group["betas"][0] if "betas" in group else group["momentum"]


def go(case, optimizer, scheduler, first=0, last=None):
    changes = dict(map(tuple, case["changes"]))
    found, momenta = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, argument in list(enumerate(arguments(case), 1))[first:last]:
            for group in optimizer.param_groups:
                group["lr"] = changes.get(number, group["lr"])
            scheduler.step(*argument)
            found.append(rates(optimizer))
            momenta.append(momentum(optimizer))
            assert scheduler.get_last_lr() == found[-1]
    return found, momenta


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_trajectory(case):
    optimizer, scheduler = made(case)
    start, first = rates(optimizer), momentum(optimizer)
    found, momenta = go(case, optimizer, scheduler)
    for actual, expected in zip([start, *found], case["rates"], strict=True):
        assert actual == pytest.approx(expected, rel=1e-12, abs=1e-17)
    if case["momenta"]:
        assert [first, *momenta] == pytest.approx(case["momenta"], rel=1e-12)


class Written(torch.optim.Optimizer):
    """An optimizer in Python."""

    def __init__(self, groups):
        super().__init__(groups, {"lr": 0.1, "momentum": 0.0})


@pytest.mark.parametrize("case", [case for case in CASES if case["optimizer"] == "SGD"], ids=ids)
def test_optimizers_written_in_python(case):
    optimizer, scheduler = made(case, Written)
    start = rates(optimizer)
    found, momenta = go(case, optimizer, scheduler)
    for actual, expected in zip([start, *found], case["rates"], strict=True):
        assert actual == pytest.approx(expected, rel=1e-12, abs=1e-17)
    if case["momenta"]:
        assert momenta == pytest.approx(case["momenta"][1:], rel=1e-12)


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_saved_state_goes_on(case):
    """Bit for bit, in a new optimizer and a new schedule."""
    half = len(case["rates"]) // 2
    optimizer, scheduler = made(case)
    go(case, optimizer, scheduler, 0, half)
    saved = optimizer.state_dict(), scheduler.state_dict()
    rest = go(case, optimizer, scheduler, half)
    second, moved = made(case)
    second.load_state_dict(saved[0])
    moved.load_state_dict(saved[1])
    assert moved.state_dict() == saved[1]
    assert go(case, second, moved, half) == rest


PURE = [case for case in CASES if not (case["changes"] or case["jumps"] or case["metrics"] or case["resumed"])]


@pytest.mark.parametrize("case", PURE, ids=ids)
def test_rates_are_a_function_of_the_step(case):
    _, scheduler = made(case)
    for step, expected in enumerate(case["rates"]):
        assert scheduler.at(step) == pytest.approx(expected, rel=1e-9, abs=1e-15)
