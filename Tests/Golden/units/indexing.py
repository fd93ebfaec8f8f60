"""Random index expressions: what they read, what writing leaves behind, and the gradients of both.

In the file an index is a number, a truth value, null, "...", {"slice": [start, stop, step]}, {"list": …},
{"tensor": …} or {"mask": …}. Where PyTorch refuses an expression, there is the name of its error instead.
"""

import random

import torch

COUNT, SEED = 300, 7


def component(rng: random.Random, size: int) -> object:
    def places(count: int) -> list[int]:
        return [rng.randint(-size, size - 1) for _ in range(count)]

    kind = rng.choice(["int", "int", "slice", "slice", "none", "...", "list", "tensor", "pairs", "mask", "bool"])
    if kind == "int":
        return rng.randint(-size, size - (rng.random() > 0.05))
    if kind == "slice":
        ends = [rng.choice([None, *range(-size - 1, size + 2)]) for _ in range(2)]
        return {"slice": [*ends, rng.choice([None, 1, 2, 3])]}
    if kind == "mask":
        return {"mask": [rng.random() < 0.6 for _ in range(size)]}
    simple = {"none": None, "...": "...", "bool": rng.random() < 0.6}
    if kind in simple:
        return simple[kind]
    return {"list" if kind == "list" else "tensor": places(2) if kind != "pairs" else [places(2), places(2)]}


def decoded(item: object, library: object) -> object:
    """The index that a component stands for."""
    if isinstance(item, dict):
        (kind, value), *_ = item.items()
        if kind == "slice":
            return slice(*value)
        dtype = library.bool if kind == "mask" else library.int64
        return value if kind == "list" else library.tensor(value, dtype=dtype)
    return Ellipsis if item == "..." else item


def weights(shape: torch.Size) -> torch.Tensor:
    return torch.arange(1, 1 + shape.numel(), dtype=torch.float64).reshape(shape)


def example(shape: list[int], parts: list, value: float) -> dict:
    index = tuple(decoded(part, torch) for part in parts)
    x = weights(torch.Size(shape)).requires_grad_()
    found: dict = {"shape": shape, "index": parts, "value": value}
    try:
        read = x[index]
    except Exception as error:
        return found | {"error": type(error).__name__}
    found |= {"read_shape": list(read.shape), "read": read.detach().flatten().tolist()}
    found["read_gradient"] = torch.autograd.grad((read * weights(read.shape)).sum(), x)[0].flatten().tolist()
    row = torch.full(read.shape[-1:], value, dtype=torch.float64, requires_grad=True)
    written = x * 2
    written[index] = row
    gradients = torch.autograd.grad((written * weights(x.shape)).sum(), [x, row], allow_unused=True)
    found["written"] = written.detach().flatten().tolist()
    found["written_gradients"] = [None if g is None else g.flatten().tolist() for g in gradients]
    return found


def golden() -> list:
    rng = random.Random(SEED)
    found = []
    while len(found) < COUNT:
        shape = [rng.randint(1, 4) for _ in range(rng.randint(1, 4))]
        parts = [component(rng, rng.choice(shape)) for _ in range(rng.randint(1, 4))]
        if parts.count("...") > 1:  # PyTorch takes several, NumPy and SwiftNN one
            continue
        places = torch.arange(torch.Size(shape).numel()).reshape(shape)
        try:
            chosen = places[tuple(decoded(part, torch) for part in parts)].flatten().tolist()
        except Exception:
            if rng.random() < 0.7:
                continue
            chosen = [0]
        # PyTorch checks no positions where nothing is read, and of equal positions any value may win.
        if chosen and len(set(chosen)) == len(chosen):
            found.append(example(shape, parts, rng.randint(-9, 9) / 2))
    return found
