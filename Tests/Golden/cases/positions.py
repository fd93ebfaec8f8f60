"""Gathering and scattering by position."""

from table import T, V, boolean, case, int32, int64

INT, BOOL = int64, boolean


def _narrowed(name):
    """PyTorch has no gradient where src is larger than the index."""

    def call(x, dim, index, source, *arguments, **named):
        import torch

        part = source[tuple(slice(0, size) for size in index.shape)]
        return getattr(torch, name)(x, dim, index, part, *arguments, **named)

    return call


INDEX = V([[0, 2, 1, 0], [2, 2, 0, 1]], INT)

case("gather", T(3, 4), 0, INDEX)
case("gather", T(3, 4), 1, V([[3, 0], [1, 1], [2, 3]], INT))
case("gather", T(3, 4), -1, V([[3], [1]], INT))
case("gather", T(3, 4), 0, V([[0, 1]], INT))
case("gather", T(), 0, V(0, INT))
case("gather", T(3), 0, V([], INT))
case("gather", T(3), -1, V([[], [], []], INT))
case("gather", V([1, 2, 3], INT), 0, V([2, 2], INT))
case("gather", T(2, 3, 4), 1, V([[[0, 2, 1], [1, 1, 0]]], INT))

UNIQUE = V([[0, 2, 1, 0], [2, 0, 0, 1]], INT)
case("scatter", T(3, 4), 0, UNIQUE, T(2, 4))
case("scatter", T(3, 4), 0, UNIQUE, T(3, 5), reference=_narrowed("scatter"))
case("scatter", T(3, 5), 0, UNIQUE, T(2, 4))
case("scatter", T(3, 4), 1, V([[3, 0], [1, 2]], INT), T(2, 2))
case("scatter", T(3), 0, V([], INT), T(3), reference=_narrowed("scatter"))
case("scatter", T(), 0, V(0, INT), T())
case("scatter", V([1, 2, 3], INT), 0, V([2], INT), V([7], INT))
case("scatter", T(3, 4, grad=False), 0, INDEX, T(2, 4, grad=False), reduce="add")
case("scatter", T(3, 4, grad=False), 0, INDEX, T(2, 4, grad=False), reduce="multiply")
case("scatter.value", T(3, 4), 0, UNIQUE, 1.5)
case("scatter.value", T(3, 5), 1, V([[4], [0]], INT), 2)
case("scatter.value", V([1, 2, 3], INT), 0, V([0, 2], INT), 9)
case("scatter.value", T(3, 4, grad=False), 0, INDEX, 0.5, reduce="multiply")
case("scatter_add", T(3, 4), 0, INDEX, T(2, 4))
case("scatter_add", T(3, 5), 0, INDEX, T(3, 6), reference=_narrowed("scatter_add"))
case("scatter_add", T(3, 4), 1, V([[3, 0, 3]], INT), T(1, 3))
case("scatter_add", V([1, 2], int32), 0, V([0, 0], INT), V([5, 6], int32))
case("scatter_add", T(), 0, V(0, INT), T())
for include in (True, False):
    for reduce in ("sum", "prod", "mean", "amax", "amin"):
        case("scatter_reduce", T(3, 4, distinct=True), 0, INDEX, T(2, 4, distinct=True), reduce, include_self=include)
        case(
            "scatter_reduce", V([1, 7, -3], INT), 0, V([0, 0, 1], INT), V([5, 8, -4], INT), reduce, include_self=include
        )
        case(
            "scatter_reduce", T(3, 5, distinct=True), 1, V([[4, 4, 0]], INT), T(2, 4, distinct=True), reduce,
            include_self=include, reference=_narrowed("scatter_reduce"),
        )  # fmt: skip
case("scatter_reduce", V([2.0, 0.0, 3.0]), 0, V([0, 0, 1, 2], INT), V([0.0, 4.0, 5.0, 0.0]), "prod", second=False)
case("scatter_reduce", V([1.0, 2.0]), 0, V([0, 0, 1], INT), V([1.0, 1.0, 0.0]), "amax", differences=False)
case("take_along_dim", T(3, 4), INDEX, 0)
case("take_along_dim", T(3, 4), V([[3], [0], [1]], INT), dim=-1)
case("take_along_dim", T(1, 4), V([[3, 2], [0, 1]], INT), 1)
case("take_along_dim", T(3, 4), V([11, 0, 5], INT))

