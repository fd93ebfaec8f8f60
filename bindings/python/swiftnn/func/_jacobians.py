"""Whole Jacobians and Hessians: products with all directions at once, by vmap."""

from __future__ import annotations

import swiftnn as _swiftnn
from swiftnn import _C
from swiftnn._pytree import flatten, unflatten
from swiftnn.func._transforms import Point, check_directions, like_arguments, split_aux, tensors_of
from swiftnn.func._transforms import _positions as positions
from swiftnn.func._vmap import vmap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from swiftnn._C import Tensor


def _basis(tensors: list[Tensor]) -> list[Tensor]:
    """For every element of all tensors together, a one there and zeros elsewhere."""
    total = sum(tensor.numel() for tensor in tensors)
    result, start = [], 0
    for tensor in tensors:
        size = tensor.numel()
        block = _swiftnn.zeros(total, size, dtype=tensor.dtype)
        block[start : start + size] = _swiftnn.eye(size, dtype=tensor.dtype)
        result.append(block.reshape(total, *tensor.shape))
        start += size
    return result


def jacrev(
    func: Callable[..., Any],
    argnums: Any = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """func's Jacobian by the arguments that argnums names, row by row: good for few results."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        point = Point(func, args, kwargs, positions(argnums, len(args)))
        result, aux = split_aux(point.result, has_aux, "jacrev(f)(*args)")
        outputs, structure = tensors_of(result, "vjp(f, *primals)")

        def pull(*seeds: Tensor) -> list[Tensor]:
            return point.pullback(outputs, list(seeds))

        rows = vmap(pull, chunk_size=chunk_size)(*_basis(outputs))
        blocks, start = [], 0
        for output in outputs:
            size = output.numel()
            part = [
                row.narrow(0, start, size).reshape(*output.shape, *variable.shape)
                for row, variable in zip(rows, point.variables, strict=True)
            ]
            blocks.append(like_arguments(part, args, argnums))
            start += size
        jacobian = unflatten(blocks, structure)
        return point.settled((jacobian, aux) if has_aux else jacobian)

    return wrapped


def jacfwd(
    func: Callable[..., Any],
    argnums: Any = 0,
    has_aux: bool = False,
    *,
    chunk_size: int | None = None,
    randomness: str = "error",
) -> Callable[..., Any]:
    """func's Jacobian by the arguments that argnums names, column by column: good for few inputs."""

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        point = Point(func, args, kwargs, positions(argnums, len(args)))
        result, aux = split_aux(point.result, has_aux, "jacfwd(f)(*args)")
        outputs, structure = tensors_of(result, "jvp(f, primals, tangents)")

        def push(*tangents: Tensor) -> tuple[Tensor, ...]:
            directions = list(tangents)
            changes: tuple[Tensor, ...] = _C._jvp(
                outputs, point.variables, directions, point.is_open(outputs, directions)
            )
            return changes

        columns = vmap(push, randomness=randomness, chunk_size=chunk_size)(*_basis(point.variables))
        blocks = []
        for output, column in zip(outputs, columns, strict=True):
            part, start = [], 0
            for variable in point.variables:
                size = variable.numel()
                block = column.narrow(0, start, size).movedim(0, -1)
                part.append(block.reshape(*output.shape, *variable.shape))
                start += size
            blocks.append(like_arguments(part, args, argnums))
        jacobian = unflatten(blocks, structure)
        return point.settled((jacobian, aux) if has_aux else jacobian)

    return wrapped


def hessian(func: Callable[..., Any], argnums: Any = 0) -> Callable[..., Any]:
    """func's second derivatives by the arguments that argnums names."""
    return jacfwd(jacrev(func, argnums), argnums)


def hvp(func: Callable[..., Any], primals: Any, tangents: Any) -> Any:
    """The value of a function of one element, and the product of its second derivatives and tangents."""
    primals = primals if isinstance(primals, tuple) else (primals,)
    single = not isinstance(tangents, tuple)
    directions = check_directions(primals, (tangents,) if single else tangents, "hvp(f, primals, tangents)")
    point = Point(func, primals, {}, None)
    (output,), _ = tensors_of(point.result, "hvp(f, primals, tangents)")
    if output.requires_grad:
        found = list(_C._hvp([output], point.variables, directions, point.is_open([output], directions)))
    else:
        found = [_swiftnn.zeros_like(variable) for variable in point.variables]
    products = unflatten(found, flatten(primals)[1])
    return point.settled(output), products[0] if single else products


def gauss_newton_product(func: Callable[..., Any], loss: Callable[[Any], Any], primals: Any, tangents: Any) -> Any:
    """loss(func(*primals)), and the product of the Gauss-Newton matrix and tangents: of the second derivatives of the
    loss by what func gives, between the first derivatives of func."""
    where = "gauss_newton_product(f, loss, primals, tangents)"
    primals = primals if isinstance(primals, tuple) else (primals,)
    single = not isinstance(tangents, tuple)
    directions = check_directions(primals, (tangents,) if single else tangents, where)
    inner: list[Any] = []

    def both(*args: Any) -> Any:
        inner.append(func(*args))
        return loss(inner[0])

    point = Point(both, primals, {}, None)
    outputs, _ = tensors_of(inner[0], where)
    (value,), _ = tensors_of(point.result, where)
    is_open = point.is_open([value, *outputs], directions)
    found = list(_C._gauss_newton_product(value, outputs, point.variables, directions, is_open))
    products = unflatten(found, flatten(primals)[1])
    return point.settled(value), products[0] if single else products
