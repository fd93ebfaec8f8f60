"""Ways to call operations that the fields of a declaration cannot say."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from swiftnn._C import Size, Tensor

_functions = _C.functions_of("swiftnn")
_functional = _C.functions_of("swiftnn.nn.functional")


def tensordot(a: Tensor, b: Tensor, dims: Any = 2, *dims_b: Any, out: Tensor | None = None) -> Tensor:
    """Sums of products over the last dims axes of a and the first of b, or over two lists of axes."""
    if isinstance(dims, _C.Tensor):
        dims = dims.tolist()
    axes = (dims, *dims_b) if isinstance(dims, int) or dims_b else tuple(dims)
    result: Tensor = _functions["tensordot"](a, b, *axes, out=out)
    return result


def einsum(*args: Any) -> Tensor:
    """Sums of products by Einstein's convention: einsum("ij,jk->ik", a, b) or einsum(a, [0, 1], b, [1, 2], [0, 2])."""
    if len(args) < 2:
        raise ValueError("einsum(): must specify the equation string and at least one operand, or operands and lists")
    equation, operands = args[0], args[1:]
    if not isinstance(equation, str):
        operands = args[: len(args) // 2 * 2 : 2]
        terms = [_letters(term) for term in args[1::2]]
        equation = ",".join(terms) + ("->" + _letters(args[-1]) if len(args) % 2 else "")
    if len(operands) == 1 and isinstance(operands[0], (list, tuple)):
        operands = tuple(operands[0])
    result: Tensor = _functions["einsum"](equation, operands)
    return result


def _letters(axes: Any) -> str:
    text = ""
    for axis in axes:
        if axis is Ellipsis:
            text += "..."
        elif 0 <= axis < 26:
            text += chr(ord("A") + axis)
        elif 26 <= axis < 52:
            text += chr(ord("a") + axis - 26)
        else:
            raise ValueError(f"einsum(): subscripts must be numbers from 0 to 51, got {axis}")
    return text


def broadcast_shapes(*shapes: Any) -> Size:
    """The common shape to which tensors of these shapes are broadcast."""
    sizes: list[int] = []
    for given in shapes:
        shape = [given] if isinstance(given, int) else list(given)
        for size in shape:
            if size < 0:
                raise RuntimeError(f"broadcast_shapes: a size cannot be negative, got {size} in {shapes}")
        sizes = [1] * (len(shape) - len(sizes)) + sizes
        for place, size in enumerate(reversed(shape), 1):
            if sizes[-place] == 1:
                sizes[-place] = size
            elif size not in (1, sizes[-place]):
                raise RuntimeError(f"broadcast_shapes: shapes {shapes} cannot be broadcast to one shape")
    return _C.Size(sizes)


def histogramdd(
    input: Tensor,
    bins: int | Sequence[int] | Sequence[Tensor],
    *,
    range: Sequence[float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """How many rows fall into each box of a grid, and the edges along each axis of it."""
    given = {} if range is None else {"range": range}
    hist, *edges = _functions["_histogramdd"](input, bins, **given, weight=weight, density=density)
    return hist, tuple(edges)


def multi_head_attention_forward(*args: Any, **kwargs: Any) -> tuple[Tensor, Tensor | None]:
    """Attention of several heads; the weights are None where they are not asked for."""
    found = _functional["multi_head_attention_forward"](*args, **kwargs)
    return found if isinstance(found, tuple) else (found, None)


multi_head_attention_forward.__wrapped__ = _functional["multi_head_attention_forward"]  # type: ignore[attr-defined]
