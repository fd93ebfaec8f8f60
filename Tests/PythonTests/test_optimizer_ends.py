"""Where optimizers end: bad options, missing gradients, batches of any size, layers that K-FAC sees."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest

import swiftnn as torch
from swiftnn import _C, nn, optim

SECOND_ORDER = ("LBFGS", "Newton", "HessianFree", "KFAC")
FIRST_ORDER = [name for name, _, _ in _C.entries(_C.OPTIMIZERS) if name not in SECOND_ORDER]


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_where_optimizers_end(name: str) -> None:
    """A rate of 0, a parameter without a gradient, gradients that are NaN, no parameters, one twice, a bad rate."""
    cls = getattr(optim, name)
    still, lonely = nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(2, 2))
    optimizer = cls([still, lonely], lr=0.0)
    still.grad = torch.ones(2, 2)
    optimizer.step()
    assert torch.allclose(still, torch.ones(2, 2)) or name == "AdaBound"  # whose lower bound is above 0
    assert torch.equal(lonely, torch.ones(2, 2))
    untouched = cls([nn.Parameter(torch.ones(2, 2))], lr=0.0)
    assert repr(optimizer.state[lonely]) == repr(untouched.state_dict()["state"].get(0, {}))
    optimizer = cls([still, lonely], lr=0.1)
    still.grad = torch.full((2, 2), math.nan)
    lonely.grad = torch.ones(2, 2)
    optimizer.step()
    assert still.isnan().any().item() or name in ("Lion", "Rprop")  # which look at signs
    assert lonely.isfinite().all().item()
    for wrong in (
        {"params": []},
        {"params": [still, still]},
        {"params": [still], "lr": -1.0},
        {"params": [still], "lr": math.nan},
    ):
        with pytest.raises(ValueError, match=r"empty|duplicate|rate"):
            cls(**wrong)


@pytest.mark.parametrize("part", [1, 2, 4, 8])
def test_accumulation_is_the_large_batch(part: int) -> None:
    torch.manual_seed(2)
    x, y = torch.randn(8, 3, dtype=torch.float64), torch.randn(8, 1, dtype=torch.float64)
    start = torch.randn(1, 3, dtype=torch.float64)

    def trained(size: int) -> torch.Tensor:
        weight = nn.Parameter(start.clone())
        optimizer = optim.Adam([weight], lr=0.05)
        for _ in range(10):
            optimizer.zero_grad()
            for first in range(0, 8, size):
                error = nn.functional.linear(x[first : first + size], weight) - y[first : first + size]
                (error.square().mean() * size / 8).backward()
            optimizer.step()
        return weight.detach()

    assert torch.allclose(trained(part), trained(8), rtol=1e-12, atol=0)


@pytest.mark.parametrize("size", [1, 3, 8])
def test_batches_of_any_size(size: int) -> None:
    """The whole set, single examples and something between are one program, and all of them learn."""
    x = (torch.arange(16, dtype=torch.float64) % 5 - 2).reshape(8, 2)
    y = x @ torch.tensor([[1.0], [-2.0]], dtype=torch.float64)
    weight = nn.Parameter(torch.zeros(2, 1, dtype=torch.float64))
    optimizer = optim.SGD([weight], lr=0.05)
    for _ in range(60):
        for first in range(0, 8, size):
            optimizer.zero_grad()
            (x[first : first + size] @ weight - y[first : first + size]).square().mean().backward()
            optimizer.step()
    assert weight.flatten().tolist() == pytest.approx([1, -2], rel=1e-3)


def test_kfac_sees_layers_however_they_are_called() -> None:
    torch.manual_seed(3)
    x = torch.randn(16, 1, 4, 4)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Flatten(), nn.Linear(8, 2))
    twin = copy.deepcopy(model)

    class Written(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = twin[0], twin[3]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = nn.functional.conv2d(x, self.first.weight, self.first.bias).tanh()
            return self.last(x.flatten(1))

    ends = []
    for network in (model, Written()):
        optimizer = optim.KFAC(network.parameters(), lr=0.5, inverse_interval=2)

        def closure(network: nn.Module = network, optimizer: Any = optimizer) -> torch.Tensor:
            optimizer.zero_grad()
            loss = (network(x) - 1).square().mean()
            loss.backward()
            return loss

        losses = [optimizer.step(closure).item() for _ in range(6)]
        assert losses[-1] < 0.4 * losses[0]
        kept = optimizer.state_dict()["state"]
        assert kept[0]["inward"].shape == (10, 10) and kept[2]["outward"].shape == (2, 2)
        assert set(kept[1]) == {"step", "momentum_buffer"}
        ends.append([parameter.tolist() for parameter in network.parameters()])
    assert ends[0] == ends[1]
    with pytest.raises(ValueError, match="needs a closure"):
        optimizer.step()
    guessing = optim.KFAC(model.parameters(), fisher="categorical")
    with pytest.raises(ValueError, match="set_outputs"):
        guessing.step(lambda: model(x).square().mean())
    with pytest.raises(ValueError, match="fisher"):
        optim.KFAC(model.parameters(), fisher="exact")
