"""Clipping, penalties and reports against their formulas."""

import math

import matplotlib
import numpy as np
import pytest

import swiftnn as torch
from swiftnn import nn
from swiftnn.nn import penalties, utils


def parameters():
    shapes = [(3, 4), (4,), (2, 3, 2, 2), ()]
    random = np.random.default_rng(0)
    made = []
    for shape in shapes:
        parameter = torch.tensor(random.normal(size=shape), requires_grad=True)
        parameter.grad = torch.tensor(random.normal(size=shape) * 3)
        made.append(parameter)
    made.append(torch.tensor([1.0], dtype=torch.float64, requires_grad=True))  # without a gradient
    return made


def gradients(made):
    return [p.grad.numpy().copy() for p in made if p.grad is not None]


def flat(arrays):
    return np.concatenate([np.ravel(a) for a in arrays])


def norm(values, p):
    size = np.abs(values)
    if math.isinf(p):
        return size.max() if p > 0 else size.min()
    return (size**p).sum() ** (1 / p)


@pytest.mark.parametrize("p", [2.0, 1.0, 3.0, 0.5, math.inf, "inf"])
@pytest.mark.parametrize("most", [1.0, 1000.0])
def test_clip_grad_norm(p, most):
    made = parameters()
    before = gradients(made)
    total = utils.clip_grad_norm_(iter(made), most, norm_type=p)
    expected = norm(flat(before), float(p))
    assert total.item() == pytest.approx(expected, rel=1e-12)
    scale = min(1.0, most / (expected + 1e-6))
    for actual, old in zip(gradients(made), before, strict=True):
        np.testing.assert_allclose(actual, old * scale, rtol=1e-12)
    assert utils.get_total_norm(torch.tensor(flat(before)), p).item() == pytest.approx(expected, rel=1e-12)


def test_norms_that_are_not_finite():
    made = parameters()
    made[0].grad[0, 0] = math.nan
    before = gradients(made)
    with pytest.raises(RuntimeError, match="non-finite, so it cannot be clipped"):
        utils.clip_grad_norm_(made, 1.0, error_if_nonfinite=True)
    for actual, old in zip(gradients(made), before, strict=True):
        np.testing.assert_array_equal(actual, old)
    assert math.isnan(utils.clip_grad_norm_(made, 1.0).item())
    assert all(np.isnan(g).all() for g in gradients(made))
    assert utils.clip_grad_norm_([], 1.0).item() == 0
    assert utils.get_total_norm([]).item() == 0


def test_known_norm_value_and_each():
    made = parameters()
    before = gradients(made)
    utils.clip_grads_with_norm_(made, 1.0, torch.tensor(4.0))
    np.testing.assert_allclose(made[0].grad.numpy(), before[0] / (4.0 + 1e-6), rtol=1e-6)
    made = parameters()
    utils.clip_grad_value_(made, 0.5)
    for actual, old in zip(gradients(made), before, strict=True):
        np.testing.assert_array_equal(actual, np.clip(old, -0.5, 0.5))
    made = parameters()
    utils.clip_grad_each_norm_(made, 1.0)
    for actual, old in zip(gradients(made), before, strict=True):
        np.testing.assert_allclose(actual, old * min(1.0, 1 / (norm(np.ravel(old), 2) + 1e-6)), rtol=1e-12)


def test_one_tensor_and_halves():
    parameter = torch.ones(4, dtype=torch.bfloat16, requires_grad=True)
    parameter.grad = torch.full((4,), 2.0, dtype=torch.bfloat16)
    assert utils.clip_grad_norm_(parameter, 2.0, foreach=False).item() == 4
    assert parameter.grad.dtype == torch.bfloat16 and parameter.grad.tolist() == [1.0] * 4


