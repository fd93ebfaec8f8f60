"""Schedules give optimizers the rates that PyTorch's give them."""

import copy
import gc
import json
import math
import pickle
import warnings
import weakref
from pathlib import Path

import pytest

import swiftnn as torch
from swiftnn.optim import lr_scheduler, swa_utils

pytestmark = pytest.mark.filterwarnings("ignore:Detected call")
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


def pickled(pair):
    return pickle.loads(pickle.dumps(pair))


@pytest.mark.parametrize("way", [copy.deepcopy, pickled])
@pytest.mark.parametrize("case", CASES, ids=ids)
def test_copies_go_on(case, way):
    """Bit for bit, and without a trace in what was copied."""
    if way is pickled and "lambda" in repr([vars(part) for part in parts_of(made(case)[1])]):
        with pytest.raises((AttributeError, pickle.PicklingError), match="lambda"):  # as with PyTorch
            way(made(case))
        return
    half = len(case["rates"]) // 2
    optimizer, scheduler = made(case)
    go(case, optimizer, scheduler, 0, half)
    other, moved = way((optimizer, scheduler))
    assert moved.optimizer is other and rates(other) == rates(optimizer) and momentum(other) == momentum(optimizer)
    assert moved.state_dict() == scheduler.state_dict()
    assert go(case, optimizer, scheduler, half) == go(case, other, moved, half)
    assert moved.state_dict() == scheduler.state_dict()


def parts_of(scheduler):
    return [scheduler, *(part for inner in vars(scheduler).get("_schedulers", ()) for part in parts_of(inner))]


PURE = [case for case in CASES if not (case["changes"] or case["jumps"] or case["metrics"] or case["resumed"])]


@pytest.mark.parametrize("case", PURE, ids=ids)
def test_rates_are_a_function_of_the_step(case):
    _, scheduler = made(case)
    for step, expected in enumerate(case["rates"]):
        assert scheduler.at(step) == pytest.approx(expected, rel=1e-9, abs=1e-15)


def optimizer(*rates, **options):
    groups = [{"params": [torch.zeros(1, requires_grad=True)], "lr": rate} for rate in rates or (0.1,)]
    return torch.optim.SGD(groups, **options)


def test_functions_of_the_step():
    made = optimizer(0.1, 0.2)
    scheduler = lr_scheduler.LambdaLR(made, [lambda t: 0.5**t, lambda t: 1.0])
    scheduler.step()
    assert rates(made) == [0.05, 0.2] and scheduler.at(2) == [0.025, 0.2] and scheduler.lr_lambdas[1](3) == 1
    made = optimizer(0.1)
    scheduler = lr_scheduler.MultiplicativeLR(made, lambda t: 0.5)
    made.param_groups[0]["lr"] = 1.0
    scheduler.step()
    assert rates(made) == [0.5] and scheduler.at(2) == [0.025]

    class Slope:
        def __init__(self, factor):
            self.factor = factor

        def __call__(self, step):
            return 1 / (1 + self.factor * step)

    scheduler = lr_scheduler.LambdaLR(optimizer(), Slope(2))
    state = scheduler.state_dict()
    assert state["lr_lambdas"] == [{"factor": 2}]
    other = lr_scheduler.LambdaLR(optimizer(), Slope(7))
    other.load_state_dict(state)
    assert other.lr_lambdas[0].factor == 2


def test_a_failing_function_changes_nothing():
    made, fails = optimizer(), []

    def factor(step):
        if fails:
            raise KeyError("factor")
        return 1 / (1 + step)

    scheduler = lr_scheduler.LambdaLR(made, factor)
    scheduler.step()
    fails.append(1)
    with pytest.raises(KeyError, match="factor"):
        scheduler.step()
    assert rates(made) == [0.05] and scheduler.last_epoch == 1
    with pytest.raises(TypeError):
        lr_scheduler.LambdaLR(optimizer(), lambda step: "fast")


