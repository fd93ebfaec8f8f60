"""Calls one operator in both libraries and says what differs."""

from __future__ import annotations

import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import partial
from types import FunctionType
from typing import Any

import torch
from samples import DTYPES, Sample, UnsupportedError, brief, mapped, ours, owned, samples, wrong_samples

import swiftnn

# Relative and absolute. Float64 is what is promised; the others are as PyTorch's own tests compare.
TOLERANCES = {
    torch.float64: (1e-9, 1e-10),
    torch.float32: (1e-4, 1e-5),
    torch.float16: (4e-3, 1e-3),
    torch.bfloat16: (2.5e-2, 1e-2),
}
# Operators of which only shapes and dtypes are compared: random numbers and uninitialised memory.
RANDOM = ("*rand*", "*dropout*", "normal*", "*rrelu*", "*empty*", "*fractional*", "bernoulli", "multinomial",
          "uniform", "cauchy", "exponential", "geometric", "log_normal", "*lowrank")  # fmt: skip
# The kinds of comparison, in the order of the report.
CHECKS = ("function", "method", "inplace", "out", "gradient", "second", "errors")


@dataclass
class Result:
    """What came of one operator."""

    name: str
    compared: Counter = field(default_factory=Counter)
    differences: list[tuple[str, str]] = field(default_factory=list)  # of which check, and what
    missing: list[str] = field(default_factory=list)  # spellings that SwiftNN lacks


def spelled(home: Any, name: str) -> Callable | None:
    """What a module or class has under a dotted name."""
    found: Any = home
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def is_overlapping(tensor: torch.Tensor) -> bool:
    """Whether two positions may show one element, so that writing in place means nothing."""
    reach = 0
    for step, size in sorted(zip(tensor.stride(), tensor.shape, strict=True)):
        if size > 1 and step <= reach:
            return True
        reach += step * (size - 1)
    return False


def is_random(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in RANDOM)


def tensors(value: Any) -> list:
    """All tensors of a result, in order."""
    if isinstance(value, (torch.Tensor, swiftnn.Tensor)):
        return [value]
    if isinstance(value, (tuple, list)):
        return [tensor for item in value for tensor in tensors(item)]
    return []


def back(tensor: swiftnn.Tensor) -> torch.Tensor:
    return torch.from_dlpack(tensor.detach().contiguous())


def unequal(theirs: Any, mine: Any, values_matter: bool = True) -> str | None:
    """What differs between two results, or None."""
    if isinstance(theirs, torch.Tensor):
        if not isinstance(mine, swiftnn.Tensor):
            return f"gives {type(mine).__name__}, PyTorch a tensor"
        if tuple(theirs.shape) != tuple(mine.shape):
            return f"shape {list(mine.shape)}, PyTorch {list(theirs.shape)}"
        if DTYPES.get(theirs.dtype) is not mine.dtype:
            return f"dtype {mine.dtype}, PyTorch {theirs.dtype}"
        if not values_matter:
            return None
        relative, absolute = TOLERANCES.get(theirs.dtype, (0, 0))
        close = torch.isclose(back(mine), theirs.detach(), rtol=relative, atol=absolute, equal_nan=True)
        if not bool(close.all()):
            at = tuple((~close).nonzero()[0].tolist())
            wrong = int((~close).sum())
            return (
                f"{back(mine)[at].item()}, PyTorch {theirs[at].item()} at {list(at)}; {wrong} of {close.numel()} differ"
            )
        return None
    if isinstance(theirs, (tuple, list)):
        if not isinstance(mine, (tuple, list)) or len(mine) != len(theirs):
            return f"gives {type(mine).__name__}, PyTorch {type(theirs).__name__} of {len(theirs)}"
        for a, b in zip(theirs, mine, strict=True):
            if found := unequal(a, b, values_matter):
                return found
        return None
    if isinstance(theirs, torch.dtype):
        return None if DTYPES.get(theirs) is mine else f"{mine}, PyTorch {theirs}"
    if isinstance(theirs, float) and isinstance(mine, float):
        return (
            None
            if theirs == mine or abs(theirs - mine) <= 1e-9 * abs(theirs) or theirs != theirs
            else f"{mine}, PyTorch {theirs}"
        )
    return None if theirs == mine else f"{mine!r}, PyTorch {theirs!r}"


