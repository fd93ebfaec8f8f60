"""What models cost, how far their layers see and how signals go through them."""

import pytest

import swiftnn as snn
import swiftnn.nn.functional as F
from swiftnn import nn


class Convolution(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(snn.randn(outputs, inputs, 3, 3) * 0.1)
        self.bias = nn.Parameter(snn.zeros(outputs))

    def forward(self, x):
        return F.conv2d(x, self.weight, self.bias, padding=1)


class Images(nn.Module):
    """The CIFAR network of 3x3 kernels."""

    def __init__(self):
        super().__init__()
        self.first = Convolution(3, 16)
        self.second = Convolution(16, 32)
        self.head = nn.Sequential(nn.Linear(2048, 128), nn.ReLU(), nn.Linear(128, 10))

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.avg_pool2d(F.relu(self.second(x)), 2)
        return self.head(x.flatten(1))


def rows_of(report):
    return {row.name: row for row in report}


def test_a_network_for_images():
    model = Images()
    report = snn.summary(model, snn.randn(4, 3, 32, 32))
    rows = rows_of(report)
    assert report.parameters == 268_650
    assert rows["first"].parameters == 448
    assert rows["first"].shape == [4, 16, 32, 32]
    assert rows["first"].flops == 2 * 4 * 16 * 32 * 32 * 27
    assert rows["second"].flops == 2 * 4 * 32 * 16 * 16 * 144
    assert rows["head.0"].flops == 2 * 4 * 2048 * 128
    assert rows["head.2"].output_bytes == 4 * 10 * 4
    assert rows["head.0"].state_bytes == 4 * 262_272
    assert rows["first"].receptive_field == [3, 3]
    assert rows["second"].receptive_field == [8, 8]
    assert rows["head.0"].receptive_field == []
    assert [row.layer for row in report][-3:] == ["Linear", "ReLU", "Linear"]
    assert "268,650" in str(report)


def test_receptive_fields_of_strides_and_gaps():
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.a = nn.Parameter(snn.ones(1, 1, 5))
            self.b = nn.Parameter(snn.ones(1, 1, 3))

        def forward(self, x):
            x = F.conv1d(x, self.a, stride=2)
            x = F.max_pool1d(x, 3, stride=2, padding=1)
            return F.conv1d(x, self.b, dilation=2)

    (row,) = snn.summary(Model(), snn.randn(1, 1, 64))
    assert row.receptive_field == [5 + 2 * 2 + 4 * 4]


def test_a_summary_changes_nothing():
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(0.5), nn.Linear(3, 2))
    model[0].weight.requires_grad = False
    model[1].eval()
    state = snn.get_rng_state()
    report = snn.summary(model, snn.ones(2, 3))
    assert snn.equal(snn.get_rng_state(), state)
    assert [row.flops for row in report] == [36, 0, 24]
    assert not model[0].weight.requires_grad
    assert [module.training for module in model] == [True, False, True]
    assert all(parameter.grad is None for parameter in model.parameters())
    assert not model[0]._forward_hooks


def test_shared_parameters_count_once():
    model = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3))
    model[1].weight = model[0].weight
    assert snn.summary(model, snn.ones(1, 3)).parameters == 9 + 3 + 3


def test_errors_of_the_model_pass_through():
    with pytest.raises(ValueError, match="mine"):
        snn.summary(Broken(), snn.ones(1))
    assert snn.summary(nn.Linear(1, 1), snn.ones(1, 1)).parameters == 2


class Broken(nn.Module):
    def forward(self, x):
        raise ValueError("mine")


def verdicts(model, x, loss=lambda y: (y * y).sum()):
    return [row.verdict for row in snn.signals(model, x, loss=loss)]


def test_signals():
    snn.manual_seed(0)
    x = snn.randn(64, 32)
    deep = [nn.Linear(32, 32, bias=False) for _ in range(6)]
    for layer in deep:
        nn.init.orthogonal_(layer.weight)
    model = nn.Sequential(*deep)
    report = snn.signals(model, x, loss=lambda y: (y * y).sum())
    assert [row.verdict for row in report] == ["fine"] * 6
    first = model[0](x)
    assert report[0].variance == pytest.approx(first.var(correction=0).item(), rel=1e-5)
    assert report[5].gradient_variance == pytest.approx((2 * model(x)).var(correction=0).item(), rel=1e-4)
    assert all(layer.weight.grad is None for layer in deep)
    for layer in deep:
        layer.weight.data = layer.weight.data * 0.1
    assert verdicts(model, x)[0] == "vanishing"
    for layer in deep:
        layer.weight.data = layer.weight.data * 1000
    assert "exploding" in verdicts(model, x)


def test_dead_units():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
    with snn.no_grad():
        model[0].bias[1] = -1000
    rows = list(snn.signals(model, snn.randn(256, 4), loss=lambda y: y.sum()))
    assert (rows[1].dead_units, rows[1].units, rows[1].verdict) == (1, 3, "dead units")
    assert rows[0].verdict == "fine"
