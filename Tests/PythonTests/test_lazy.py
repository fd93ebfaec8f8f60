"""Layers that take the number of channels from their first input."""

from __future__ import annotations

import pytest

import swiftnn as torch
from swiftnn import nn

CASES = [
    ("LazyLinear", (3,), (2, 5)),
    ("LazyConv1d", (4, 3), (2, 5, 6)),
    ("LazyConv2d", (4, 3), (2, 5, 6, 6)),
    ("LazyConv3d", (4, 2), (2, 5, 3, 3, 3)),
    ("LazyConvTranspose1d", (4, 3), (5, 6)),
    ("LazyConvTranspose2d", (4, 3), (2, 5, 3, 3)),
    ("LazyConvTranspose3d", (4, 2), (2, 5, 2, 2, 2)),
    ("LazyBatchNorm1d", (), (4, 5)),
    ("LazyBatchNorm1d", (), (4, 5, 2)),
    ("LazyBatchNorm2d", (), (4, 5, 2, 2)),
    ("LazyBatchNorm3d", (), (4, 5, 2, 2, 2)),
    ("LazyInstanceNorm1d", (), (4, 5, 3)),
    ("LazyInstanceNorm2d", (), (4, 5, 2, 2)),
    ("LazyInstanceNorm3d", (), (4, 5, 2, 2, 2)),
]


@pytest.mark.parametrize(("name", "args", "shape"), CASES)
def test_first_input_decides(name: str, args: tuple, shape: tuple) -> None:
    kind = getattr(nn, name.removeprefix("Lazy"))
    layer = getattr(nn, name)(*args)
    x = torch.randn(*shape)
    assert type(layer).__name__ == name
    assert list(layer.parameters()) == []
    assert repr(layer) == "Lazy" + repr(kind(0, *args))
    torch.manual_seed(3)
    result = layer(x)
    assert type(layer) is kind
    torch.manual_seed(3)
    expected = kind(5, *args)
    assert torch.equal(result, expected(x))
    assert repr(layer) == repr(expected)
    assert [p.shape for p in layer.parameters()] == [p.shape for p in expected.parameters()]


def test_in_models() -> None:
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(2)).double().eval()
    calls = []
    model[0].register_forward_hook(lambda module, args, output: calls.append(type(module).__name__))
    x = torch.randn(2, 3, 5, 5, dtype=torch.float64)
    y = model(x)
    assert y.dtype is torch.float64
    assert not any(module.training for module in model.modules())
    assert torch.equal(model(x), y)
    assert calls == ["Conv2d", "Conv2d"]
    assert next(iter(model.state_dict())) == "0.weight"
    with pytest.raises(ValueError, match="groups"):
        nn.LazyConv2d(5, 3, groups=2)
    with pytest.raises(AttributeError):
        nn.LazyDropout  # noqa: B018


@pytest.mark.parametrize(("name", "args", "shape"), [*CASES, ("LazyConv2d", (5, 3, 1, 0, 1, 5), (2, 5, 6, 6))])
def test_parameters_can_be_loaded_before_the_first_call(name: str, args: tuple, shape: tuple) -> None:
    layer, loaded = getattr(nn, name)(*args), getattr(nn, name.removeprefix("Lazy"))(5, *args)
    model = nn.Sequential(layer)
    if not loaded.state_dict():
        return
    model.load_state_dict(nn.Sequential(loaded).state_dict())
    x = torch.randn(*shape)
    assert torch.equal(model.eval()(x), loaded.eval()(x))
    with pytest.raises(RuntimeError, match=r"size mismatch for weight|Unexpected key"):
        getattr(nn, name)(*args).load_state_dict({"weight": torch.ones(2, 7, 1, 1, 1, 1), "bias": torch.ones(3)})
    assert getattr(nn, name)(*args).load_state_dict({}, strict=False).missing_keys == list(loaded.state_dict())
