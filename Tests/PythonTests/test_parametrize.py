"""Weights that are computed from others: weight norm, spectral norm, parametrizations."""

from __future__ import annotations

import math

import pytest

import swiftnn as torch
from swiftnn import nn
from swiftnn.nn.utils import (
    parametrizations,
    parametrize,
    remove_spectral_norm,
    remove_weight_norm,
    spectral_norm,
    weight_norm,
)

LAYERS = [
    (lambda: nn.Linear(4, 3), (2, 4)),
    (lambda: nn.Conv2d(4, 6, 3), (1, 4, 5, 5)),
    (lambda: nn.ConvTranspose1d(4, 6, 3), (1, 4, 5)),
]


@pytest.mark.parametrize("dim", [0, 1, None])
@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_weight_norm(make, shape, dim) -> None:
    x = torch.randn(*shape)
    layer = make()
    weight, before = layer.weight.detach().clone(), layer(x)
    axes = None if dim is None else [axis for axis in range(weight.dim()) if axis != dim]
    lengths = weight.norm() if axes is None else weight.norm(dim=axes, keepdim=True)
    weight_norm(layer, dim=dim)
    assert sorted(layer.state_dict()) == ["bias", "weight_g", "weight_v"]
    assert layer.weight_g.shape == lengths.shape
    assert torch.allclose(layer.weight_g, lengths)
    assert torch.allclose(layer(x), before, atol=1e-5)
    with torch.no_grad():
        layer.weight_g.mul_(2)
    assert torch.allclose(layer(x) - layer_bias(layer), 2 * (before - layer_bias(layer)), atol=1e-5)
    layer(x).sum().backward()
    assert layer.weight_v.grad is not None
    assert torch.allclose((layer.weight_v.grad * layer.weight_v).sum(), torch.zeros(()), atol=1e-4)
    with pytest.raises(RuntimeError, match="two weight_norm hooks"):
        weight_norm(layer)
    if dim == 0:
        expected = layer(x)
        remove_weight_norm(layer)
        assert isinstance(layer.weight, nn.Parameter)
        assert torch.allclose(layer(x), expected, atol=1e-5)


def layer_bias(layer):
    return layer.bias.reshape([-1] + [1] * (layer.weight.dim() - 2)) if layer.weight.dim() > 2 else layer.bias


@pytest.mark.parametrize(("make", "shape"), LAYERS)
def test_spectral_norm(make, shape) -> None:
    for apply, names in (
        (spectral_norm, ["bias", "weight_orig", "weight_u", "weight_v"]),
        (
            parametrizations.spectral_norm,
            ["bias"] + [f"parametrizations.weight.{name}" for name in ("0._u", "0._v", "original")],
        ),
    ):
        layer = apply(make(), n_power_iterations=30)
        assert sorted(layer.state_dict()) == names
        layer(torch.randn(*shape))
        weight = layer.weight.detach()
        rows = weight.transpose(0, 1) if isinstance(layer, nn.ConvTranspose1d) else weight
        greatest = torch.linalg.svdvals(rows.reshape([rows.shape[0], -1]))[0]
        assert torch.allclose(greatest, torch.ones(()), atol=1e-3)
        layer.eval()
        first, second = layer(torch.ones(*shape)), layer(torch.ones(*shape))
        assert torch.equal(first, second)
        first.sum().backward()
    layer = spectral_norm(make())
    expected = layer.eval()(torch.ones(*shape))
    remove_spectral_norm(layer)
    assert torch.allclose(layer(torch.ones(*shape)), expected, atol=1e-6)
    assert sorted(layer.state_dict()) == ["bias", "weight"]


def test_parametrized_weights() -> None:
    layer = parametrizations.weight_norm(nn.Linear(4, 3))
    assert parametrize.is_parametrized(layer)
    assert parametrize.is_parametrized(layer, "weight")
    assert not parametrize.is_parametrized(layer, "bias")
    assert sorted(layer.state_dict()) == [
        "bias",
        "parametrizations.weight.original0",
        "parametrizations.weight.original1",
    ]
    x = torch.randn(2, 4)
    weight = layer.weight
    assert torch.allclose(layer(x), x @ weight.t() + layer.bias, atol=1e-6)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    layer(x).square().sum().backward()
    optimizer.step()
    assert not torch.allclose(layer.weight, weight)
    with pytest.raises(ValueError, match="unparametrized"):
        parametrize.remove_parametrizations(layer, "weight", leave_parametrized=False)
    after = layer(x)
    parametrize.remove_parametrizations(layer, "weight")
    assert type(layer) is nn.Linear
    assert torch.allclose(layer(x), after, atol=1e-6)


