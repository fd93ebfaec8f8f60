"""Initial values: what follows from their definition, and the errors of PyTorch."""

import math

import pytest

import swiftnn as snn
from swiftnn.nn import init
from swiftnn.safetensors import save_file


def drawn(name, *shape, **arguments):
    return getattr(init, name)(snn.empty(*shape, dtype=snn.float64), **arguments)


@pytest.mark.parametrize(
    ("name", "arguments", "std"),
    [
        ("uniform_", {"a": -1.0, "b": 1.0}, math.sqrt(1 / 3)),
        ("normal_", {"mean": 3.0, "std": 2.0}, 2),
        ("xavier_uniform_", {"gain": 2.0}, 2 * math.sqrt(2 / 1800)),
        ("xavier_normal_", {}, math.sqrt(2 / 1800)),
        ("kaiming_uniform_", {"a": 1.0}, 1 / math.sqrt(600)),
        ("kaiming_normal_", {"mode": "fan_out", "nonlinearity": "relu"}, math.sqrt(2 / 1200)),
        ("lecun_normal_", {}, 1 / math.sqrt(600)),
    ],
)
def test_spread(name, arguments, std):
    snn.manual_seed(0)
    values = drawn(name, 400, 200, 3, **arguments)
    assert values.std().item() == pytest.approx(std, rel=0.02)
    if "uniform" in name:
        assert values.abs().max().item() <= math.sqrt(3) * std


@pytest.mark.filterwarnings("ignore:trunc_normal_. mean is more than 2 std")
@pytest.mark.parametrize("bounds", [(-2.0, 2.0), (0.5, 3.0), (-1.0, -0.9), (4.0, 9.0), (12.0, 13.0), (-9.0, -7.0)])
def test_truncated_normal(bounds):
    low, high = bounds
    values = drawn("trunc_normal_", 100_000, a=low, b=high)
    assert low <= values.min().item() and values.max().item() <= high
    grid = snn.linspace(low, high, 20_001, dtype=snn.float64)
    near = low if low > 0 else high if high < 0 else 0.0
    density = snn.exp((near * near - grid * grid) / 2)
    mean = ((density * grid).sum() / density.sum()).item()
    assert values.mean().item() == pytest.approx(mean, abs=0.012)


def test_orthogonal():
    for shape in ((5, 3), (3, 5), (4, 2, 3), (1, 7)):
        rows = drawn("orthogonal_", *shape, gain=2.0).reshape(shape[0], -1)
        product = rows @ rows.t() if rows.shape[0] <= rows.shape[1] else rows.t() @ rows
        assert snn.allclose(product, 4 * snn.eye(min(rows.shape), dtype=snn.float64))


def test_sparse():
    values = drawn("sparse_", 10, 7, sparsity=0.25, std=1.0)
    assert (values == 0).sum(0).tolist() == [3] * 7


def test_perturb():
    snn.manual_seed(0)
    values = snn.full((10_000,), 3.0)
    init.perturb_(values, 0.1)
    assert (values - 3).std().item() == pytest.approx(0.3, rel=0.05)


def test_generators_and_graphs():
    weight = snn.nn.Parameter(snn.empty(3, 2))
    first = init.normal_(weight, generator=snn.Generator().manual_seed(3)).clone()
    assert weight.requires_grad and weight.is_leaf
    again = init.normal_(weight, 0.0, 1.0, snn.Generator().manual_seed(3))
    assert again is weight
    assert snn.equal(first, again)


def test_from_a_file(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"a": snn.ones(2, 3), "b": snn.zeros(1)}, path)
    weight = snn.nn.Parameter(snn.zeros(2, 3, dtype=snn.float64))
    assert init.from_file_(weight, path, "a").sum().item() == 6
    with pytest.raises(KeyError, match="'c'"):
        init.from_file_(weight, path, "c")
    with pytest.raises(ValueError, match=r"\[1\].*\[2, 3\]"):
        init.from_file_(weight, path, "b")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: init.calculate_gain("swish"), ValueError, "Unsupported nonlinearity swish"),
        (lambda: init.calculate_gain("leaky_relu", True), ValueError, "negative_slope True not a valid number"),
        (lambda: drawn("eye_", 3), ValueError, "2 dimensions"),
        (lambda: drawn("dirac_", 3, 3), ValueError, "3, 4, or 5 dimensions"),
        (lambda: drawn("dirac_", 3, 3, 3, groups=2), ValueError, "divisible by groups"),
        (lambda: drawn("dirac_", 3, 3, 3, groups=0), ValueError, "divisible by groups"),
        (lambda: drawn("xavier_normal_", 3), ValueError, "fewer than 2 dimensions"),
        (lambda: drawn("kaiming_normal_", 3, 3, mode="fan"), ValueError, "Mode fan not supported"),
        (lambda: drawn("orthogonal_", 3), ValueError, "2 or more dimensions"),
        (lambda: drawn("sparse_", 3, sparsity=0.5), ValueError, "2 dimensions"),
        (lambda: drawn("trunc_normal_", 3, a=1.0, b=0.0), ValueError, "a=1.0 and b=0.0"),
        (lambda: init.normal_(snn.zeros(3, dtype=snn.int64)), RuntimeError, "int64"),
    ],
)
def test_mistakes(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_layers_begin_again():
    model = snn.nn.Sequential(snn.nn.Linear(3, 2), snn.nn.BatchNorm1d(2))
    kept = model[0].weight
    before = kept.clone()
    model(snn.randn(5, 3))
    assert model[1].running_mean.abs().sum().item() > 0
    for layer in model:
        layer.reset_parameters()
    assert model[0].weight is kept
    assert not snn.equal(before, kept)
    assert kept.abs().max().item() <= 1 / math.sqrt(3)
    assert model[1].running_mean.tolist() == [0, 0]


def test_nothing_to_fill():
    with pytest.warns(UserWarning, match="zero-element tensors"):
        init.kaiming_uniform_(snn.empty(0, 3))
