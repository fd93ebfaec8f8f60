#!/usr/bin/env python3
"""Times optimizer steps against PyTorch's fastest variant, and against a copy of as many bytes.

updates.py [ELEMENTS]   for each optimizer: our step, PyTorch's, their ratio, and the part of the copy's bandwidth
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy
import torch

import swiftnn

# Arrays of the parameters' size that a step reads and writes.
CASES: dict[str, tuple[dict[str, Any], int]] = {
    "SGD": ({"lr": 1e-3}, 3),
    "SGD momentum": ({"lr": 1e-3, "momentum": 0.9}, 5),
    "Adam": ({"lr": 1e-3}, 7),
    "AdamW": ({"lr": 1e-3, "weight_decay": 0.01}, 7),
    "Adagrad": ({"lr": 1e-3}, 5),
    "RMSprop": ({"lr": 1e-3}, 5),
    "NAdam": ({"lr": 1e-3}, 7),
    "RAdam": ({"lr": 1e-3}, 7),
    "LAMB": ({"lr": 1e-3, "weight_decay": 0.01}, 10),
    "Lion": ({"lr": 1e-3}, 5),
}


def shapes(elements: int) -> list[tuple[int, ...]]:
    """The parameters of a model of that many elements: large matrices, and vectors between them."""
    side = int((elements / 10) ** 0.5)
    return [shape for _ in range(10) for shape in ((side, side), (side,))]


def fastest(run: Callable[[], object], seconds: float = 1.0) -> float:
    run()
    times = []
    while sum(times) < seconds or len(times) < 5:
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return min(times)


def step_of(framework: Any, make: Callable[[list], Any], sizes: list[tuple[int, ...]]) -> float:
    parameters = []
    generator = numpy.random.default_rng(0)
    for size in sizes:
        parameter = framework.nn.Parameter(framework.from_numpy(generator.standard_normal(size, numpy.float32)))
        parameter.grad = framework.from_numpy(generator.standard_normal(size, numpy.float32))
        parameters.append(parameter)
    return fastest(make(parameters).step)


class Lamb(torch.optim.Optimizer):
    """LAMB as PyTorch's own functions on lists of tensors make it fast."""

    def __init__(self, params: list, lr: float, weight_decay: float) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})
        self.m = [torch.zeros_like(p) for p in params]
        self.v = [torch.zeros_like(p) for p in params]
        self.count = 0

    @torch.no_grad()
    def step(self) -> None:  # type: ignore[override]
        self.count += 1
        group = self.param_groups[0]
        x = group["params"]
        g = [p.grad for p in x]
        torch._foreach_lerp_(self.m, g, 0.1)
        torch._foreach_mul_(self.v, 0.999)
        torch._foreach_addcmul_(self.v, g, g, 0.001)
        size = torch._foreach_div(self.v, 1 - 0.999**self.count)
        torch._foreach_sqrt_(size)
        torch._foreach_add_(size, 1e-6)
        direction = torch._foreach_div(self.m, 1 - 0.9**self.count)
        torch._foreach_div_(direction, size)
        torch._foreach_add_(direction, x, alpha=group["weight_decay"])
        ratios = torch._foreach_div(torch._foreach_norm(x), torch._foreach_norm(direction))
        torch._foreach_mul_(direction, ratios)
        torch._foreach_add_(x, direction, alpha=-group["lr"])


def peers(name: str, options: dict[str, Any]) -> list[Callable[[list], Any]]:
    if name == "LAMB":
        return [lambda params: Lamb(params, **options)]
    cls = getattr(torch.optim, name, None)
    variants = [] if cls is None else [{"foreach": True}, {"foreach": False}]
    if name in ("SGD", "Adam", "AdamW", "Adagrad"):
        variants.append({"fused": True})
    return [lambda params, variant=variant: cls(params, **options, **variant) for variant in variants]


def main() -> None:
    elements = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    sizes = shapes(elements)
    torch.set_num_threads(swiftnn.get_num_threads())
    total = sum(int(numpy.prod(size)) for size in sizes)
    print(f"{total:,} float32 elements in {len(sizes)} parameters, {swiftnn.get_num_threads()} threads; milliseconds")
    print(f"{'':14s} {'swiftnn':>9s} {'torch':>9s} {'ratio':>7s} {'of copy':>8s}")
    for name, (options, arrays) in CASES.items():
        print(f"{name:14s} {measured(name.split()[0], options, arrays, sizes)}", flush=True)


def measured(name: str, options: dict[str, Any], arrays: int, sizes: list[tuple[int, ...]]) -> str:
    ours = step_of(swiftnn, lambda parameters: getattr(swiftnn.optim, name)(parameters, **options), sizes)
    theirs = [step_of(torch, make, sizes) for make in peers(name, options)]
    half = sum(int(numpy.prod(size)) for size in sizes) * arrays // 2
    source, target = torch.ones(half), torch.ones(half)
    copy = fastest(lambda: target.copy_(source))
    best = f"{min(theirs) * 1e3:9.2f} {min(theirs) / ours:7.2f}" if theirs else f"{'':9s} {'':7s}"
    return f"{ours * 1e3:9.2f} {best} {copy / ours:8.0%}"


if __name__ == "__main__":
    main()