def test_adaptive_clipping():
    made = parameters()
    made[0].data[1] = 0.0
    weights, before = [p.detach().numpy().copy() for p in made], gradients(made)
    utils.adaptive_clip_grad_(made, clip_factor=0.1, eps=0.01)
    for weight, actual, old in zip(weights, gradients(made), before):
        axes = tuple(range(1, old.ndim)) if old.ndim > 1 else None
        most = 0.1 * np.maximum(np.sqrt((weight**2).sum(axes, keepdims=True)), 0.01)
        size = np.sqrt((old**2).sum(axes, keepdims=True))
        expected = np.where(size > most, old * most / np.maximum(size, 1e-6), old)
        np.testing.assert_allclose(actual, expected.reshape(old.shape), rtol=1e-12)


def test_any_number_of_threads():
    usual, found = torch.get_num_threads(), []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        torch.manual_seed(3)
        parameter = torch.zeros(300, 1000, requires_grad=True)
        parameter.grad = torch.randn(300, 1000)
        total = utils.clip_grad_norm_(parameter, 1.0)
        utils.adaptive_clip_grad_(parameter)
        found.append((total.item(), parameter.grad.numpy().tobytes()))
    torch.set_num_threads(usual)
    assert found[0] == found[1]


SCALES = {"lambda": 1.0, "lambda/2": 0.5, "lambda/m": 1 / 8, "lambda/2m": 1 / 16}


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 3, dtype=torch.float64)
        self.norm = nn.LayerNorm(3, dtype=torch.float64)
        self.last = nn.Linear(3, 2, dtype=torch.float64)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("kind", ["l1", "l2", "elastic_net", "frobenius", "l2_sp"])
def test_penalties(kind, scale):
    model = Model()
    weights = [model.first.weight, model.last.weight]
    anchors = {name: torch.zeros_like(value) + 0.1 for name, value in model.named_parameters()}
    options = {"anchors": anchors.items()} if kind == "l2_sp" else {}
    value = penalties.penalty(kind, model, 0.3, scale=scale, m=8, ratio=0.25, **options)
    value.backward()
    factor = 0.3 * SCALES[scale]
    formulas = {
        "l1": (lambda w: np.abs(w).sum(), lambda w: np.sign(w)),
        "l2": (lambda w: (w**2).sum(), lambda w: 2 * w),
        "elastic_net": (
            lambda w: 0.25 * np.abs(w).sum() + 0.75 * (w**2).sum(),
            lambda w: 0.25 * np.sign(w) + 1.5 * w,
        ),
        "frobenius": (lambda w: np.sqrt((w**2).sum()), lambda w: w / np.sqrt((w**2).sum())),
        "l2_sp": (lambda w: ((w - 0.1) ** 2).sum(), lambda w: 2 * (w - 0.1)),
    }
    of, slope = formulas[kind]
    arrays = [w.detach().numpy() for w in weights]
    assert value.item() == pytest.approx(factor * sum(of(a) for a in arrays), rel=1e-6)
    for weight, array in zip(weights, arrays):
        np.testing.assert_allclose(weight.grad.numpy(), factor * slope(array), rtol=1e-6)
    assert model.first.bias.grad is None and model.norm.weight.grad is None


def test_short_names_and_selections():
    model = Model()
    assert penalties.l1(model, 2.0).item() == penalties.penalty("l1", model, 2.0).item()
    assert penalties.l2(model, 2.0, "lambda/2").item() == penalties.l2(model, 1.0).item()
    assert penalties.elastic_net(model, 1.0, 1.0).item() == penalties.l1(model, 1.0).item()
    assert penalties.frobenius(model, 1.0, patterns="first.*").item() == pytest.approx(model.first.weight.norm().item())
    assert penalties.l2_sp(model, model, 1.0).item() == 0
    last = penalties.l1(model, 1.0, patterns=["last.weigh?"]).item()
    assert last == pytest.approx(model.last.weight.abs().sum().item())
    everything = sum(p.abs().sum().item() for p in model.parameters())
    assert penalties.l1(model, 1.0, vectors=True).item() == pytest.approx(everything)
    assert penalties.l1(model, 1.0, patterns="nothing").item() == 0


