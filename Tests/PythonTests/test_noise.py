"""Noise in layers and losses of several tasks, as Python users call them."""

from __future__ import annotations

import copy
import pickle

import pytest

import swiftnn as torch
from swiftnn import nn
from swiftnn.nn import functional as F
from swiftnn.nn.utils import mc_dropout, monte_carlo


def test_monte_carlo_leaves_batch_norm_alone() -> None:
    torch.manual_seed(3)
    model = nn.Sequential(nn.BatchNorm1d(3), nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 2))).eval()
    x = torch.rand(4, 3)
    plain = model(x)
    with mc_dropout(model) as same:
        assert same is model
        assert not torch.equal(model(x), model(x))
    assert torch.equal(model(x), plain)
    mean, variance = monte_carlo(model, x, passes=500)
    assert mean.shape == variance.shape == (4, 2)
    assert float((mean - plain).abs().max()) < 0.3
    assert float(variance.min()) > 0
    assert torch.equal(model(x), plain)
    assert int(model[0].num_batches_tracked) == 0
    with pytest.raises(ValueError, match="at least 1 pass"):
        monte_carlo(model, x, passes=0)


def test_noise_is_restored_after_an_error() -> None:
    model = nn.Dropout(0.5).eval()
    with pytest.raises(RuntimeError, match="planned"), mc_dropout(model):
        raise RuntimeError("planned")
    assert torch.equal(model(torch.ones(9)), torch.ones(9))


def test_zoneout_cell() -> None:
    torch.manual_seed(1)
    for cell in (nn.RNNCell(3, 4), nn.GRUCell(3, 4)):
        wrapped, x, h = nn.ZoneoutCell(cell, 0.5), torch.rand(2, 3), torch.rand(2, 4)
        states = wrapped(x, h)
        new = cell(x, h)
        assert bool(((states == h) | (states == new)).all())
        wrapped.eval()
        assert torch.allclose(wrapped(x, h), 0.5 * h + 0.5 * new)
        assert torch.allclose(wrapped(x), 0.5 * cell(x))
    lstm = nn.ZoneoutCell(nn.LSTMCell(3, 4), zoneout_h=0.0, zoneout_c=1.0)
    x, state = torch.rand(2, 3), (torch.rand(2, 4), torch.rand(2, 4))
    h, c = lstm(x, state)
    assert torch.equal(c, state[1])
    assert torch.equal(h, lstm.cell(x, state)[0])
    assert next(name for name, _ in lstm.named_parameters()) == "cell.weight_ih"
    assert torch.equal(copy.deepcopy(lstm)(x, state)[1], state[1])


def test_dropout_scaled_in_tests() -> None:
    layer = nn.Dropout(0.25, scale="test")
    assert set(layer(torch.ones(100)).tolist()) == {0.0, 1.0}
    assert layer.eval()(torch.ones(2)).tolist() == [0.75, 0.75]
    assert repr(layer) == "Dropout(p=0.25, inplace=False, scale='test')"
    assert repr(nn.Dropout(0.25)) == "Dropout(p=0.25, inplace=False)"
    assert F.dropout(torch.ones(2), 0.5, training=False, scale="test").tolist() == [0.5, 0.5]


def test_gradnorm_steps() -> None:
    torch.manual_seed(0)
    trunk, heads = nn.Linear(3, 4), [nn.Linear(4, 1), nn.Linear(4, 1)]
    balance = nn.GradNorm(2, alpha=0.5)
    optimizer = torch.optim.SGD([*trunk.parameters(), *balance.parameters()], lr=0.001)
    x = torch.rand(8, 3)
    for _ in range(5):
        optimizer.zero_grad()
        hidden = trunk(x)
        losses = [heads[0](hidden).square().mean(), 30 * heads[1](hidden).square().mean()]
        total, distance = balance(losses, [trunk.weight])
        assert float(balance.weights.sum()) == pytest.approx(2, abs=1e-5)
        distance.backward()
        assert trunk.weight.grad is None or not trunk.weight.grad.any()
        total.backward()
        optimizer.step()
    assert float(balance.weights[0].detach()) > float(balance.weights[1].detach())


