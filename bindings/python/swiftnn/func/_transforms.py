"""Derivatives of functions: gradients, products with Jacobians from either side."""

from __future__ import annotations

import swiftnn as _swiftnn
from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._pytree import flatten, unflatten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from swiftnn._pytree import Structure


class Point:
    """What a function gives at a point, with the graph that leads from variables to it."""

    def __init__(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Any) -> None:
        self.variables: list[Tensor] = []
        chosen = range(len(args)) if argnums is None else _positions(argnums, len(args))
        values = list(args)
        for place in chosen:
            leaves, structure = flatten(args[place])
            values[place] = unflatten([self._variable(leaf) for leaf in leaves], structure)
        with _swiftnn.enable_grad():
            self.result = func(*values, **kwargs)

    def _variable(self, leaf: Any) -> Tensor:
        if not isinstance(leaf, Tensor):
            raise ValueError(f"Thing passed to transform API must be Tensor, got {type(leaf)}")
        variable: Tensor = _C._variable(leaf)
        self.variables.append(variable)
        return variable

    def settled(self, tree: Any) -> Any:
        """Results as they are seen outside of the function."""
        leaves, structure = flatten(tree)
        tensors = [leaf for leaf in leaves if isinstance(leaf, Tensor)]
        found = iter(_C._settle(tensors, self.variables)[0])
        return unflatten([next(found) if isinstance(leaf, Tensor) else leaf for leaf in leaves], structure)

    def is_open(self, outputs: list[Tensor], directions: list[Tensor]) -> bool:
        """Whether gradients of what is around the function flow through its derivatives."""
        if not _C.is_grad_enabled():
            return False
        return any(direction.requires_grad or direction._is_batched() for direction in directions) or bool(
            _C._settle(outputs, self.variables)[1]
        )

    def pullback(self, outputs: list[Tensor], seeds: list[Tensor] | None) -> list[Tensor]:
        """The gradients of the variables."""
        reached = [place for place, output in enumerate(outputs) if output.requires_grad]
        if not reached:
            return [_zeros(variable) for variable in self.variables]
        found = _C.grad(
            [outputs[place] for place in reached],
            self.variables,
            None if seeds is None else [seeds[place] for place in reached],
            retain_graph=True,
            create_graph=self.is_open(outputs, seeds or []),
            allow_unused=True,
        )
        return [
            _zeros(variable) if gradient is None else gradient
            for gradient, variable in zip(found, self.variables, strict=True)
        ]


def _zeros(tensor: Tensor) -> Tensor:
    return _swiftnn.zeros_like(tensor)


def _positions(argnums: Any, count: int) -> tuple[int, ...]:
    if not isinstance(argnums, (int, tuple)) or (isinstance(argnums, tuple) and not argnums):
        raise RuntimeError(f"argnums must be int or a non-empty Tuple[int, ...], got: {argnums!r}")
    positions = []
    for argnum in (argnums,) if isinstance(argnums, int) else argnums:
        if not isinstance(argnum, int):
            raise RuntimeError(f"argnums must be int or Tuple[int, ...], got: {argnums!r}")
        if not -count <= argnum < count:
            raise RuntimeError(f"Got argnum={argnum}, but only {count} positional inputs")
        positions.append(argnum % count)
    if len(set(positions)) != len(positions):
        raise RuntimeError(f"argnums elements must be unique, got {argnums}")
    return tuple(positions)


def like_arguments(found: list[Any], args: tuple[Any, ...], argnums: Any) -> Any:
    """One entry per variable, nested as the arguments that argnums names."""
    source = iter(found)
    trees = []
    for place in _positions(argnums, len(args)):
        leaves, structure = flatten(args[place])
        trees.append(unflatten([next(source) for _ in leaves], structure))
    return trees[0] if isinstance(argnums, int) else tuple(trees)