def test_proximal_step_gives_exact_zeros():
    model = Model()
    before, bias = model.first.weight.detach().numpy().copy(), model.first.bias.tolist()
    penalties.proximal_l1_(model, 0.2)
    after = model.first.weight.detach().numpy()
    np.testing.assert_allclose(after, np.sign(before) * np.maximum(np.abs(before) - 0.2, 0), rtol=1e-15)
    assert (after == 0).any() and model.first.bias.tolist() == bias
    assert model.first.weight.requires_grad


def test_max_norm():
    model = Model()
    before = model.first.weight.detach().numpy().copy()
    penalties.max_norm_(model, 0.5, patterns="first.*")
    size = np.sqrt((before**2).sum(1, keepdims=True))
    np.testing.assert_allclose(model.first.weight.detach().numpy(), before * np.minimum(1, 0.5 / size), rtol=1e-6)


def test_mistakes():
    model = Model()
    for call in (
        lambda: penalties.penalty("l3", model, 1.0),
        lambda: penalties.l1(model, 1.0, "twice"),
        lambda: penalties.l1(model, -1.0),
        lambda: penalties.l1(model, math.nan),
        lambda: penalties.l1(model, 1.0, "lambda/m", -3),
        lambda: penalties.elastic_net(model, 1.0, 1.5),
        lambda: penalties.penalty("l2_sp", model, 1.0),
        lambda: penalties.l2_sp(model, [("first.weight", model.first.weight)], 1.0),
        lambda: penalties.proximal_l1_(model, -0.1),
        lambda: penalties.max_norm_(model, -0.1),
        lambda: utils.clip_grad_norm_([None], 1.0),
        lambda: utils.clip_grad_norm_([1.0], 1.0),
    ):
        with pytest.raises((ValueError, TypeError, AttributeError)):
            call()


def test_gradient_report_names_the_layer():
    model = Model()
    values = {"first.weight": 1.0, "first.bias": 1e-9, "norm.weight": 1e6, "norm.bias": 0.0, "last.weight": math.nan}
    for name, parameter in model.named_parameters():
        if name in values:
            parameter.grad = torch.full_like(parameter, values[name])
    report = utils.gradient_report(model)
    verdicts = {row.name: row.verdict for row in report}
    assert verdicts == {
        "first.weight": "fine",
        "first.bias": "vanishing",
        "norm.weight": "exploding",
        "norm.bias": "dead",
        "last.weight": "not finite",
        "last.bias": "no gradient",
    }
    assert [row.name for row in report.problems] == ["first.bias", "norm.weight", "norm.bias", "last.weight"]
    assert report.rows[0].gradient_norm == pytest.approx(math.sqrt(12)) and report.rows[0].gradient_size == 1
    assert "vanishing" in str(report) and "first.weight" in str(report)
    relaxed = utils.gradient_report(model.named_parameters(), vanishing=1e-12, exploding=1e9)
    assert {row.verdict for row in relaxed.rows[:3]} == {"fine"}


def test_norms_are_drawn():
    matplotlib.use("Agg")
    model = Model()
    reports = []
    for size in (1.0, 2.0, 4.0):
        for parameter in model.parameters():
            parameter.grad = torch.full_like(parameter, size)
        reports.append(utils.gradient_report(model))
    names = [row.name for row in reports[0]]
    parameters, gradients = reports[2].plot().get_lines()
    assert list(gradients.get_ydata()) == [row.gradient_norm for row in reports[2]]
    assert list(parameters.get_ydata()) == [row.norm for row in reports[2]]
    lines = utils.plot_gradient_norms(reports).get_lines()
    assert [line.get_label() for line in lines] == names
    for i, line in enumerate(lines):
        assert list(line.get_ydata()) == [report[i].gradient_norm for report in reports]
        assert line.get_ydata()[2] == 4 * line.get_ydata()[0]


