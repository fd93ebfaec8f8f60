from table import T, V, bfloat16, boolean, case, float16, float32, float64, inf, int32, int64, nan, uint8

SHAPES = [
    ((T(3, 4),), {}), ((T(2, 3, 4),), {"dim": 1}), ((T(2, 3, 4),), {"dim": -1, "keepdim": True}),
    ((T(2, 3, 4),), {"dim": (0, -1)}), ((T(2, 3, 4),), {"dim": (2, 0), "keepdim": True}), ((T(),), {}),
    ((T(),), {"dim": 0}), ((T(1, 3),), {"dim": 0}),
]  # fmt: skip
EMPTY = [((T(0, 3),), {}), ((T(0, 3),), {"dim": 0}), ((T(0, 3),), {"dim": 1}), ((T(2, 0, 3),), {"dim": (0, 1)})]

for operation in ("sum", "mean"):
    for arguments, named in SHAPES + EMPTY:
        case(operation, *arguments, **named)
    case(operation, T(3, 4), None, True)
    case(operation, T(40, dtype=float32))
    case(operation, T(40, dtype=float16))
    case(operation, T(40, dtype=bfloat16))
    case(operation, T(5, dtype=float32), dtype=float64)
    case(operation, V([1, 2, 4], int64), dtype=float32)
    case(operation, V([1.0, nan, inf], grad=False))
    case(operation, V([[1.0, 2.0], [inf, -inf]], grad=False), dim=1)
for dtype in (int32, uint8, int64):
    case("sum", V([[100, 200], [250, 3]], dtype))
case("sum", V([True, True, False], boolean))
case("sum", T(3, 4), dim=())

for operation in ("all", "any"):
    for values in ([[True, False], [True, True]], [[False, False], [False, False]]):
        case(operation, V(values, boolean))
        case(operation, V(values, boolean), dim=1)
        case(operation, V(values, boolean), dim=-2, keepdim=True)
    case(operation, V([1.0, nan, 0.0], grad=False))
    case(operation, V([1, 2, 3], int64))
    case(operation, T(0, 3, grad=False))
    case(operation, T(0, 3, grad=False), dim=0)
    case(operation, T(2, 3, 2, dtype=boolean), dim=(0, 2))
    case(operation, T(dtype=boolean))

for operation in ("amax", "amin"):
    for arguments, named in SHAPES:
        case(operation, *[T(*a.shape, distinct=True) for a in arguments], **named)
    case(operation, V([[3.0, 1.0, 3.0], [2.0, 2.0, 2.0]]), dim=1, differences=False)
    case(operation, V([[1.0, nan], [inf, -inf]], grad=False), dim=1)
    case(operation, T(0, 3), dim=1)
    for dtype in (float32, float16, bfloat16, int64, int32, uint8):
        case(operation, V([3, 1, 4, 1, 5], dtype))
    case(operation, V([True, False], boolean))
for operation in ("max", "min"):
    case(operation, T(3, 4, distinct=True))
    case(operation, T())
    case(operation, V([1.0, nan, 2.0], grad=False))
    case(operation, V([3, 1, 4], int64))
    case(operation, V([[2.0, 2.0], [1.0, 1.0]]), differences=False)

for operation in ("argmax", "argmin"):
    case(operation, T(3, 4, distinct=True))
    case(operation, T(2, 3, 4, distinct=True), dim=1)
    case(operation, T(2, 3, 4, distinct=True), dim=-1, keepdim=True)
    case(operation, T(3, 4, distinct=True), keepdim=True)
    case(operation, T())
    case(operation, T(), dim=0)
    case(operation, V([1, 3, 3, 1], int64))
    case(operation, V([1.0, nan, 2.0, nan], grad=False))
    case(operation, V([inf, -inf, 0.0], float32))
    case(operation, T(0, 3), dim=1)