def attempt(function: Callable, arguments: tuple, named: dict) -> tuple[Any, Exception | None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(*arguments, **named), None
    except UnsupportedError:
        raise
    except Exception as error:  # what it raises is compared
        return None, error


class Pair:
    """The same call in both libraries."""

    def __init__(self, sample: Sample) -> None:
        whole = (sample.input, *sample.args)
        self.theirs = mapped(whole, owned), mapped(sample.kwargs, owned)
        self.mine = mapped(whole, ours), mapped(sample.kwargs, ours)

    def leaves(self, side: tuple) -> list:
        found: list = []
        for part in side:
            mapped(part, lambda leaf: found.append(leaf) if getattr(leaf, "requires_grad", False) is True else None)
        return found


def weights(shapes: list[tuple[torch.Size, torch.dtype]]) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return [torch.rand(shape, generator=generator, dtype=torch.float64).to(dtype) + 0.5 for shape, dtype in shapes]


def differentiated(library: Any, outputs: list, leaves: list, seeds: list, again: bool) -> list:
    return list(library.autograd.grad(outputs, leaves, seeds, create_graph=again, allow_unused=True))


def gradients_differ(pair: Pair, theirs: Any, mine: Any) -> Iterator[tuple[str, str | None]]:
    """Compares first and second gradients, and names each comparison made."""
    their_leaves, my_leaves = pair.leaves(pair.theirs), pair.leaves(pair.mine)
    for check, again in (("gradient", True), ("second", False)):
        their_outputs, my_outputs = tensors(theirs), tensors(mine)
        used = [i for i, output in enumerate(their_outputs) if output.requires_grad]
        if not used or not their_leaves:
            return
        if any(not my_outputs[i].requires_grad for i in used):
            yield check, "the result has no gradient, PyTorch's has"
            return
        their_outputs, my_outputs = [their_outputs[i] for i in used], [my_outputs[i] for i in used]
        seeds = weights([(output.shape, output.dtype) for output in their_outputs])
        expected, their_error = attempt(differentiated, (torch, their_outputs, their_leaves, seeds, again), {})
        actual, my_error = attempt(
            differentiated, (swiftnn, my_outputs, my_leaves, [swiftnn.from_dlpack(seed) for seed in seeds], again), {}
        )
        if their_error:  # PyTorch has none of this order; ours may have
            return
        if my_error:
            yield check, f"raises {type(my_error).__name__}: {str(my_error)[:200]}"
            return
        for place, (a, b) in enumerate(zip(expected, actual, strict=True)):
            if a is None or b is None:
                # Not depending on an input and a gradient of zeros say the same.
                other = back(b) if b is not None else a
                if other is not None and bool(other.any()):
                    yield check, f"of input {place}: {brief(b)}, PyTorch {brief(a)}"
                    return
            elif found := unequal(a, b):
                yield check, f"of input {place}: {found}"
                return
        yield check, None
        theirs, mine = [], []
        for a, b in zip(expected, actual, strict=True):
            if a is None or not a.requires_grad:
                continue
            if b is not None and b.requires_grad:
                theirs.append(a)
                mine.append(b)
            elif not is_constant(a, their_leaves):
                yield "second", "there is none, PyTorch has one that is not zero"
                return


def is_constant(value: torch.Tensor, leaves: list[torch.Tensor]) -> bool:
    """Whether a graph hangs on the value that gives zeros alone."""
    found, error = attempt(
        lambda: torch.autograd.grad(value.sum(), leaves, retain_graph=True, allow_unused=True), (), {}
    )
    return error is not None or all(gradient is None or not bool(gradient.any()) for gradient in found)


def translated(function: FunctionType) -> FunctionType:
    """A wrapper of PyTorch's tests with `torch` standing for SwiftNN."""
    names = {**function.__globals__, "torch": swiftnn}
    return FunctionType(function.__code__, names, function.__name__, function.__defaults__, function.__closure__)


def forms_of(op: Any, result: Result) -> list[tuple[str, Callable, Callable]]:
    """The public spellings that both libraries have, as check, PyTorch's and ours."""
    name = op.name.removesuffix("_") if op.name.endswith("_") else op.name
    candidates = [
        ("function", op.op if spelled(torch, op.name) else None, op.name, swiftnn),
        ("method", op.get_method(), name, swiftnn.Tensor),
        ("inplace", op.get_inplace(), f"{name}_", swiftnn.Tensor),
    ]
    if not any(theirs for _, theirs, _, _ in candidates):
        candidates = [("method", op.op, op.name, swiftnn.Tensor)]
    forms = []
    for check, theirs, ours_name, home in candidates:
        if theirs is None:
            continue
        mine = spelled(home, ours_name.split(".")[-1] if check != "function" else ours_name)
        if isinstance(theirs, partial):
            inner = spelled(swiftnn, op.name)
            mine = inner and partial(inner, *theirs.args, **theirs.keywords)
        elif isinstance(theirs, FunctionType) and theirs.__module__.startswith("torch.testing"):
            mine = (mine or check == "inplace") and translated(theirs)
        if mine is None:
            result.missing.append(ours_name if check == "function" else f"Tensor.{ours_name.split('.')[-1]}")
        else:
            forms.append((check, theirs, mine))
    return forms


def compare(op: Any, name: str, dtypes: list[torch.dtype], wide: bool) -> Result:
    """Tries every spelling of an operator on every sample."""
    result = Result(name)
    forms = forms_of(op, result)
    if not forms:
        return result
    for dtype in dtypes:
        random.seed(1)
        torch.manual_seed(1)
        for sample in samples(op, dtype, wide=wide and dtype == torch.float64):
            for place, (check, theirs, mine) in enumerate(forms):
                call = Call(result, op, check, dtype, sample, not is_random(op.name))
                call.compare(theirs, mine, with_gradients=place == 0 and dtype == torch.float64)
                if check == "function" and op.supports_out and "out" not in sample.kwargs and dtype == torch.float64:
                    call.compare_out(mine)
    for _, _, mine in forms[:1]:
        for sample in wrong_samples(op):
            compare_error(result, op, sample, mine)
    return result


@dataclass
class Call:
    """One spelling on one sample."""

    result: Result
    op: Any
    check: str
    dtype: torch.dtype
    sample: Sample
    values_matter: bool

    def differs(self, what: str, check: str = "") -> None:
        check = check or self.check
        self.result.differences.append((check, f"{check} {str(self.dtype)[6:]} ({self.sample}): {what}"))

    def compare(self, theirs: Callable, mine: Callable, with_gradients: bool) -> None:
        input = self.sample.input
        if self.check != "function" and not isinstance(input, torch.Tensor):
            return
        in_place = self.check == "inplace"
        if in_place and is_overlapping(input):
            return
        try:
            pair = Pair(self.sample)
            if in_place:
                for leaf in pair.leaves(pair.theirs) + pair.leaves(pair.mine):
                    leaf.requires_grad_(False)
            expected, their_error = attempt(theirs, *pair.theirs)
            actual, my_error = attempt(mine, *pair.mine)
        except UnsupportedError:
            return
        if any(value.dtype not in DTYPES or value.layout != torch.strided for value in tensors(expected)):
            return
        self.result.compared[self.check] += 1
        if their_error or my_error:
            if not their_error:
                self.differs(f"raises {type(my_error).__name__}: {str(my_error)[:300]}")
            elif not my_error and not in_place:
                self.differs(f"no error, PyTorch: {type(their_error).__name__}: {str(their_error)[:200]}")
            return
        if in_place:
            expected, actual = pair.theirs[0][0], pair.mine[0][0]
        if found := unequal(expected, actual, self.values_matter):
            self.differs(found)
        elif with_gradients and self.values_matter:
            for order, found in gradients_differ(pair, expected, actual):
                self.result.compared[order] += 1
                if found:
                    self.differs(found, order)

    def compare_out(self, mine: Callable) -> None:
        """`out=` of another size is resized and returned, and has the values of the plain call."""
        with torch.no_grad(), swiftnn.no_grad():
            try:
                pair = Pair(self.sample)
                expected, error = attempt(self.op.op, *pair.theirs)
                if error or not tensors(expected) or any(value.dtype not in DTYPES for value in tensors(expected)):
                    return
                arguments, named = pair.mine
            except UnsupportedError:
                return
            places = [swiftnn.empty(0, dtype=DTYPES[value.dtype]) for value in tensors(expected)]
            out = places[0] if isinstance(expected, torch.Tensor) else tuple(places)
            _, my_error = attempt(mine, arguments, {**named, "out": out})
        self.result.compared["out"] += 1
        if my_error:
            self.differs(f"raises {type(my_error).__name__}: {str(my_error)[:200]}", "out")
        elif found := unequal(tensors(expected), places, self.values_matter):
            self.differs(found, "out")


def compare_error(result: Result, op: Any, sample: Sample, mine: Callable) -> None:
    try:
        pair = Pair(sample)
    except UnsupportedError:
        return
    _, their_error = attempt(op.op, *pair.theirs)
    if their_error is None:
        return
    _, my_error = attempt(mine, *pair.mine)
    result.compared["errors"] += 1
    if my_error is None:
        what = f"no error, PyTorch: {type(their_error).__name__}: {str(their_error)[:200]}"
        result.differences.append(("errors", f"errors ({sample}): {what}"))