def test_schedules_written_in_python():
    class Halves(lr_scheduler.LRScheduler):
        def __init__(self, optimizer, every, last_epoch=-1):
            self.every = every
            super().__init__(optimizer, last_epoch)

        def get_lr(self):
            if self._is_initial or self.last_epoch % self.every:
                return [group["lr"] for group in self.optimizer.param_groups]
            return [group["lr"] / 2 for group in self.optimizer.param_groups]

    made = optimizer(0.1, 0.4)
    scheduler = Halves(made, 2)
    for _ in range(5):
        scheduler.step()
    assert rates(made) == [0.025, 0.1] and scheduler.base_lrs == [0.1, 0.4]
    assert scheduler.state_dict()["every"] == 2
    other = Halves(optimizer(0.1, 0.4), 7)
    other.load_state_dict(scheduler.state_dict())
    assert other.every == 2 and other.last_epoch == 5
    made = optimizer()
    both = lr_scheduler.SequentialLR(made, [Halves(made, 1), lr_scheduler.ExponentialLR(made, 0.1)], [3])
    for _ in range(4):
        both.step()
    assert rates(made)[0] == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("scale_mode", "scale", "expected"),
    [
        ("cycle", lambda cycle: 0.5, [0.35, 0.4]),
        ("iterations", lambda step: 1 / (1 + step), [0.1 + 1 / 12, 0.1 + 3 / 35]),
    ],
)
def test_heights_of_cycles_hold_from_the_first_step(scale_mode, scale, expected):
    made = optimizer(0.1)
    made.param_groups[0]["initial_lr"] = 0.1
    options = {"scale_fn": scale, "scale_mode": scale_mode, "cycle_momentum": False, "last_epoch": 4}
    scheduler = lr_scheduler.CyclicLR(made, 0.1, 1.1, 10, **options)
    first = scheduler.get_last_lr()
    assert (scheduler.last_epoch, scheduler._step_count) == (5, 1)
    scheduler.step()
    assert [*first, *rates(made)] == pytest.approx(expected)


def scheduled(kind):
    rate = 0.1 if kind is Written else torch.tensor(0.1, dtype=torch.float64)
    return kind([{"params": [torch.zeros(1, requires_grad=True)], "lr": rate}])


@pytest.mark.parametrize("kind", [torch.optim.SGD, Written])
def test_schedules_written_in_python_see_what_is_before_them_in_a_chain(kind):
    class Halves(lr_scheduler.LRScheduler):
        fails = False

        def get_lr(self):
            if self.fails:
                raise KeyError("rate")
            factor = 1.0 if self._is_initial else 0.5
            return [group["lr"] * factor for group in self.optimizer.param_groups]

    made = scheduled(kind)
    halves = Halves(made)
    chain = lr_scheduler.ChainedScheduler([lr_scheduler.ExponentialLR(made, 0.1), halves])
    chain.step()
    assert float(rates(made)[0]) == pytest.approx(0.005)
    halves.fails = True
    with pytest.raises(KeyError, match="rate"):
        chain.step()
    assert float(rates(made)[0]) == pytest.approx(0.005)


def test_groups_are_added_to_optimizers_written_in_python():
    made = Written([{"params": [torch.zeros(1, requires_grad=True)]}])
    before = lr_scheduler.StepLR(made, 1, gamma=0.5)
    made.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 1.0})
    with pytest.raises(ValueError, match="made for 1 parameter groups, the optimizer has 2"):
        before.step()
    lr_scheduler.StepLR(made, 1, gamma=0.5).step()
    assert rates(made) == [0.05, 0.5]


def test_attributes_are_those_of_the_engine():
    made = optimizer()
    scheduler = lr_scheduler.StepLR(made, 3, gamma=0.5)
    assert (scheduler.step_size, scheduler.gamma, scheduler.last_epoch, scheduler.base_lrs) == (3, 0.5, 0, [0.1])
    scheduler.gamma = 0.1
    scheduler.last_epoch = 2
    scheduler.step()
    assert rates(made)[0] == pytest.approx(0.01)
    assert made.param_groups[0]["initial_lr"] == 0.1
    with pytest.raises(AttributeError, match="speed"):
        _ = scheduler.speed
    scheduler.note = "mine"
    assert scheduler.state_dict()["note"] == "mine"
    plateau = lr_scheduler.ReduceLROnPlateau(optimizer(), cooldown=2, patience=0)
    for loss in (1, torch.tensor(1.0), math.nan):
        plateau.step(loss)
    assert plateau.best == 1 and plateau.in_cooldown and plateau.mode_worse == math.inf
    assert pickle.loads(pickle.dumps(scheduler)).note == "mine"


KEYS = {
    "StepLR": ({"step_size": 2}, {"step_size", "gamma"}),
    "MultiStepLR": ({"milestones": [2]}, {"milestones", "gamma"}),
    "ConstantLR": ({}, {"factor", "total_iters"}),
    "LinearLR": ({}, {"start_factor", "end_factor", "total_iters"}),
    "ExponentialLR": ({"gamma": 0.5}, {"gamma"}),
    "PolynomialLR": ({}, {"total_iters", "power"}),
    "CosineAnnealingLR": ({"T_max": 3}, {"T_max", "eta_min"}),
    "CosineAnnealingWarmRestarts": ({"T_0": 3}, {"T_0", "T_i", "T_mult", "eta_min", "T_cur"}),
    "CyclicLR": (
        {"base_lr": 0.1, "max_lr": 1.0},
        {"max_lrs", "total_size", "step_ratio", "mode", "gamma", "_scale_fn_custom", "scale_mode", "cycle_momentum"}
        | {"use_beta1", "base_momentums", "max_momentums"},
    ),
}


