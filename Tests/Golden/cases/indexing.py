from table import T, V, boolean, case, float32, int32, int64


def _index(x, indices):
    return x[tuple(slice(None) if index is None else index for index in indices)]


case("index_select", T(4, 3), 0, V([2, 0, 2], int64))
case("index_select", T(4, 3), -1, V([1, 2], int32))
case("index_select", T(4, 3), 0, V([], int64))
case("index_select", T(), 0, V([0], int64))
case("index_select", V([1, 2, 3], int64), 0, V(1, int64), reference=lambda x, dim, index: x.index_select(dim, index))

MATRIX, CUBE = T(4, 3), T(2, 3, 4)
INDICES = [
    (MATRIX, [V([2, 0, 2], int64)]), (MATRIX, [V([[0, 1], [3, 2]], int64)]),
    (MATRIX, [V([0, -1], int64), V([1, -3], int64)]),
    (MATRIX, [None, V([2, 2], int64)]), (CUBE, [V([0, 1], int64), None, V([3, 0], int64)]),
    (CUBE, [None, V([[0], [2]], int64), V([1, 2], int64)]), (CUBE, [V(1, int64)]),
    (MATRIX, [V([True, False, True, True], boolean)]),
    (V([[1.0, 2.0], [3.0, 4.0]]), [V([[True, False], [True, True]], boolean)]), (MATRIX, [V([], int64)]),
    (MATRIX, [V([False] * 4, boolean)]), (CUBE, [V([1, 1], int64), V([True, False, True], boolean)]),
    (V([10, 20, 30], int64), [V([2, 2, 0], int64)]),
]  # fmt: skip
for source, indices in INDICES:
    case("index", source, indices, reference=_index)


def _index_put(x, indices, values, accumulate=False):
    """PyTorch takes no None here: positions by way of an index of all elements."""
    import torch

    every = torch.arange(x.numel()).reshape(x.shape)
    chosen = _index(every, indices)
    flat = x.reshape(-1).index_put((chosen.reshape(-1),), values.expand(chosen.shape).reshape(-1), accumulate)
    return flat.reshape(x.shape)


def _index_put_in_place(x, indices, values, accumulate=False):
    return x.copy_(_index_put(x.clone(), indices, values, accumulate))


for operation, reference in (("index_put", _index_put), ("index_put_", _index_put_in_place)):
    case(operation, MATRIX, [V([2, 0], int64)], T(2, 3), reference=reference)
    case(operation, MATRIX, [V([2, 0], int64)], T(), reference=reference)
    case(operation, MATRIX, [None, V([0, 2], int64)], T(4, 1), reference=reference)
    case(operation, CUBE, [V([0, 1], int64), None, V([3, 0], int64)], T(2, 3), reference=reference)
    case(operation, MATRIX, [V([2, 0, 2], int64)], T(3, 3), True, reference=reference)
    case(operation, MATRIX, [V([True, False, True, False], boolean)], T(2, 3), accumulate=True, reference=reference)
    case(operation, V([1, 2, 3], int64), [V([0, -1], int64)], V([7, 8], int64), reference=reference)
    case(operation, MATRIX, [V([], int64)], T(0, 3), reference=reference)

# Without gradients, into the memory itself.
PLAIN, SOLID = T(4, 3, grad=False), T(2, 3, 4, grad=False)
for accumulate in (False, True):
    case("index_put_", PLAIN, [V([2, 0], int64)], T(2, 3, grad=False), accumulate, reference=_index_put_in_place)
    case("index_put_", PLAIN, [None, V([0, -1], int64)], T(4, 1, grad=False), accumulate, reference=_index_put_in_place)
    case(
        "index_put_",
        SOLID,
        [None, V([[0], [2]], int64), V([1, 2], int64)],
        T(2, 1, 2, grad=False),
        accumulate,
        reference=_index_put_in_place,
    )
    case(
        "index_put_",
        SOLID,
        [None, V([2, 1, 0], int64)],
        T(2, 3, 4, grad=False),
        accumulate,
        reference=_index_put_in_place,
    )
    case(
        "index_put_",
        SOLID,
        [V([0, 1], int64), None, V([3, 0], int64)],
        T(2, 3, grad=False),
        accumulate,
        reference=_index_put_in_place,
    )
    case(
        "index_put_",
        PLAIN,
        [V([True, False, True, False], boolean)],
        T(grad=False),
        accumulate,
        reference=_index_put_in_place,
    )

case("nonzero", V([[1.0, 0.0, 2.0], [0.0, 0.0, 3.0]], grad=False))
case("nonzero", V([0, 1, 1], int32))
case("nonzero", V([True, False], boolean))
case("nonzero", V([0.0, 0.0], float32))
case("nonzero", V(5.0, grad=False))
case("nonzero", V(0.0, grad=False))
case("nonzero", T(0, 3, grad=False))

case("embedding", V([[1, 0, 4], [4, 4, 2]], int64), T(5, 3))
case("embedding", V(2, int64), T(5, 3))
case("embedding", V([0, 2], int32), T(4, 2))
case("embedding", V([], int64), T(4, 2))
