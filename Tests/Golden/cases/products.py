from table import FLOATS, T, V, case, each, int32, int64

SHAPES = [
    ((3, 4), (4, 2)), ((4,), (4,)), ((4,), (4, 2)), ((3, 4), (4,)), ((2, 3, 4), (4, 2)), ((2, 3, 4), (2, 4, 2)),
    ((2, 1, 3, 4), (3, 4, 2)), ((3, 4), (2, 4, 2)), ((4,), (2, 4, 3)), ((2, 3, 4), (4,)), ((1, 1), (1, 1)),
    ((0, 4), (4, 2)), ((3, 0), (0, 2)), ((2, 3, 0), (0, 2)), ((2, 0, 4), (2, 4, 1)),
]  # fmt: skip
for left, right in SHAPES:
    case("matmul", T(*left), T(*right))
each(["matmul", "mm"], V([[1, 2], [3, 4]], int64), V([[5, 6], [7, 8]], int64))
each(["matmul", "mm"], V([[1, 2], [3, 4]], int32), V([[5], [7]], int32))
for dtype in FLOATS:
    case("matmul", T(3, 5, dtype=dtype), T(5, 2, dtype=dtype))
case("mm", T(3, 4), T(4, 2))
case("mm", T(3, 0), T(0, 2))
case("mm", T(0, 3), T(3, 2))

case("linear", T(3, 4), T(2, 4), T(2))
case("linear", T(3, 4), T(2, 4))
case("linear", T(2, 3, 4), T(2, 4), T(2))
case("linear", T(4), T(2, 4), T(2))
case("linear", T(0, 4), T(2, 4), T(2))
for dtype in FLOATS:
    case("linear", T(3, 5, dtype=dtype), T(2, 5, dtype=dtype), T(2, dtype=dtype))