@pytest.mark.parametrize("name", KEYS)
def test_state_has_the_names_of_pytorch(name):
    options, own = KEYS[name]
    scheduler = getattr(lr_scheduler, name)(optimizer(), **options)
    common = {"base_lrs", "last_epoch", "_step_count", "_last_lr", "_is_initial", "_get_lr_called_within_step"}
    assert set(scheduler.state_dict()) == own | common


def test_order_of_steps_is_watched():
    made = optimizer()
    scheduler = lr_scheduler.StepLR(made, 3)
    with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
        scheduler.step()
    made = optimizer()
    scheduler = lr_scheduler.StepLR(made, 3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made.step()
        scheduler.step()
    with pytest.warns(UserWarning, match="epoch parameter"):
        scheduler.step(7)


def test_mistakes():
    made = optimizer(0.1, 0.2)
    kinds = lr_scheduler
    step = kinds.StepLR(made, 3)
    plateau = kinds.ReduceLROnPlateau(made)
    for error, call in (
        (TypeError, lambda: kinds.StepLR(object(), 3)),
        (TypeError, lambda: kinds.StepLR(made)),
        (TypeError, lambda: kinds.StepLR(made, 3, 0.5, -1, 7)),
        (TypeError, lambda: kinds.StepLR(made, 3, step_size=3)),
        (TypeError, lambda: kinds.StepLR(made, speed=3)),
        (TypeError, lambda: kinds.StepLR(made, "3")),
        (ValueError, lambda: kinds.StepLR(made, 0)),
        (KeyError, lambda: kinds.StepLR(optimizer(), 3, last_epoch=4)),
        (ValueError, lambda: kinds.ConstantLR(made, factor=1.5)),
        (ValueError, lambda: kinds.LinearLR(made, start_factor=0)),
        (ValueError, lambda: kinds.CosineAnnealingWarmRestarts(made, 0)),
        (ValueError, lambda: kinds.CyclicLR(made, 0.1, 1.0, mode="square")),
        (ValueError, lambda: kinds.CyclicLR(made, [0.1, 0.2, 0.3], 1.0)),
        (ValueError, lambda: kinds.OneCycleLR(made, 1.0)),
        (ValueError, lambda: kinds.OneCycleLR(made, 1.0, total_steps=10, pct_start=2.0)),
        (ValueError, lambda: kinds.ReduceLROnPlateau(made, factor=1.0)),
        (ValueError, lambda: kinds.ReduceLROnPlateau(made, mode="least")),
        (ValueError, lambda: kinds.LambdaLR(made, [lambda t: 1.0])),
        (TypeError, lambda: kinds.MultiplicativeLR(made, [1.0, 2.0])),
        (ValueError, lambda: kinds.SequentialLR(made, [], [])),
        (ValueError, lambda: kinds.SequentialLR(made, [step], [3])),
        (ValueError, lambda: kinds.SequentialLR(made, [step, plateau], [3])),
        (ValueError, lambda: kinds.SequentialLR(optimizer(), [step], [])),
        (TypeError, lambda: kinds.SequentialLR(made, [step, 7], [3])),
        (ValueError, lambda: kinds.ChainedScheduler([])),
        (ValueError, lambda: kinds.WarmupLR(step, -1)),
        (ValueError, lambda: kinds.WarmupLR(step, 3, mode="slow")),
        (TypeError, lambda: plateau.step()),
        (ValueError, lambda: plateau.step("low")),
        (NotImplementedError, lambda: plateau.at(3)),
        (ValueError, lambda: step.at(-1)),
        (ValueError, lambda: step.load_state_dict({"step_size": 0})),
    ):
        before = rates(made)
        with pytest.raises(error):
            call()
        assert rates(made) == before
    made.add_param_group({"params": [torch.zeros(1, requires_grad=True)], "lr": 1.0})
    with pytest.raises(ValueError, match="made for 2 parameter groups, the optimizer has 3"):
        step.step()


def test_past_the_end():
    made = optimizer()
    scheduler = lr_scheduler.OneCycleLR(made, 1.0, total_steps=4)
    for _ in range(4):
        scheduler.step()
    before = rates(made)
    with pytest.raises(ValueError, match=r"Tried to step 5 times. The specified number of total steps is 4"):
        scheduler.step()
    assert rates(made) == before and scheduler.last_epoch == 4


def test_signatures_and_help():
    import inspect

    signature = str(inspect.signature(lr_scheduler.StepLR))
    assert signature == "(optimizer, step_size, gamma=0.1, last_epoch=-1)"
    assert "step_size" in lr_scheduler.StepLR.__doc__
    assert torch.optim.lr_scheduler is lr_scheduler and torch.optim.swa_utils is swa_utils


def test_schedules_of_wrapped_optimizers():
    inner = optimizer(0.1, 0.2)
    outer = torch.optim.Lookahead(torch.optim.GradientNoise(inner))
    step, decay = lr_scheduler.StepLR(outer, 1, gamma=0.5), lr_scheduler.ExponentialLR(inner, 0.5)
    with pytest.warns(UserWarning, match=r"before `optimizer.step\(\)`"):
        step.step()
    assert step.optimizer is outer
    assert rates(outer) == rates(inner) == [0.05, 0.1] and inner._core.get(1, "lr") == 0.1
    lr_scheduler.ChainedScheduler([step, decay], outer).step()
    assert rates(inner) == [0.0125, 0.025]
    lr_scheduler.OneCycleLR(outer, 1.0, total_steps=4)
    assert inner._core.get(0, "momentum") == pytest.approx(0.95)
    plain = torch.optim.Lookahead(torch.optim.Adagrad([torch.zeros(1, requires_grad=True)]))
    with pytest.raises(ValueError, match="must support momentum or beta1"):
        lr_scheduler.OneCycleLR(plain, 1.0, total_steps=4)
    assert not hasattr(inner, "wrap")


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam, Written])
def test_rates_that_are_tensors_are_filled(kind):
    parameter, rate = torch.zeros(1, requires_grad=True), torch.tensor(1.0)
    made = kind([{"params": [parameter], "lr": rate}])
    scheduler = lr_scheduler.StepLR(made, 1, gamma=0.5)
    for expected in (0.5, 0.25):
        scheduler.step()
        assert made.param_groups[0]["lr"] is rate
        assert rate.item() == scheduler.get_last_lr()[0] == expected
    rate.fill_(8.0)
    scheduler.step()
    assert rate.item() == 4.0
    if kind is torch.optim.SGD:
        parameter.grad = torch.ones(1)
        made.step()
        assert parameter.item() == -4.0


