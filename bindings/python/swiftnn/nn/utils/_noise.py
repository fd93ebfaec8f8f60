"""Random numbers outside of training, which say how sure a model is."""

from __future__ import annotations

from contextlib import contextmanager

import swiftnn
from swiftnn.nn.layer import Layer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from swiftnn._C import Tensor
    from swiftnn.nn.module import Module


@contextmanager
def mc_dropout(model: Module) -> Iterator[Module]:
    """Within it, dropout and all other noise is on in every mode; after eval(), batch norms keep their statistics."""
    layers = [module for module in model.modules() if isinstance(module, Layer)]
    try:
        for layer in layers:
            layer._core.set_noise(True)
        yield model
    finally:
        for layer in layers:
            layer._core.set_noise(layer.training)


def monte_carlo(model: Module, *inputs: Any, passes: int, correction: int = 1) -> tuple[Tensor, Tensor]:
    """The mean of what calls with noise give, and its variance, divided by passes - correction."""
    if passes < 1:
        raise ValueError(f"monte_carlo: expects at least 1 pass, got {passes}")
    with mc_dropout(model):
        results = swiftnn.stack([model(*inputs) for _ in range(passes)])
    return results.mean(0), results.var(0, correction=correction)