def gradnorm(losses: list, weights: torch.Tensor, shared: list, initial: torch.Tensor, alpha: float) -> torch.Tensor:
    """As Chen et al. write it, by gradients that have gradients."""
    sizes = []
    for weight, loss in zip(weights, losses, strict=True):
        found = torch.autograd.grad(weight * loss, shared, create_graph=True)
        sizes.append(sum(g.square().sum() for g in found).sqrt())
    all_sizes = torch.stack(sizes)
    rates = torch.stack([loss.detach() for loss in losses]) / initial
    target = (all_sizes.detach().mean() * (rates / rates.mean()) ** alpha).detach()
    return (all_sizes - target).abs().sum()


def test_gradnorm_is_that_of_the_paper() -> None:
    torch.manual_seed(5)
    shared = [torch.rand(3, 2).double().requires_grad_(), torch.rand(2).double().requires_grad_()]
    weights = torch.tensor([0.5, 1.5]).double().requires_grad_()
    initial = torch.tensor([2.0, 3.0]).double()
    rows = shared[0] @ shared[1]
    losses = [rows.square().sum(), (rows - 1).exp().sum()]
    expected = gradnorm(losses, weights, shared, initial, 1.5)
    found = F.gradnorm_loss(losses, weights, shared, initial, 1.5)
    assert torch.allclose(found, expected)
    (mine,) = torch.autograd.grad(found, [weights])
    (theirs,) = torch.autograd.grad(expected, [weights])
    assert torch.allclose(mine, theirs)


def test_adaptive_softmax() -> None:
    layer = nn.AdaptiveLogSoftmaxWithLoss(8, 20, cutoffs=[4, 10], div_value=2.0)
    x, target = torch.rand(6, 8), torch.tensor([0, 3, 4, 9, 10, 19])
    result = layer(x, target)
    full = layer.log_prob(x)
    assert full.shape == (6, 20)
    assert torch.allclose(result.output, full.gather(1, target[:, None])[:, 0], atol=1e-6)
    assert torch.allclose(result.loss, -result.output.mean())
    assert torch.equal(layer.predict(x), full.argmax(1))
    assert (layer.cutoffs, layer.shortlist_size, layer.n_clusters, layer.head_size) == ([4, 10, 20], 4, 2, 6)
    for other in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other.log_prob(x), full)
        assert other.cutoffs == layer.cutoffs
    with pytest.raises(ValueError, match="cutoffs should be"):
        nn.AdaptiveLogSoftmaxWithLoss(8, 20, [10, 4])


def test_linear_cross_entropy_of_many_classes() -> None:
    torch.manual_seed(2)
    x, w = torch.rand(100, 4).requires_grad_(), torch.rand(30000, 4).requires_grad_()
    target = torch.arange(100) * 250
    loss = F.linear_cross_entropy(x, w, target)
    plain = F.cross_entropy(F.linear(x, w), target)
    assert torch.allclose(loss, plain)
    for a, b in zip(torch.autograd.grad(loss, [x, w]), torch.autograd.grad(plain, [x, w]), strict=True):
        assert torch.allclose(a, b, atol=1e-7)
    layer = nn.LinearCrossEntropyLoss(4, 10, bias=True)
    assert [name for name, _ in layer.named_parameters()] == ["linear.weight", "linear.bias"]
    layer(torch.rand(3, 4), torch.tensor([1, 0, 9])).backward()
    assert layer.linear.weight.grad is not None


def test_lengths_are_padding() -> None:
    x, target = torch.rand(4, 2, 3), torch.zeros(4, 2, dtype=torch.int64)
    x[3] = float("nan")
    loss = F.sequence_cross_entropy(x, target, lengths=torch.tensor([3, 1]))
    real = torch.cat([x[:3, 0], x[:1, 1]])
    assert torch.allclose(loss, F.cross_entropy(real, target.flatten()[:4]))
    assert torch.allclose(F.perplexity(x, target, lengths=torch.tensor([3, 1])), loss.exp())
    with pytest.raises(ValueError, match="a padding_mask or lengths"):
        F.sequence_cross_entropy(x, target, torch.zeros(4, 2, dtype=torch.bool), torch.tensor([3, 1]))