@pytest.mark.parametrize("defaults", [{"lr": 0.1}, {"lr": 0.1, "betas": (0.9, 0.99)}, {"lr": 0.1, "momentum": 0.0}])
def test_momentum_of_optimizers_written_in_python(defaults):
    made = torch.optim.Optimizer([torch.zeros(1, requires_grad=True)], defaults)
    if len(defaults) == 1:
        with pytest.raises(ValueError, match="must support momentum or beta1"):
            lr_scheduler.OneCycleLR(made, 1.0, total_steps=4)
        lr_scheduler.OneCycleLR(made, 1.0, total_steps=4, cycle_momentum=False)
        assert rates(made) == pytest.approx([0.04])
    else:
        lr_scheduler.OneCycleLR(made, 1.0, total_steps=4)
        assert momentum(made) == pytest.approx(0.95)


def test_scheduled_optimizers_written_in_python_are_copied():
    made = Written([{"params": [torch.zeros(1, requires_grad=True)]}])
    scheduler = lr_scheduler.StepLR(made, 1, gamma=0.5)
    for way in (copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        twin = way(made)
        twin_scheduler = lr_scheduler.StepLR(twin, 1, gamma=0.1)
        twin_scheduler.step()
        assert rates(made) == [0.1] and rates(twin) == pytest.approx([0.01])
    scheduler.step()
    assert rates(made) == [0.05]


@pytest.mark.parametrize(
    "make",
    [
        lambda owner: lr_scheduler.LambdaLR(owner.optimizer, owner.factor),
        lambda owner: lr_scheduler.MultiplicativeLR(owner.optimizer, lambda step: owner.factor(step)),
        lambda owner: lr_scheduler.CyclicLR(
            owner.optimizer, 0.1, 1.0, 2, cycle_momentum=False, scale_fn=lambda cycle: owner.factor(cycle)
        ),
        lambda owner: lr_scheduler.WarmupLR(lr_scheduler.LambdaLR(owner.optimizer, owner.factor), 2),
    ],
)
def test_schedules_that_ask_their_owner_are_collected(make):
    class Trainer:
        def __init__(self):
            self.optimizer = optimizer()
            self.scheduler = make(self)

        def factor(self, step):
            return 0.5

    trainer = Trainer()
    trainer.scheduler.step()
    trainer.scheduler.step()
    alive = weakref.ref(trainer)
    del trainer
    gc.collect()
    assert alive() is None


def test_nothing_leaks(assert_no_leak):
    def use():
        made = optimizer()
        scheduler = lr_scheduler.WarmupLR(lr_scheduler.LambdaLR(made, lambda t: 1.0), 2)
        scheduler.step()
        scheduler.load_state_dict(scheduler.state_dict())

    assert_no_leak(use, times=300)
