"""The training steps that are timed, in PyTorch's names: the same code drives SwiftNN and PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np


@dataclass
class Step:
    title: str
    gflop: float  # forward and backward products of one step
    build: Callable[[Any], tuple[Any, Any, Any, Any]]  # torch -> model, optimizer, input, target


def mlp(torch: Any, *sizes: int) -> Any:
    layers: list[Any] = []
    for wide, narrow in pairwise(sizes):
        layers += [torch.nn.Linear(wide, narrow), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def small_mlp(torch: Any) -> tuple[Any, Any, Any, Any]:
    model = mlp(torch, 64, 128, 10)
    return model, torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9), normal(32, 64), classes(10, 32)


def large_mlp(torch: Any) -> tuple[Any, Any, Any, Any]:
    model = mlp(torch, 784, 512, 256, 10)
    return model, torch.optim.Adam(model.parameters(), lr=1e-3), normal(128, 784), classes(10, 128)


def cnn(torch: Any) -> tuple[Any, Any, Any, Any]:
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(2048, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip
    return model, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), normal(64, 3, 32, 32), classes(10, 64)


def lstm(torch: Any) -> tuple[Any, Any, Any, Any]:
    class Model(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lstm = torch.nn.LSTM(64, 256, batch_first=True)
            self.head = torch.nn.Linear(256, 64)

        def forward(self, x: Any) -> Any:
            return self.head(self.lstm(x)[0]).flatten(0, 1)

    model = Model()
    return model, torch.optim.Adam(model.parameters(), lr=1e-3), normal(32, 64, 64), classes(64, 32 * 64)


def gpt(torch: Any) -> tuple[Any, Any, Any, Any]:
    nn, functional = torch.nn, torch.nn.functional
    length, width, heads, vocabulary = 64, 128, 4, 65

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
            self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

        def forward(self, x: Any) -> Any:
            batch = x.shape[0]
            q, k, v = (
                part.view(batch, length, heads, width // heads).transpose(1, 2)
                for part in self.qkv(self.ln_1(x)).split(width, dim=2)
            )
            mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            x = x + self.proj(mixed.transpose(1, 2).reshape(batch, length, width))
            return x + self.down(functional.gelu(self.up(self.ln_2(x))))

    class Model(nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.tokens, self.places = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
            self.blocks = nn.Sequential(*(Block() for _ in range(4)))
            self.ln, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)

        def forward(self, x: Any) -> Any:
            x = self.tokens(x) + self.places(torch.arange(length))
            return self.head(self.ln(self.blocks(x))).flatten(0, 1)

    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4)
    return model, optimizer, classes(vocabulary, 12, length), classes(vocabulary, 12 * length)


def resnet18(torch: Any) -> tuple[Any, Any, Any, Any]:
    nn, functional = torch.nn, torch.nn.functional

    class Block(nn.Module):  # type: ignore[misc]
        def __init__(self, before: int, after: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(after)
            self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(after)
            self.downsample = nn.Sequential()
            if stride != 1 or before != after:
                self.downsample = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

        def forward(self, x: Any) -> Any:
            y = self.bn2(self.conv2(functional.relu(self.bn1(self.conv1(x)))))
            return functional.relu(y + self.downsample(x))

    blocks, before = [], 64
    for after, stride in ((64, 1), (128, 2), (256, 2), (512, 2)):
        blocks += [Block(before, after, stride), Block(after, after, 1)]
        before = after
    model = nn.Sequential(
        nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip
    return model, torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9), normal(16, 3, 32, 32), classes(10, 16)


STEPS = {
    "mlp-small": Step("MLP 64-128-10, batch 32, SGD with momentum", 0.0018, small_mlp),
    "mlp-large": Step("MLP 784-512-256-10, batch 128, Adam", 0.41, large_mlp),
    "cnn": Step("CNN 3-16-32 + 2048-128-10, batch 64 of 32×32, SGD with momentum", 0.72, cnn),
    "lstm": Step("LSTM 64→256 + linear 64, 64 steps, batch 32, Adam", 4.0, lstm),
    "gpt": Step("GPT of 4 layers, width 128, 4 heads, 64 tokens, batch 12, AdamW", 3.9, gpt),
    "resnet18": Step("ResNet-18 for 32×32, batch 16, SGD with momentum", 53.5, resnet18),
}


def normal(*shape: int) -> Any:
    return np.random.default_rng(1).standard_normal(shape, dtype=np.float32)


def classes(count: int, *shape: int) -> Any:
    return np.random.default_rng(2).integers(0, count, shape)


def prepared(torch: Any, name: str, compiled: bool = False) -> Callable[[], Any]:
    """The step as a function that gives its loss. The weights are the same in every library."""
    model, optimizer, numbers, wanted = STEPS[name].build(torch)
    random = np.random.default_rng(0)
    state = model.state_dict()
    for key, tensor in state.items():
        if tensor.ndim > 1 or "bias" in key:
            bound = 1 / np.sqrt(np.prod(tensor.shape[1:])) if tensor.ndim > 1 else 0.1
            state[key] = torch.tensor(random.uniform(-bound, bound, tuple(tensor.shape)).astype(np.float32))
    model.load_state_dict(state)
    x, target = torch.tensor(numbers), torch.tensor(wanted)
    called = torch.compile(model) if compiled else model

    def step() -> Any:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(called(x), target)
        loss.backward()
        optimizer.step()
        return loss

    return step
