"""Histograms with results that the registry cannot describe: a tensor, and a tuple of tensors."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from swiftnn._C import Tensor


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
    hist, *edges = _C.functions_of("swiftnn")["_histogramdd"](input, bins, **given, weight=weight, density=density)
    return hist, tuple(edges)
