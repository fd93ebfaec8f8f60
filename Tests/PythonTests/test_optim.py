"""Optimizers that are made from the registry, and the base class for those in Python."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

import swiftnn as torch
from swiftnn import _C, nn, optim

NAMES = [name for name, _, _ in _C.entries(_C.OPTIMIZERS)]


def problem(**options: Any) -> tuple[nn.Module, optim.Optimizer, Any]:
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer = optim.SGD(model.parameters(), **{"lr": 0.1, "momentum": 0.9, **options})
    x, y = torch.randn(16, 4), torch.randn(16, 2)

    def step() -> float:
        optimizer.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return model, optimizer, step


@pytest.mark.parametrize("name", NAMES)
def test_every_optimizer_of_the_registry(name: str) -> None:
    cls = getattr(optim, name)
    assert issubclass(cls, optim.Optimizer)
    assert cls.__doc__
    assert next(iter(inspect.signature(cls).parameters)) == "params"
    p = nn.Parameter(torch.tensor([[1.0, 2.0]]))
    optimizer = cls([p])
    assert set(optimizer.defaults) | {"params"} == set(optimizer.param_groups[0])

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward(retain_graph=True)
        return loss

    for _ in range(3):
        optimizer.step(closure)
    assert p.tolist() != [[1, 2]]
    twin = cls([nn.Parameter(torch.tensor([[1.0, 2.0]]))])
    twin.load_state_dict(optimizer.state_dict())
    for key, kept in optimizer.state_dict()["state"].get(0, {}).items():
        assert repr(kept) == repr(twin.state_dict()["state"][0][key])
    assert repr(optimizer).startswith(f"{name} (\nParameter Group 0\n    ")


def test_names_of_the_module() -> None:
    names: dict[str, Any] = {}
    exec("from swiftnn.optim import *", names)
    wrappers = [name for name, _, _ in _C.entries(_C.WRAPPERS)]
    assert {"Optimizer", "lr_scheduler", "lr_range_test", *NAMES, *wrappers} <= set(names)
    for module in (optim, optim.lr_scheduler):
        assert not [name for name in dir(module) if name.startswith("make_")]


def test_steps_reduce_the_loss() -> None:
    _, _, step = problem()
    losses = [step() for _ in range(30)]
    assert losses[-1] < losses[0] * 0.8


def test_sgd_computes_what_it_says() -> None:
    p = nn.Parameter(torch.tensor([1.0]))
    optimizer = optim.SGD([p], lr=0.5, momentum=0.5)
    for expected in (0.0, -0.5 - 0.25):  # the gradient is 2 and then 2 + momentum
        p.grad = torch.tensor([2.0]) if expected == 0.0 else torch.tensor([0.5])
        optimizer.step()
        assert p.item() == pytest.approx(expected)


def test_options_are_read_and_written_through() -> None:
    p = nn.Parameter(torch.tensor([1.0]))
    optimizer = optim.SGD([p], lr=0.5)
    group = optimizer.param_groups[0]
    assert isinstance(group, dict)
    assert group["lr"] == 0.5
    group["lr"] = 0.25
    assert optimizer._core.get(0, "lr") == 0.25
    optimizer._core.set(0, "lr", 0.125)
    assert group["lr"] == dict(group.items())["lr"] == group.get("lr") == 0.125
    p.grad = torch.tensor([8.0])
    optimizer.step()
    assert p.item() == 0
    group["initial_lr"] = 1.0
    assert group.setdefault("initial_lr", 2.0) == 1.0
    assert "initial_lr" in optimizer.state_dict()["param_groups"][0]
    assert group.pop("initial_lr") == 1.0
    for wrong, error in ((("lr", "a"), TypeError), (("lr", -1.0), ValueError)):
        with pytest.raises(error):
            group[wrong[0]] = wrong[1]
    with pytest.raises(KeyError):
        del group["lr"]
    assert group["lr"] == 0.125


def test_groups() -> None:
    a, b, c = (nn.Parameter(torch.ones(1)) for _ in range(3))
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5, "tag": "slow"}], lr=0.25)
    optimizer.add_param_group({"params": [c], "lr": 1.0})
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.5, 1.0]
    assert optimizer.param_groups[1]["tag"] == "slow"
    assert optimizer.param_groups[1]["params"][0] is b
    for p in (a, b, c):
        p.grad = torch.ones(1)
    optimizer.step()
    assert (a.item(), b.item(), c.item()) == (0.75, 0.5, 0.0)
    named = optim.SGD(nn.Linear(2, 2).named_parameters(), lr=0.1)
    assert named.param_groups[0]["param_names"] == ["weight", "bias"]


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda p: optim.SGD([], lr=0.1), ValueError),
        (lambda p: optim.SGD(p, lr=0.1), TypeError),
        (lambda p: optim.SGD([1], lr=0.1), TypeError),
        (lambda p: optim.SGD([p * 2], lr=0.1), ValueError),
        (lambda p: optim.SGD([p, p], lr=0.1), ValueError),
        (lambda p: optim.SGD([{"params": [p]}, {"params": [p]}], lr=0.1), ValueError),
        (lambda p: optim.SGD([{"params": {p}}], lr=0.1), TypeError),
        (lambda p: optim.SGD([p], lr="a"), TypeError),
        (lambda p: optim.SGD([p], lr=-1.0), ValueError),
        (lambda p: optim.SGD([p], speed=1), TypeError),
        (lambda p: optim.SGD([p], 0.1, lr=0.1), TypeError),
        (lambda p: optim.SGD([p], *[0.1] * 20), TypeError),
    ],
)
def test_wrong_arguments(make: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        make(nn.Parameter(torch.ones(1)))


def test_words_about_the_implementation_are_accepted() -> None:
    p = nn.Parameter(torch.ones(1))
    assert optim.SGD([p], lr=0.1, foreach=True, fused=None, differentiable=False)
    assert optim.Adam([p], capturable=False)


def test_zero_grad() -> None:
    p = nn.Parameter(torch.ones(2))
    optimizer = optim.SGD([p], lr=0.1)
    p.grad = torch.ones(2)
    optimizer.zero_grad(set_to_none=False)
    assert p.grad.tolist() == [0, 0]
    optimizer.zero_grad()
    assert p.grad is None
    optimizer.step()
    assert p.tolist() == [1, 1]


def test_closures() -> None:
    p = nn.Parameter(torch.tensor([1.0]))
    optimizer = optim.SGD([p], lr=0.25)

    def closure() -> torch.Tensor:
        assert torch.is_grad_enabled()
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    with torch.no_grad():
        assert optimizer.step(closure).item() == 1
    assert p.item() == 0.5


@pytest.mark.parametrize("make", [lambda p: optim.SAM(optim.SGD([p], lr=0.25)), lambda p: optim.Adam([p])])
def test_closures_that_fail(make: Any) -> None:
    p = nn.Parameter(torch.tensor([1.0, 2.0]))
    optimizer = make(p)
    calls = []

    def closure() -> torch.Tensor:
        calls.append(1)
        if len(calls) == 2:
            raise KeyError("in the closure")
        p.grad = torch.ones(2)
        return (p * p).sum()

    for _ in range(2):
        before = p.tolist()
        if len(calls) == 0 and isinstance(optimizer, optim.Adam):
            optimizer.step(closure)
            continue
        with pytest.raises(KeyError, match="in the closure"):
            optimizer.step(closure)
        assert p.tolist() == before
        break
    assert len(calls) == 2
    with pytest.raises(TypeError):
        optimizer.step(lambda: "a loss")
    with pytest.raises(TypeError):
        optimizer.step(3)


def test_steps_in_two_parts() -> None:
    a, b = (nn.Parameter(torch.tensor([1.0, 2.0])) for _ in range(2))
    one, other = (optim.SAM(optim.AdamW([p], lr=0.1), rho=0.2, adaptive=True) for p in (a, b))

    def loss(p: torch.Tensor) -> torch.Tensor:
        p.grad = None
        value = (p**3).sum()
        value.backward()
        return value

    for _ in range(3):
        one.step(lambda: loss(a))
        loss(b)
        other.first_step(zero_grad=True)
        assert b.grad is None
        loss(b)
        other.second_step(zero_grad=True)
        assert b.grad is None
        with pytest.raises(ValueError, match="needs a closure"):
            other.step()
    assert a.tolist() == b.tolist()
    with pytest.raises(ValueError, match="no first step"):
        optim.SGD([a]).first_step()


def test_wrappers_are_the_optimizer_with_another_step() -> None:
    p = nn.Parameter(torch.tensor([1.0]))
    inner = optim.SGD([p], lr=0.5)
    outer = optim.GradientNoise(optim.Lookahead(inner, 2, alpha=0.25), eta=0.0)
    assert isinstance(outer, optim.Optimizer)
    assert outer.param_groups is inner.param_groups
    assert inspect.signature(optim.Lookahead).parameters["k"].default == 5
    outer.add_param_group({"params": [nn.Parameter(torch.ones(2))], "lr": 0.1})
    assert outer.defaults["lr"] == 0.5
    p.grad = torch.tensor([2.0])
    outer.step()
    assert list(outer.state_dict()["state"][0]) == ["slow_param", "lookahead_step", "noise_step"]
    assert outer.state[p]["slow_param"].item() == 1
    inner.step()
    assert p.item() == 1 + 0.25 * (-1 - 1)
    outer.zero_grad()
    assert p.grad is None
    assert "lr: 0.5" in repr(outer)
    for wrong, error in (
        (lambda: optim.Lookahead(p), TypeError),
        (lambda: optim.Lookahead(inner), ValueError),
        (lambda: optim.SAM(inner, rho=-1.0), ValueError),
        (lambda: optim.SAM(inner, size=1), TypeError),
        (lambda: optim.SAM(inner, 1, 2, 3), TypeError),
    ):
        with pytest.raises(error):
            wrong()


def test_rates_as_tensors() -> None:
    p = nn.Parameter(torch.tensor([4.0]))
    rate = torch.tensor(0.5)
    optimizer = optim.SGD([p], lr=rate)
    assert optimizer.param_groups[0]["lr"] is rate
    p.grad = torch.ones(1)
    optimizer.step()
    assert p.item() == 3.5
    rate.fill_(1.0)
    optimizer.step()
    assert p.item() == 2.5
    optimizer.param_groups[0]["lr"] = 0.25
    optimizer.step()
    assert p.item() == 2.25
    for wrong in (torch.ones(2), torch.tensor(-1.0)):
        with pytest.raises(ValueError, match=r"Tensor lr must be 1-element|Invalid learning rate"):
            optim.Adam([p], lr=wrong)
        with pytest.raises(ValueError, match=r"Tensor lr must be 1-element|Invalid learning rate"):
            optimizer.param_groups[0]["lr"] = wrong
    assert optimizer.param_groups[0]["lr"] == 0.25


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda p: optim.Adagrad(p, lr_decay=-1.0), "Invalid lr_decay value: -1.0"),
        (lambda p: optim.Adadelta(p, rho=1.5), "Invalid rho value: 1.5"),
        (lambda p: optim.RMSprop(p, alpha=-0.5), "Invalid alpha value: -0.5"),
        (lambda p: optim.Adam(p, betas=(0.9, 1.0)), "Invalid beta parameter at index 1: 1.0"),
        (lambda p: optim.AdamW(p, eps=-1.0), "Invalid epsilon value: -1.0"),
        (lambda p: optim.Adamax(p, weight_decay=-1.0), "Invalid weight_decay value: -1.0"),
        (lambda p: optim.NAdam(p, momentum_decay=-1.0), "Invalid momentum_decay value: -1.0"),
        (lambda p: optim.RAdam(p, lr=-2.0), "Invalid learning rate: -2.0"),
        (lambda p: optim.Rprop(p, etas=(0.5, 0.9)), "Invalid eta values: 0.5, 0.9"),
        (lambda p: optim.ASGD(p, lambd=-1.0), "Invalid lambd value: -1.0"),
        (lambda p: optim.SGD(p, nesterov=True), "Nesterov momentum requires a momentum and zero dampening"),
        (lambda p: optim.Adafactor(p, lr=-1.0), "Learning rate should be >= 0 but is: -1.0"),
        (lambda p: optim.Adafactor(p, d=0.5), "Clipping threshold d should be >= 1 but is: 0.5"),
        (lambda p: optim.Adafactor(p, eps=(-1.0, 0.0)), "epsilon1 should be >= 0 but is: -1.0"),
        (lambda p: optim.Muon(p, momentum=-1.0), "momentum should be >= 0 but is: -1.0"),
        (lambda p: optim.Muon(p), "only supports 2D parameters"),
    ],
)
def test_words_about_wrong_options(make: Any, words: str) -> None:
    with pytest.raises((ValueError, RuntimeError), match=words.replace("(", r"\(")):
        make([nn.Parameter(torch.ones(1))])


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_gradients_of_parts_add_up_to_that_of_the_batch(parts: int) -> None:
    def trained(parts: int) -> list[float]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).to(torch.float64)
        optimizer = optim.Adam(model.parameters(), lr=0.01)
        x, y = torch.randn(8, 4, dtype=torch.float64), torch.randn(8, 1, dtype=torch.float64)
        for _ in range(5):
            optimizer.zero_grad()
            for inputs, targets in zip(x.chunk(parts), y.chunk(parts), strict=True):
                (nn.functional.mse_loss(model(inputs), targets) / parts).backward()
            optimizer.step()
        return [value for p in model.parameters() for value in p.detach().reshape(-1).tolist()]

    assert trained(parts) == pytest.approx(trained(1), rel=1e-11)


def test_state_has_pytorchs_layout() -> None:
    model, optimizer, step = problem()
    step()
    saved = optimizer.state_dict()
    assert list(saved) == ["state", "param_groups"]
    assert list(saved["state"]) == [0, 1, 2, 3]
    assert list(saved["state"][0]) == ["momentum_buffer"]
    assert saved["param_groups"][0]["params"] == [0, 1, 2, 3]
    assert type(saved["param_groups"][0]) is dict
    weight = model.get_parameter("0.weight")
    assert optimizer.state[weight]["momentum_buffer"].shape == weight.shape
    assert weight in optimizer.state
    assert len(optimizer.state) == 4
    with pytest.raises(KeyError):
        optimizer.state[torch.ones(1)]


@pytest.mark.parametrize("way", ["load", "deepcopy", "pickle"])
def test_training_continues_exactly(way: str) -> None:
    model, optimizer, step = problem()
    for _ in range(3):
        step()
    if way == "load":
        twin, other, _ = problem(lr=9.0, momentum=0.0)
        twin.load_state_dict(model.state_dict())
        other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    else:
        both = (model, optimizer)
        twin, other = copy.deepcopy(both) if way == "deepcopy" else pickle.loads(pickle.dumps(both))
    assert other.param_groups[0]["lr"] == 0.1
    x = torch.ones(1, 4)
    for net, opt in ((model, optimizer), (twin, other)):
        opt.zero_grad()
        net(x).sum().backward()
        opt.step()
    assert [p.tolist() for p in twin.parameters()] == [p.tolist() for p in model.parameters()]


@pytest.mark.parametrize("wrapper", [None, optim.Lookahead])
@pytest.mark.parametrize("name", NAMES)
def test_loading_replaces_all_state(name: str, wrapper: Any) -> None:
    options = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9, "centered": True}}.get(name, {})

    def trained(loads: bool) -> tuple[list[Any], Any]:
        p = nn.Parameter(torch.tensor([[1.0, 2.0]]))
        optimizer = getattr(optim, name)([p], **options)
        optimizer = wrapper(optimizer, k=2) if wrapper else optimizer
        fresh = copy.deepcopy(optimizer.state_dict())

        def step() -> None:
            def closure() -> torch.Tensor:
                optimizer.zero_grad()
                loss = (p**4).sum()
                loss.backward(retain_graph=True)
                return loss

            optimizer.step(closure)

        if loads:
            step()
            optimizer.load_state_dict(fresh)
            assert list(optimizer.state_dict()["state"]) == list(fresh["state"])
            with torch.no_grad():
                p.copy_(torch.tensor([[1.0, 2.0]]))
        for _ in range(3):
            step()
        return p.tolist(), str(optimizer.state_dict())

    assert trained(True) == trained(False)


def test_loaded_optimizers_stay_with_their_schedules() -> None:
    p, q = (nn.Parameter(torch.ones(1)) for _ in range(2))
    optimizer = optim.SGD([{"params": [p]}, {"params": [q], "lr": 0.5}], lr=1.0, momentum=0.9)
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.5)
    fresh = optimizer.state_dict()
    p.grad = torch.ones(1)
    optimizer.step()
    optimizer.load_state_dict(fresh)
    assert not optimizer.state
    scheduler.step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.5, 0.25]
    optimizer.step()
    assert p.item() == -0.5
    other = optim.lr_scheduler.ExponentialLR(optimizer, 0.5)
    optim.lr_scheduler.ChainedScheduler([scheduler, other]).step()
    assert [group["lr"] for group in optimizer.param_groups] == [0.125, 0.0625]
    optimizer.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
    with pytest.raises(ValueError, match="made for 2 parameter groups, the optimizer has 3"):
        scheduler.step()
    assert copy.deepcopy(optimizer).param_groups[0]["lr"] == 0.125


def test_loaded_rates_that_are_tensors_are_copies() -> None:
    one, other = (optim.SGD([nn.Parameter(torch.ones(1))], lr=torch.tensor(rate)) for rate in (1.0, 2.0))
    other.load_state_dict(one.state_dict())
    one.param_groups[0]["lr"].fill_(8.0)
    assert other.param_groups[0]["lr"].item() == 1.0


class Counting(optim.SGD):
    """An optimizer with attributes of its own, which adding groups needs."""

    def __init__(self, params: Any, extra: list[int]) -> None:
        self.extra = extra
        super().__init__(params, lr=0.5)

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        self.extra.append(len(param_group))
        super().add_param_group(param_group)


@pytest.mark.parametrize("way", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_attributes_of_subclasses_are_copied(way: Any) -> None:
    optimizer = Counting([nn.Parameter(torch.ones(1))], [7])
    wrapped = optim.Lookahead(optimizer)
    wrapped.name = "outer"
    optimizer.step()
    twin = way(wrapped)
    assert twin.name == "outer"
    assert twin.optimizer.extra[:2] == [7, 1]
    assert twin.optimizer.extra is not optimizer.extra
    assert optimizer.extra == [7, 1]
    assert twin.param_groups[0]["lr"] == 0.5
    with pytest.raises(ValueError, match="around this optimizer already"):
        optim.Lookahead(twin)


def test_state_of_another_shape_is_refused() -> None:
    _, optimizer, _ = problem()
    other = optim.SGD([nn.Parameter(torch.ones(1))], lr=0.1)
    with pytest.raises(ValueError, match="size of optimizer's group"):
        other.load_state_dict(optimizer.state_dict())
    other.add_param_group({"params": [nn.Parameter(torch.ones(1))]})
    with pytest.raises(ValueError, match="number of parameter groups"):
        other.load_state_dict(optimizer.state_dict())


def test_optimizers_in_python() -> None:
    class Descent(optim.Optimizer):
        def __init__(self, params: Any, lr: float) -> None:
            super().__init__(params, {"lr": lr})

        @torch.no_grad()
        def step(self, closure: Any = None) -> None:
            for group in self.param_groups:
                for p in group["params"]:
                    self.state[p]["steps"] = self.state[p].get("steps", 0) + 1
                    p.add_(p.grad, alpha=-group["lr"])

    p = nn.Parameter(torch.tensor([1.0]))
    optimizer = Descent([p], lr=0.5)
    p.grad = torch.ones(1)
    optimizer.step()
    assert p.item() == 0.5
    saved = optimizer.state_dict()
    assert saved["state"] == {0: {"steps": 1}}
    other = Descent([p], lr=0.1)
    other.load_state_dict(saved)
    assert other.state[p]["steps"] == 1
    assert other.param_groups[0]["lr"] == 0.5
    assert optim.Optimizer([p], {"lr": 1}).defaults == {"lr": 1}


def test_optimizers_do_not_leak(assert_no_leak: Any) -> None:
    _, _, step = problem()
    assert_no_leak(step, 300)

    def make() -> None:
        problem()[2]()

    assert_no_leak(make, 100)
