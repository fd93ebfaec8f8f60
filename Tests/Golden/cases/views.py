"""Shapes made of others: repeats, flips, windows, borders, triangles, pieces."""

from table import T, V, boolean, case, each, inf, int32, int64, nan, uint8


def _star(name):
    def call(tensors, **named):
        import torch

        return getattr(torch, name)(*tensors, **named)

    return call


def _method(name):
    def call(x, *arguments, **named):
        return getattr(x, name)(*arguments, **named)

    return call


case("view_as", T(3, 4), T(2, 6, grad=False), layouts=False)
case("reshape_as", T(3, 4), T(2, 6, grad=False))
case("expand_as", T(3, 1), T(2, 3, 4, grad=False))
case("broadcast_to", T(3, 1), (2, 3, 4))
case("broadcast_to", T(), (2,))
case("broadcast_tensors", [T(3, 1), T(4), T()], reference=_star("broadcast_tensors"))
case("unflatten", T(3, 8), 1, (2, 4))
case("unflatten", T(3, 8), -1, (2, -1, 2))
case("unflatten", T(0, 2), 0, (0, 3))
case("ravel", T(3, 4))
case("ravel", T())
case("movedim", T(2, 3, 4), 0, 2)
case("movedim", T(2, 3, 4), (0, -1), (1, 0))
case("movedim", T(), 0, 0)
case("swapaxes", T(2, 3, 4), 0, -1)
case("swapaxes", V([[1, 2]], uint8), 0, 1)
case("adjoint", T(2, 3, 4))
case("contiguous", T(2, 3))
case("narrow_copy", T(5, 3), 0, 1, 3, reference=lambda *a: _method("narrow")(*a).clone())
case("narrow_copy", V([1, 2, 3], int64), -1, -2, 2)

case("repeat", T(2, 3), (2, 1))
case("repeat", T(2, 1), (3, 2, 4))
case("repeat", T(), (2, 2))
case("repeat", T(2, 3), (0, 2))
case("repeat", T(2), (1,))
case("repeat", T(1, 2, 1, 2, 1, 2, 1), (2, 2, 1, 2, 1, 2, 2))
case("repeat", V([True, False], boolean), (2,))
case("tile", T(2, 3), (2,))
case("tile", T(2), (2, 1, 2))
case("tile", T(), (3,))
case("repeat_interleave", T(2, 3), 2)
case("repeat_interleave", T(2, 3), 2, 1)
case("repeat_interleave", T(2, 3), V([2, 0, 1], int64), dim=-1)
case("repeat_interleave", T(3), V([1, 2, 3], int32), 0, output_size=6)
case("repeat_interleave", T(2, 3), V([3], int64), 0)
case("repeat_interleave", T(2, 3), 0, 0)
case("repeat_interleave.counts", V([2, 0, 3], int64))
case("repeat_interleave.counts", V([], int64))

each(["hstack", "vstack", "dstack", "column_stack"], [T(3), T(3)])
each(["hstack", "vstack", "dstack"], [T(2, 3), T(2, 3)])
each(["hstack", "vstack", "dstack", "column_stack"], [T(), T()])
each(["hstack", "column_stack"], [T(2, 3), T(2, 1)])
case("vstack", [T(3), T(2, 3)])
case("column_stack", [T(2), T(2, 3), V([1, 2], int64)])
case("block_diag", [T(2, 3), T(1, 2), T(2), T()], reference=_star("block_diag"))
case("block_diag", [V([[1]], int64), T(1, 1)], reference=_star("block_diag"))
case("block_diag", [T(0, 2), T(2, 1)], reference=_star("block_diag"))
case("meshgrid", [T(2), T(3), T()], indexing="ij")
case("meshgrid", [T(2), T(3), T(2)], indexing="xy")
case("meshgrid", [T(2)], indexing="xy")
case("cartesian_prod", [T(2), T(3)], reference=_star("cartesian_prod"))
case("cartesian_prod", [T(2)], reference=_star("cartesian_prod"))
case("combinations", T(4))
case("combinations", T(4), 3)
case("combinations", T(3), r=2, with_replacement=True)
case("combinations", V([1, 2], int64), 3)
case("combinations", T(3), 0)
case("combinations", T(3), 1)
for rank in (1, 2, 3):
    for shape in ((), (2,), (2, 3), (2, 3, 2), (2, 1, 2, 1)):
        case(f"atleast_{rank}d", T(*shape))
    case(f"atleast_{rank}d.list", [T(), T(2, 3)])

