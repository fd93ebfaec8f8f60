"""autograd.grad with the arguments that are made of other operations."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def grad(
    outputs: Tensor | Iterable[Tensor],
    inputs: Tensor | Iterable[Tensor],
    grad_outputs: Tensor | Iterable[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Tensor | None, ...]:
    """The derivatives of the sum of the outputs by each input, as a tuple.

    With is_grads_batched, grad_outputs hold many seeds along their first axis, and the results as many gradients. With
    materialize_grads, inputs on which the outputs do not depend get zeros.
    """
    if materialize_grads and allow_unused is False:
        raise ValueError(
            "Expected allow_unused to be True or not passed when materialize_grads=True, but got: allow_unused=False."
        )
    unused = True if materialize_grads else allow_unused
    given = [inputs] if isinstance(inputs, Tensor) else list(inputs)
    if is_grads_batched:
        found = _batched(outputs, given, grad_outputs, retain_graph, create_graph, unused)
    else:
        found = _C.grad(outputs, given, grad_outputs, retain_graph, create_graph, unused)
    if not materialize_grads:
        return found
    import swiftnn

    return tuple(
        swiftnn.zeros_like(tensor) if gradient is None else gradient
        for gradient, tensor in zip(found, given, strict=True)
    )


def _batched(
    outputs: Tensor | Iterable[Tensor],
    inputs: list[Tensor],
    seeds: Tensor | Iterable[Tensor | None] | None,
    retain_graph: bool | None,
    create_graph: bool,
    allow_unused: bool | None,
) -> tuple[Tensor | None, ...]:
    from swiftnn.func import vmap

    values = [outputs] if isinstance(outputs, Tensor) else list(outputs)
    given = [seeds] if isinstance(seeds, Tensor) or seeds is None else list(seeds)
    used: list[int] = []

    def pull(*one: Tensor) -> tuple[Tensor, ...]:
        source = iter(one)
        each = [None if seed is None else next(source) for seed in given]
        found = _C.grad(values, inputs, each, retain_graph, create_graph, allow_unused)
        used[:] = [place for place, gradient in enumerate(found) if gradient is not None]
        return tuple(gradient for gradient in found if gradient is not None)

    rows = vmap(pull)(*[seed for seed in given if seed is not None])
    result: list[Tensor | None] = [None] * len(inputs)
    for place, row in zip(used, rows, strict=True):
        result[place] = row
    return tuple(result)