ROWS = V([2, 0, 2], INT)
case("index_add", T(3, 4), 0, ROWS, T(3, 4))
case("index_add", T(3, 4), 1, V([3, 1], int32), T(3, 2), alpha=0.5)
case("index_add", V([1, 2, 3], INT), 0, V([0, 0], INT), V([5, 6], INT), alpha=2)
case("index_add", T(), 0, V([0], INT), T())
case("index_copy", T(3, 4), 0, V([2, 0], INT), T(2, 4))
case("index_copy", T(3, 4), -1, V([1], INT), T(3, 1))
case("index_copy", T(), 0, V([0], INT), T())
case("index_fill", T(3, 4), 0, V([2, 0], INT), 1.5)
case("index_fill", T(3, 4), 1, V([2], INT), T())
case("index_fill", V([1, 2, 3], INT), 0, V([0, -1], INT), 4)
case("index_fill", T(), 0, V([0], INT), 2.0)
case("index_fill", T(3, 4), 0, V([1, 1, 2], INT), T())
case("index_fill", T(3, 4), 0, V([], INT), T())
for include in (True, False):
    for reduce in ("prod", "mean", "amax", "amin"):
        case("index_reduce", T(3, 4, distinct=True), 0, ROWS, T(3, 4, distinct=True), reduce, include_self=include)
case("index_reduce", T(3, 4, distinct=True), 1, V([3, 3], INT), T(3, 2, distinct=True), "amax")
case("index_add", T(), 0, V([0], INT), T())
case("take", T(3, 4), V([[11, 0], [-1, 5]], INT))
case("take", T(3), V(1, INT))
case("take", V([1, 2, 3], INT), V([], INT))
case("put", T(3, 4), V([11, 0, 5], INT), T(3))
case("put", T(3, 4), V([1, 1, -1], INT), T(3), True)
case("put", V([1, 2, 3], INT), V([[0, 2]], INT), V([[7, 8]], INT))

MASK = V([[True, False, True], [False, False, True]], BOOL)
case("masked_select", T(2, 3), MASK)
case("masked_select", T(2, 3), V([True, False, True], BOOL))
case("masked_select", T(3), MASK)
case("masked_select", T(), V(True, BOOL))
case("masked_select", V([1, 2], INT), V([False, False], BOOL))
case("masked_scatter", T(2, 3), MASK, T(5))
case("masked_scatter", T(2, 3), V([True, False, False], BOOL), T(2, 2))
case("masked_scatter", V([1, 2], INT), V([False, True], BOOL), V([9], INT))
case("argwhere", V([[1, 0], [0, 2]], INT))
case("argwhere", V([True, False], BOOL))
case("nonzero.as_tuple", V([[1, 0, 3], [0, 2, 0]], INT), as_tuple=True)
case("nonzero.as_tuple", V([0.0, 1.0], grad=False), as_tuple=True)
case("nonzero.as_tuple", V(3, INT), as_tuple=True)
case("nonzero_static", V([[1, 0, 3], [0, 2, 0]], INT), size=2)
case("nonzero_static", V([[1, 0, 3], [0, 2, 0]], INT), size=5)
case("nonzero_static", V([0.0, 1.0], grad=False), size=2, fill_value=7)
case("nonzero_static", V(3, INT), size=1)
case("nonzero_static", V([], INT), size=0)
case("unravel_index", V([[5, 0], [3, 4]], INT), (2, 3))
case("unravel_index", V([11, 7], int32), (2, 3, 2))
case("unravel_index", V(2, INT), (4,))
case("unravel_index", V([], INT), (2, 3))
case("one_hot", V([[0, 2], [1, 1]], INT))
case("one_hot", V([0, 2], INT), 5)
case("one_hot", V(1, INT), num_classes=2)
case("one_hot", V([], INT), 3)

NUMBERS = V([[1, 0, 4], [4, 4, 2]], INT)
case("embedding", NUMBERS, T(5, 3), 4, differences=False)
case("embedding", NUMBERS, T(5, 3), padding_idx=-3, differences=False)
case("embedding", NUMBERS, T(5, 3), scale_grad_by_freq=True, differences=False, second=False)
case("embedding", NUMBERS, T(5, 3), 0, None, 2.0, True, differences=False, second=False)
case("embedding", NUMBERS, T(5, 3, grad=False), max_norm=1.0)
case("embedding", NUMBERS, T(5, 3, grad=False), max_norm=1.5, norm_type=1.0)
