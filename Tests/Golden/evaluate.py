"""Evaluates cases with PyTorch."""

import hashlib
import json
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from table import Case, DType, T

torch.backends.cuda.enable_flash_sdp(False)  # attention's fast kernel, which has no second derivative

MARGIN = 0.05  # how far elements stay away from kinks


class Store:
    """Tensors by a short hash of their contents: equal ones are stored once."""

    FORMATS = {
        torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
        torch.int64: "I64", torch.int32: "I32", torch.uint8: "U8", torch.bool: "BOOL",
    }  # fmt: skip

    def __init__(self) -> None:
        self.tensors: dict[str, tuple[dict, bytes]] = {}

    def add(self, tensor: torch.Tensor) -> str:
        # A tensor without elements may have any strides, and one of zeros no memory at all.
        plain = torch.zeros(tensor.shape, dtype=tensor.dtype)
        if tensor.numel() and not tensor._is_zerotensor():
            plain.copy_(tensor.detach())
        data = plain.reshape(-1).view(torch.uint8).numpy().tobytes()
        description = {"dtype": self.FORMATS[tensor.dtype], "shape": list(tensor.shape)}
        key = hashlib.sha256(json.dumps(description).encode() + data).hexdigest()[:10]
        self.tensors[key] = (description, data)
        return key

    def safetensors(self) -> bytes:
        header, position, chunks = {}, 0, []
        for key, (description, data) in sorted(self.tensors.items()):
            header[key] = description | {"data_offsets": [position, position + len(data)]}
            position += len(data)
            chunks.append(data)
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        return len(text).to_bytes(8, "little") + text + b"".join(chunks)


def dtype_of(name: str) -> torch.dtype:
    return getattr(torch, name)


def numbers(spec: T, position: int) -> torch.Tensor:
    """The tensor of a description: the same on every run, other numbers at another position of the call."""
    dtype = dtype_of(spec.dtype)
    if "values" in spec.domain:
        return torch.tensor(spec.domain["values"], dtype=dtype).reshape(spec.shape)
    # grad and dtype do not enter, so that the variants of a case are tried on the same numbers.
    domain = {key: spec.domain[key] for key in sorted(spec.domain)}
    random = np.random.default_rng(zlib.crc32(f"{spec.shape} {domain} {position}".encode()))
    if spec.dtype == "bool":
        return torch.from_numpy(np.asarray(random.random(spec.shape) < 0.5))
    if not dtype.is_floating_point:
        low, high = spec.domain.get("low", 0 if spec.dtype == "uint8" else -5), spec.domain.get("high", 6)
        return torch.from_numpy(np.asarray(random.integers(low, high, spec.shape))).to(dtype)
    low, high = spec.domain.get("low", -2.0), spec.domain.get("high", 2.0)
    count = int(np.prod(spec.shape))
    if spec.domain.get("distinct"):
        step = (high - low) / max(count, 1)
        values = low + step * (random.permutation(count) + 0.25 + 0.5 * random.random(count))
    else:
        values = random.uniform(low, high, count)
    for point in spec.domain.get("away", ()):
        near = np.abs(values - point) < MARGIN
        values = np.where(near, values + np.where(values < point, -MARGIN, MARGIN), values)
    return torch.from_numpy(np.asarray(values).reshape(spec.shape)).to(dtype)


def function(name: str) -> Callable:
    """PyTorch's function or method of an operation; `max.dim` is an overload of `max`."""
    name = name.split(".")[0]
    for place in (
        torch.nn.functional,
        torch,
        torch.Tensor,
        torch.linalg,
        torch.special,
        torch.nn.init,
        torch.signal.windows,
    ):
        found = getattr(place, name, None)
        if callable(found):
            return found
    raise LookupError("PyTorch has no function of this name; give the case a reference")