def split_aux(result: Any, has_aux: bool, where: str) -> tuple[Any, Any]:
    if not has_aux:
        return result, None
    if not isinstance(result, tuple) or len(result) != 2:
        raise RuntimeError(f"{where}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return result


def grad_and_value(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """func's gradient by the arguments that argnums names, and its value."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        _positions(argnums, len(args))
        ordered = _positions(argnums, len(args))
        point = Point(func, args, kwargs, ordered)
        where = "grad_and_value(f)(*args)"
        output, aux = split_aux(point.result, has_aux, where)
        if not isinstance(output, Tensor):
            raise RuntimeError(f"{where}: Expected f(*args) to return a Tensor, got {type(output)}")
        if output.dim() != 0:
            raise RuntimeError(
                f"{where}: Expected f(*args) to return a scalar Tensor, got tensor with {output.dim()} dims. Maybe "
                "you wanted to use the vjp or jacrev APIs instead?"
            )
        gradient = like_arguments(point.pullback([output], None), args, argnums)
        value = point.settled(output)
        return (gradient, (value, point.settled(aux))) if has_aux else (gradient, value)

    return wrapped


def grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """func's gradient by the arguments that argnums names."""
    both = grad_and_value(func, argnums, has_aux)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapped


def value_and_grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """grad_and_value the other way round, as JAX orders it."""
    both = grad_and_value(func, argnums, has_aux)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        gradient, value = both(*args, **kwargs)
        return value, gradient

    return wrapped


def tensors_of(tree: Any, where: str) -> tuple[list[Tensor], Structure]:
    leaves, structure = flatten(tree)
    for leaf in leaves:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(
                f"{where}: expected f(*primals) to return only tensors, got unsupported type {type(leaf)}"
            )
    return leaves, structure


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """func's value, and a function from cotangents of it to those of primals."""
    point = Point(func, primals, {}, None)
    result, aux = split_aux(point.result, has_aux, "vjp(f, *primals)")
    outputs, structure = tensors_of(result, "vjp(f, *primals)")

    def pull(*cotangents: Any, **unused: Any) -> Any:
        given = cotangents[0] if len(cotangents) == 1 else cotangents
        seeds, shape = flatten(given)
        if shape != structure:
            raise RuntimeError(
                f"Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {shape}, primal output: {structure}"
            )
        for place, (seed, output) in enumerate(zip(seeds, outputs, strict=True)):
            if isinstance(seed, Tensor) and seed.shape != output.shape:
                raise RuntimeError(
                    f"Mismatch in shape: grad_output[{place}] has a shape of {seed.shape} and output[{place}] has a "
                    f"shape of {output.shape}."
                )
        found = like_arguments(point.pullback(outputs, seeds), primals, tuple(range(len(primals))))
        return found

    value = point.settled(result)
    return (value, pull, point.settled(aux)) if has_aux else (value, pull)


def check_directions(primals: Any, tangents: Any, where: str) -> list[Tensor]:
    for name, tree in (("primals", primals), ("tangents", tangents)):
        if not isinstance(tree, tuple):
            raise RuntimeError(f"{where}: Expected {name} to be a tuple. E.g. it should be valid to call f(*primals).")
    points, structure = flatten(primals)
    directions, other = flatten(tangents)
    if structure != other:
        raise RuntimeError(
            f"{where}: Expected primals and tangents to have the same python structure. For example, if primals is a "
            f"tuple of 3 tensors, tangents also must be. Got primals with structure {structure} and tangents with "
            f"structure {other}"
        )
    for point, direction in zip(points, directions, strict=True):
        if not isinstance(direction, Tensor) or not isinstance(point, Tensor):
            raise RuntimeError(f"{where}: expected primals and tangents to be Tensors, got {type(direction)}")
        if point.shape != direction.shape:
            raise RuntimeError(
                "Trying to set a forward gradient that has a different size than that of the original Tensor, this is "
                f"not supported. Tensor is of size {list(point.shape)} while the given forward gradient is of size "
                f"{list(direction.shape)}."
            )
    return directions


def jvp(func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """func's value, and its change when primals move along tangents."""
    where = "jvp(f, primals, tangents)"
    directions = check_directions(primals, tangents, where)
    point = Point(func, primals, {}, None)
    result, aux = split_aux(point.result, has_aux, where)
    outputs, structure = tensors_of(result, where)
    if strict and not all(output.requires_grad for output in outputs):
        raise RuntimeError(
            f"{where}: The output of f is independent of the inputs, which is not allowed with strict=True."
        )
    changes = _C._jvp(outputs, point.variables, directions, point.is_open(outputs, directions))
    value, moved = point.settled(result), unflatten(changes, structure)
    return (value, moved, point.settled(aux)) if has_aux else (value, moved)


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """func's value, and a function from tangents to its change, which does not compute func again."""
    point = Point(func, primals, {}, None)
    outputs, structure = tensors_of(point.result, "linearize(f, *primals)")

    def push(*tangents: Any) -> Any:
        directions = check_directions(primals, tangents, "linearize(f, *primals)")
        return unflatten(_C._jvp(outputs, point.variables, directions, point.is_open(outputs, directions)), structure)

    return point.settled(point.result), push