def range_problem():
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    x, y = torch.randn(32, 5), torch.randn(32, 1)

    def closure():
        loss = (model(x) - y).square().mean()
        loss.backward()
        return loss

    optimizer.zero_grad()
    closure()
    optimizer.step()
    return model, optimizer, closure


def test_range_test_leaves_everything_alone():
    model, optimizer, closure = range_problem()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = {p: {n: v.clone() for n, v in kept.items()} for p, kept in optimizer.state.items()}
    found = torch.optim.lr_range_test(closure, optimizer, 1e-5, 100.0, 60, smooth=0.5, keep=model.buffers())
    assert 10 < len(found.rates) == len(found.losses) == len(found.smoothed) <= 60
    assert found.rates[0] == pytest.approx(1e-5) and found.rates[1] / found.rates[0] == pytest.approx(1e7 ** (1 / 59))
    mean, expected = 0.0, []
    for i, loss in enumerate(found.losses):
        mean = 0.5 * mean + 0.5 * loss
        expected.append(mean / (1 - 0.5 ** (i + 1)))
    assert found.smoothed == pytest.approx(expected, rel=1e-12)
    slopes = np.gradient(found.smoothed, np.log(found.rates))[1:-1]
    assert found.steepest == found.rates[1 + int(np.argmin(slopes))] == found.suggestion
    assert found.tenth_of_lowest == pytest.approx(found.rates[int(np.argmin(found.smoothed))] / 10)
    for name, value in model.state_dict().items():
        assert value.tolist() == before[name].tolist(), name
    for parameter, kept in state.items():
        for name, value in kept.items():
            assert optimizer.state[parameter][name].tolist() == value.tolist()
    assert optimizer.param_groups[0]["lr"] == 0.01


def test_range_test_of_wrapped_optimizers():
    _, optimizer, closure = range_problem()
    found = torch.optim.lr_range_test(closure, torch.optim.Lookahead(optimizer), num_iter=5)
    assert len(found.rates) == 5 and optimizer.param_groups[0]["lr"] == 0.01
    written = torch.optim.Optimizer(optimizer.param_groups[0]["params"], {"lr": 0.1})
    with pytest.raises(TypeError, match="expects an optimizer of the engine"):
        torch.optim.lr_range_test(closure, written)


def test_range_test_after_an_error():
    model, optimizer, closure = range_problem()
    before = model[0].weight.tolist()
    calls = []

    def failing():
        calls.append(1)
        if len(calls) == 5:
            raise KeyError("batch")
        return closure()

    with pytest.raises(KeyError, match="batch"):
        torch.optim.lr_range_test(failing, optimizer, 0.1, 1.0)
    assert model[0].weight.tolist() == before and optimizer.param_groups[0]["lr"] == 0.01
    for options in ({"start_lr": 0.0}, {"end_lr": 1e-9}, {"num_iter": 0}, {"smooth": 1.0}, {"diverge": 0.5}):
        with pytest.raises(ValueError, match="lr_range_test"):
            torch.optim.lr_range_test(closure, optimizer, **options)
    with pytest.raises(ValueError, match="mode"):
        torch.optim.lr_range_test(closure, optimizer, mode="fast")


def test_rates_of_groups():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2))
    groups = torch.optim.discriminative_groups(list(model), 0.1, decay=2.0)
    optimizer = torch.optim.SGD(groups)
    assert [group["lr"] for group in optimizer.param_groups] == [0.025, 0.05, 0.1]
    assert torch.optim.scale_lr(0.1, 1024) == pytest.approx(0.4)
    assert torch.optim.scale_lr(0.1, 1024, rule="sqrt") == pytest.approx(0.2)
    for call in (
        lambda: torch.optim.discriminative_groups([], 0.1),
        lambda: torch.optim.discriminative_groups([model], 0.1, decay=0),
        lambda: torch.optim.scale_lr(0.1, 0),
        lambda: torch.optim.scale_lr(0.1, 1, rule="cubic"),
    ):
        with pytest.raises(ValueError):
            call()