case("split", T(5, 3), 2)
case("split", T(5, 3), 3, -1)
case("split", T(0, 3), 2)
case("split.sizes", T(5, 3), (2, 0, 3))
case("split.sizes", T(5, 3), (1, 2), dim=1)
for chunks in (1, 3, 4, 7):
    case("chunk", T(6, 2), chunks)
case("chunk", T(2, 5), 2, 1)
case("unbind", T(3, 2))
case("unbind", T(3, 2), -1)
case("unbind", V([1, 2], int64))
case("tensor_split", T(7, 2), 3)
case("tensor_split", T(2, 3), 5, 1)
case("tensor_split.indices", T(7, 2), (2, 5))
case("tensor_split.indices", T(7, 2), (-2, 100, 3))
case("tensor_split.indices", T(2, 3), (), dim=1)
case("hsplit", T(4), 2)
case("hsplit", T(3, 4), 2)
case("hsplit.indices", T(3, 4), (1, 3))
case("vsplit", T(4, 2), 2)
case("vsplit.indices", T(4, 2), (1,))
case("dsplit", T(2, 2, 4), 2)
case("dsplit.indices", T(2, 2, 4), (1, 3))

case("flip", T(2, 3, 4), (0, 2))
case("flip", T(2, 3), (-1,))
case("flip", T(2, 3), ())
case("flip", T(0, 3), (0,))
case("flip", V([1, 2, 3], int64), (0,))
case("flip", T(), (0,))
case("fliplr", T(2, 3))
case("flipud", T(3))
case("flipud", T(2, 3))
case("roll", T(5), 2)
case("roll", T(2, 3), 1)
case("roll", T(2, 3), (1, -4), (0, 1))
case("roll", T(2, 3), -1, 1)
case("roll", T(0, 3), 1, 0)
case("roll", V([1, 2, 3], int64), 3, 0)
for k in (0, 1, 2, 3, -1, 6):
    case("rot90", T(2, 3), k)
case("rot90", T(2, 3, 4), 1, (1, 2))
case("rot90", T(2, 3, 4), -3, (2, 0))

for operation in ("tril", "triu"):
    for diagonal in (0, 1, -1, 5, -5):
        case(operation, T(3, 4), diagonal)
    case(operation, T(2, 3, 3))
    case(operation, T(0, 3))
    case(operation, V([[1, 2], [3, 4]], int64))
    case(operation, V([[True, True], [True, True]], boolean))
    case(operation, V([[nan, inf], [nan, inf]], grad=False))
case("diagonal", T(3, 4))
case("diagonal", T(3, 4), 1)
case("diagonal", T(3, 4), -2)
case("diagonal", T(3, 4), 7)
case("diagonal", T(2, 3, 4), 0, -1, 0)
case("diagonal", T(2, 3, 4), offset=1, dim1=1, dim2=2)
case("diag", T(3))
case("diag", T(3), -1)
case("diag", T(3, 4), 1)
case("diag_embed", T(2, 3))
case("diag_embed", T(2, 3), 1, 0, 2)
case("diag_embed", T(3), -2)
case("diag_embed", T(0))
case("diagflat", T(2, 2))
case("diagflat", T(), 1)
case("trace", T(3, 4))
case("trace", V([[1, 2], [3, 4]], int32))
case("trace", T(0, 3))
case("diagonal_scatter", T(3, 4), T(3))
case("diagonal_scatter", T(2, 3, 4), T(2, 3), 1, 1, 2)
case("select_scatter", T(3, 4), T(4), 0, 1)
case("select_scatter", T(3, 4), T(3), -1, -2)
case("slice_scatter", T(5, 3), T(2, 3), 0, 1, 3)
case("slice_scatter", T(5, 3), T(5, 2), dim=1, step=2)
case("slice_scatter", T(5), T(3), start=-3)

case("pad", T(2, 3), (1, 2))
case("pad", T(2, 3), (1, 0, 0, 2), value=1.5)
case("pad", T(2, 3), (-1, 2, 1, -1), "constant")
case("pad", T(3), ())
case("pad", T(0, 2), (1, 1, 1, 0))
case("pad", V([1, 2], int64), (1, 1), value=7)
case("pad", V([True, False], boolean), (0, 1))
for mode in ("reflect", "replicate", "circular"):
    case("pad", T(1, 2, 4), (2, 1), mode)
    case("pad", T(1, 2, 3, 4), (2, 1, 1, 2), mode=mode)
    case("pad", T(2, 3, 4), (1, 0), mode=mode)
case("pad", T(1, 1, 3, 3, 3), (1, 2, 0, 1, 2, 0), "reflect")
case("pad", T(1, 2, 3), (4, 5), "replicate")
case("pad", T(1, 2, 5), (-1, 2), "circular")

