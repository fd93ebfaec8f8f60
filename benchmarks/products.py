"""Matrix products that are timed: squares, and the shapes of training, in each transposition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

SQUARES = (8, 16, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
# rows of the batch, features in, features out: forward x·wᵀ, the input's gradient g·w, the weight's gradient gᵀ·x
LAYERS = (
    (1, 784, 512), (8, 256, 256), (32, 64, 128), (32, 128, 10), (64, 2048, 128), (128, 784, 512), (128, 512, 256),
    (128, 256, 10), (512, 512, 512), (768, 128, 384), (768, 128, 512), (768, 512, 128),
    (2048, 64, 1024), (4096, 64, 64),
)  # fmt: skip
BATCHES = ((48, 64, 32, 64), (48, 64, 64, 32), (256, 16, 16, 16), (64, 32, 32, 32))


def shapes() -> dict[str, tuple[tuple[int, ...], tuple[int, ...], str]]:
    """name -> shape of a, shape of b, which of them is transposed: n or t for each."""
    found: dict[str, tuple[tuple[int, ...], tuple[int, ...], str]] = {}
    for n in SQUARES:
        for kind in ("nn", "nt", "tn"):
            found[f"{n}×{n}×{n} {kind}"] = ((n, n), (n, n), kind)
    for batch, before, after in LAYERS:
        found[f"{batch}×{before}×{after} forward"] = ((batch, before), (after, before), "nt")
        found[f"{batch}×{before}×{after} input gradient"] = ((batch, after), (after, before), "nn")
        found[f"{batch}×{before}×{after} weight gradient"] = ((batch, after), (batch, before), "tn")
    for count, m, k, n in BATCHES:
        found[f"{count} of {m}×{k}×{n}"] = ((count, m, k), (count, k, n), "nn")
    return found


SHAPES = shapes()


def gflop(name: str) -> float:
    a, b, kind = SHAPES[name]
    columns = b[-2] if kind[1] == "t" else b[-1]
    return 2e-9 * float(np.prod(a)) * columns


def prepared(library: Any, name: str) -> Callable[[], Any]:
    a_shape, b_shape, kind = SHAPES[name]
    random = np.random.default_rng(3)
    a, b = (random.standard_normal(shape, dtype=np.float32) for shape in (a_shape, b_shape))
    if library is not np:
        a, b = library.tensor(a), library.tensor(b)
    a = a.swapaxes(-1, -2) if kind[0] == "t" else a
    b = b.swapaxes(-1, -2) if kind[1] == "t" else b
    multiply = library.matmul
    return lambda: multiply(a, b)