class Encoder:
    """Turns arguments into tensors for PyTorch and into JSON for the tests."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.leaves: list[torch.Tensor] = []
        self.position = 0

    def tensor(self, spec: T) -> tuple[torch.Tensor, dict]:
        tensor = numbers(spec, self.position)
        self.position += 1
        described: dict[str, Any] = {"tensor": self.store.add(tensor)}
        if spec.grad:
            described["grad"] = True
            self.leaves.append(tensor.requires_grad_())
        return tensor, described

    def __call__(self, argument: Any) -> tuple[Any, Any]:
        """For PyTorch, and for the file. Kinds that JSON does not tell apart are named."""
        if isinstance(argument, T):
            return self.tensor(argument)
        if isinstance(argument, DType):
            return dtype_of(argument), {"dtype": str(argument)}
        if isinstance(argument, float):
            return argument, {"float": argument if np.isfinite(argument) else str(argument)}
        if isinstance(argument, (list, tuple)):
            return self.sequence(argument)
        if argument is None or isinstance(argument, (bool, int, str)):
            return argument, argument
        raise TypeError(f"no case can have an argument {argument!r}")

    def sequence(self, items: list | tuple) -> tuple[list, dict]:
        if any(isinstance(item, T) for item in items):
            both = [self.tensor(item) if item is not None else (None, None) for item in items]
            return [tensor for tensor, _ in both], {"tensors": [described for _, described in both]}
        kind = "floats" if any(isinstance(item, float) for item in items) else "ints"
        return list(items), {kind: list(items)}


def projection(index: int, tensor: torch.Tensor, steps: tuple[int, int]) -> torch.Tensor:
    """Fixed weights without a pattern that a mistake could share; the tests compute the same ones."""
    step, modulus = steps
    position = torch.arange(tensor.numel(), dtype=torch.int64) + index
    return ((position * step % modulus).to(torch.float64) - modulus / 2).reshape(tensor.shape) / 4


def first_order(outputs: list[torch.Tensor]) -> torch.Tensor:
    """The number whose gradient is tested: a weighted sum of all results that have one."""
    real = [output for output in outputs if output.requires_grad]
    return torch.stack([(projection(i, y, (7, 11)) * y).sum() for i, y in enumerate(real)]).sum()


def gradients(total: torch.Tensor, leaves: list[torch.Tensor]) -> list[torch.Tensor]:
    if not total.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(total, leaves, create_graph=True, allow_unused=True)
    return [torch.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves, strict=True)]


def entry(case: Case, store: Store) -> dict:
    """One case for the file: arguments, results, gradients and gradients of these."""
    encode = Encoder(store)
    positional = [encode(argument) for argument in case.arguments]
    named = {key: encode(argument) for key, argument in case.named.items()}
    call = case.reference or function(case.operation)
    values = [value for value, _ in positional]
    if case.operation.split(".")[0].endswith("_"):
        values[0] = values[0].clone()
    results = call(*values, **{key: value for key, (value, _) in named.items()})
    # A number or truth, as of equal(), is a tensor without axes to the engine.
    listed = list(results) if isinstance(results, (list, tuple)) else [results]
    outputs = [y if isinstance(y, torch.Tensor) else torch.tensor(y) for y in listed]
    if case.absolute:
        outputs = [y.abs() for y in outputs]
    result: dict[str, Any] = {"id": case.id, "text": case.text, "operation": case.operation}
    result["arguments"] = [described for _, described in positional]
    result["named"] = {key: described for key, (_, described) in named.items()}
    if case.any_values:
        result["shapes"] = [{"shape": list(y.shape), "dtype": str(y.dtype).split(".")[1]} for y in outputs]
    else:
        result["results"] = [store.add(y) for y in outputs]
    if encode.leaves and any(y.requires_grad for y in outputs) and not case.any_values:
        first = gradients(first_order(outputs), encode.leaves)
        result["gradients"] = [store.add(g) for g in first]
        if case.second:
            real = [g for g in first if g.requires_grad]
            total = sum((projection(i, g, (5, 13)) * g).sum() for i, g in enumerate(first)) if real else torch.zeros(())
            result["second"] = [store.add(g) for g in gradients(total, encode.leaves)]
    return result | {key: value for key, value in case.flags.items() if key != "second"}