case("unfold", T(7), 0, 3, 2, reference=_method("unfold"))
case("unfold", T(3, 5), -1, 2, 1, reference=_method("unfold"))
case("unfold", T(5, 3), 0, 5, 4, reference=_method("unfold"))
case("unfold", T(4), 0, 2, 2, reference=_method("unfold"))
case("unfold", T(), 0, 1, 1, reference=_method("unfold"))
case("as_strided", T(3, 4), (2, 2), (1, 4), layouts=False)
case("as_strided", T(3, 4), (3, 3), (1, 1), 2, layouts=False)
case("as_strided", T(6), (2, 0), (1, 1), storage_offset=1, layouts=False)


def _as_strided_scatter(x, source, size, stride, storage_offset=0):
    """PyTorch's own gives gradients to the elements that it overwrites, and none to the others."""
    copy = x.clone()
    copy.as_strided(size, stride, storage_offset).copy_(source)
    return copy


for arguments, named in (
    ((T(3, 4), T(2, 2), (2, 2), (1, 4)), {}),
    ((T(6), T(2), (2,), (2,)), {"storage_offset": 1}),
    ((V([1, 2, 3], int64), V([7], int64), (1,), (1,), 2), {}),
):
    case("as_strided_scatter", *arguments, **named, layouts=False, reference=_as_strided_scatter)
case("split_with_sizes", T(5, 3), (2, 0, 3))
case("split_with_sizes", T(2, 3), (1, 2), dim=1)
case("sum_to_size", T(2, 3, 4), (3, 1))
case("sum_to_size", T(2, 3), (2, 3))
case("sum_to_size", T(2, 3), ())
case("sum_to_size", V(7, uint8), ())
case("sum_to_size", V([[200, 100]], uint8), (1, 1))
case("sum_to_size", T(0, 3), (1, 3))
case("resolve_neg", T(2, 3))
case("resolve_neg", V([1, 2], int64))

# Copies of what shares memory, and methods that change how a tensor shows its own.
SHOWN = [
    ("as_strided", T(3, 4), (2, 2), (1, 4)), ("as_strided", T(6), (2,), (2,), 1), ("squeeze", T(1, 3, 1)),
    ("squeeze", T(1, 3, 1), 0), ("transpose", T(2, 3, 4), 0, -1), ("transpose", T(), 0, 0), ("t", T(2, 3)), ("t", T(3)),
    ("unsqueeze", T(2, 3), 1), ("unsqueeze", T(), 0),
]  # fmt: skip
for name, *arguments in SHOWN:
    case(f"{name}_copy", *arguments, layouts=name != "as_strided")
    case(f"{name}_", *arguments, layouts=name != "as_strided")
for name in ("swapaxes_", "swapdims_"):
    case(name, T(2, 3, 4), 0, -1)
    case(name, V([[1, 2]], uint8), 0, 1)
case("detach_", T(2, 3))
case("alias_copy", T(2, 3))
case("diagonal_copy", T(3, 4), 1)
case("diagonal_copy", T(2, 3, 4), offset=0, dim1=1, dim2=2)
case("expand_copy", T(3, 1), (2, 3, 4))
case("permute_copy", T(2, 3, 4), (2, 0, 1))
case("select_copy", T(3, 4), -1, -2)
case("slice_copy", T(5, 3), 0, 1, 4, 2)
case("split_copy", T(5, 3), 2, reference=lambda x, size: [part.clone() for part in x.split(size)])
case("split_with_sizes_copy", T(5, 3), (2, 0, 3))
case("unbind_copy", T(3, 2), 1)
case("unfold_copy", T(7), 0, 3, 2)
case("view_copy", T(3, 4), (2, 6), layouts=False)
case("view_copy.dtype", T(2, grad=False), int64, layouts=False, reference=lambda x, dtype: x.view(dtype).clone())
case("fill_diagonal_", T(3, 4), 1.5)
case("fill_diagonal_", T(7, 2), -1, True)
case("fill_diagonal_", T(7, 2), 2.0)
case("fill_diagonal_", T(2, 5), 3, wrap=True)
case("fill_diagonal_", T(2, 2, 2), 4)
case("fill_diagonal_", V([[1, 2], [3, 4]], int64), 9)
case("fill_diagonal_", T(0, 3), 1.0)
case("constant_pad_nd", T(2, 3), (1, -1, 0, 2))
case("constant_pad_nd", T(2, 3), (1, 1), 0.5)
case("constant_pad_nd", V([1, 2], int64), (0, 2), 7)
