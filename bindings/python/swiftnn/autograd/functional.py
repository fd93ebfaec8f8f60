"""Jacobians, Hessians and their products with vectors, of functions of tensors or tuples of tensors."""

from __future__ import annotations

import swiftnn as _swiftnn
from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def _as_tuple(value: Any, what: str, where: str) -> tuple[tuple[Tensor, ...], bool]:
    single = not isinstance(value, tuple)
    values = (value,) if single else value
    for place, tensor in enumerate(values):
        if not isinstance(tensor, Tensor):
            raise TypeError(
                f"The {what} given to {where} must be either a Tensor or a tuple of Tensors but the value at index "
                f"{place} has type {type(tensor)}."
            )
    return values, single


class _Pass:
    """One evaluation of a function at variables with the values of its inputs."""

    def __init__(self, func: Callable[..., Any], inputs: Any, where: str, create_graph: bool, strict: bool) -> None:
        self.where, self.strict, self.create = where, strict, create_graph
        given, self.single = _as_tuple(inputs, "inputs", where)
        with _swiftnn.enable_grad():
            self.inputs = tuple(
                tensor.view_as(tensor) if create_graph and tensor.requires_grad else tensor.detach().requires_grad_()
                for tensor in given
            )
            result = func(*self.inputs)
        self.outputs, self.single_output = _as_tuple(result, "outputs of the user-provided function", where)
        if strict:
            for place, output in enumerate(self.outputs):
                self._require(
                    output.requires_grad, f"Output {place} of the user-provided function does not require gradients."
                )

    def _require(self, truth: bool, problem: str) -> None:
        if not truth:
            raise RuntimeError(
                f"{problem} The outputs must be computed in a differentiable manner from the input when running in "
                "strict mode."
            )

    def scalar(self) -> Tensor:
        if len(self.outputs) != 1 or self.outputs[0].numel() != 1:
            raise RuntimeError(
                f"The Tensor returned by the function given to {self.where} should contain a single element"
                if len(self.outputs) == 1
                else f"The function given to {self.where} should return a single Tensor"
            )
        return self.outputs[0]

    def pull(self, outputs: Any, seeds: Any, create: bool, inputs: Any = None) -> list[Tensor]:
        """The gradients of the inputs, zeros where there are none."""
        inputs = self.inputs if inputs is None else inputs
        pairs = [(output, seed) for output, seed in zip(outputs, seeds, strict=True) if output.requires_grad]
        found: Any = [None] * len(inputs)
        if pairs:
            found = _C.grad(
                [output for output, _ in pairs],
                inputs,
                [seed for _, seed in pairs],
                retain_graph=True,
                create_graph=create,
                allow_unused=True,
            )
        result = []
        for place, (gradient, tensor) in enumerate(zip(found, inputs, strict=True)):
            if self.strict:
                self._require(
                    gradient is not None,
                    f"The output of the user-provided function is independent of input {place}.",
                )
            result.append(_swiftnn.zeros_like(tensor) if gradient is None else gradient)
        return result

    def vectors(self, v: Any, like: tuple[Tensor, ...], side: str) -> list[Tensor]:
        if v is None:
            if len(like) != 1 or like[0].numel() != 1:
                what = {
                    "input": "input to the user-provided function is a single Tensor with a single element",
                    "output": "user-provided function returns a single Tensor with a single element",
                }[side]
                raise RuntimeError(f"The vector v can only be None if the {what}.")
            return [_swiftnn.ones_like(like[0])]
        values, _ = _as_tuple(v, "v", self.where)
        if len(values) != len(like):
            raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(values)}.")
        for place, (vector, tensor) in enumerate(zip(values, like, strict=True)):
            if vector.shape != tensor.shape:
                entry = f"Entry {place} in v" if len(like) > 1 else "v"
                raise RuntimeError(f"{entry} has invalid size: should be {tensor.shape} but got {vector.shape}.")
        return list(values) if self.create else [vector.detach() for vector in values]

    def out(self, tensors: Any, single: bool) -> Any:
        done = tuple(tensor if self.create else tensor.detach() for tensor in tensors)
        return done[0] if single else done


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """func's value, and v times its Jacobian."""
    run = _Pass(func, inputs, "vjp", create_graph, strict)
    vectors = run.vectors(v, run.outputs, "output")
    found = run.pull(run.outputs, vectors, create_graph)
    return run.out(run.outputs, run.single_output), run.out(found, run.single)


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """func's value, and its Jacobian times v."""
    run = _Pass(func, inputs, "jvp", create_graph, strict)
    vectors = run.vectors(v, run.inputs, "input")
    found = _C._jvp(run.outputs, run.inputs, vectors, create_graph)
    return run.out(run.outputs, run.single_output), run.out(found, run.single_output)


def vhp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """func's value, which is one element, and v times its Hessian."""
    run = _Pass(func, inputs, "vhp", create_graph, strict)
    output = run.scalar()
    vectors = run.vectors(v, run.inputs, "input")
    slopes = run.pull([output], [_swiftnn.ones_like(output)], True)
    found = run.pull(slopes, vectors, create_graph)
    return run.out([output], True), run.out(found, run.single)


def hvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """func's value, which is one element, and its Hessian times v."""
    run = _Pass(func, inputs, "hvp", create_graph, strict)
    output = run.scalar()
    vectors = run.vectors(v, run.inputs, "input")
    if strict:
        run.pull([output], [_swiftnn.ones_like(output)], True)
    found = (
        _C._hvp([output], run.inputs, vectors, create_graph)
        if output.requires_grad
        else [_swiftnn.zeros_like(tensor) for tensor in run.inputs]
    )
    return run.out([output], True), run.out(found, run.single)


def _rows(run: _Pass, output: Tensor, create: bool) -> list[Tensor]:
    """The Jacobian of one output by every input: all rows at once."""
    from swiftnn.func import vmap

    seeds = _swiftnn.eye(output.numel(), dtype=output.dtype).reshape(output.numel(), *output.shape)
    rows = vmap(lambda seed: tuple(run.pull([output], [seed], create)))(seeds)
    return [row.reshape(*output.shape, *tensor.shape) for row, tensor in zip(rows, run.inputs, strict=True)]


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """func's Jacobian, all rows at once; for tuples, a tuple for each output of one for each input."""
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ValueError(
            'Expected strategy to be either "forward-mode" or "reverse-mode". Hint: If your function has more outputs '
            'than inputs, "forward-mode" tends to be more performant. Otherwise, prefer to use "reverse-mode".'
        )
    run = _Pass(func, inputs, "jacobian", create_graph, strict)
    rows = [run.out(_rows(run, output, create_graph), run.single) for output in run.outputs]
    return rows[0] if run.single_output else tuple(rows)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function of one element; for a tuple of inputs, a tuple of tuples."""
    run = _Pass(func, inputs, "hessian", create_graph, strict)
    output = run.scalar()
    slopes = run.pull([output], [_swiftnn.ones_like(output).reshape(output.shape)], True)
    rows = tuple(run.out(_rows(run, slope, create_graph), run.single) for slope in slopes)
    return rows[0] if run.single else rows