def test_own_parametrizations() -> None:
    class Symmetric(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.triu() + x.triu(1).t()

    class Doubled(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * x

    class Longer(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([x, x])

    layer = nn.Linear(3, 3)
    parametrize.register_parametrization(layer, "weight", Symmetric())
    assert torch.equal(layer.weight, layer.weight.t())
    before = layer.weight
    parametrize.register_parametrization(layer, "weight", Doubled())
    assert torch.equal(layer.weight, 2 * before)
    layer(torch.ones(1, 3)).sum().backward()
    assert layer.parametrizations.weight.original.grad.tril(-1).abs().sum().item() == 0
    with pytest.raises(ValueError, match="may not change the shape"):
        parametrize.register_parametrization(nn.Linear(3, 3), "weight", Longer())
    with pytest.raises(ValueError, match="does not have a parameter"):
        parametrize.register_parametrization(layer, "depth", Doubled())


@pytest.mark.parametrize("trivialization", [True, False])
@pytest.mark.parametrize("kind", ["matrix_exp", "cayley", "householder", None])
@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5)])
def test_orthogonal(shape: tuple[int, int], kind: str | None, trivialization: bool) -> None:
    torch.manual_seed(4)
    layer = nn.Linear(shape[1], shape[0]).double()
    before = layer.weight.detach().clone()
    parametrizations.orthogonal(layer, "weight", kind, use_trivialization=trivialization) if (
        trivialization or kind == "householder" or (kind is None and shape[0] != shape[1])
    ) else _orthogonal_from_zeros(layer, kind)
    assert [name for name, _ in layer.named_parameters()] == ["bias", "parametrizations.weight.original"]
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    for step in range(3):
        weight = layer.weight
        wide = weight if shape[0] <= shape[1] else weight.mT
        assert torch.allclose(wide @ wide.mT, torch.eye(min(shape), dtype=torch.float64), atol=1e-9)
        optimizer.zero_grad()
        (layer(torch.ones(2, shape[1]).double()) - before.sum()).square().sum().backward()
        assert layer.parametrizations.weight.original.grad.abs().sum() > 0
        optimizer.step()
        assert not torch.equal(layer.weight, weight), step


def _orthogonal_from_zeros(layer: nn.Module, kind: str | None) -> None:
    """Maps without an inverse cannot begin with the weight that is there."""
    with pytest.raises(NotImplementedError, match="use_trivialization=False"):
        parametrizations.orthogonal(layer, "weight", kind, use_trivialization=False)
    parametrizations.orthogonal(layer, "weight", kind)
    assert layer.parametrizations.weight[0].base is not None


def test_orthogonal_maps_are_those_of_the_formulas() -> None:
    from swiftnn.nn.utils._orthogonal import _Orthogonal

    x = torch.tensor([[0.5, 9.0], [0.25, -0.5]]).double()
    turn = 0.25
    plain = {kind: _Orthogonal(x, kind, use_trivialization=False)(x) for kind in ("matrix_exp", "cayley")}
    cos, sin = math.cos(turn), math.sin(turn)
    expected = torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64)
    assert torch.allclose(plain["matrix_exp"], expected)
    cos, sin = (1 - turn**2 / 4) / (1 + turn**2 / 4), turn / (1 + turn**2 / 4)
    assert torch.allclose(plain["cayley"], torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64))


def test_orthogonal_mistakes() -> None:
    with pytest.raises(ValueError, match="orthogonal_map has to be one of"):
        parametrizations.orthogonal(nn.Linear(2, 2), orthogonal_map="qr")
    with pytest.raises(ValueError, match="no parameter or buffer"):
        parametrizations.orthogonal(nn.Linear(2, 2), "weights")
    with pytest.raises(ValueError, match="matrix or batch of matrices"):
        parametrizations.orthogonal(nn.Linear(2, 2), "bias")
