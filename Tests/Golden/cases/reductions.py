from table import T, V, bfloat16, boolean, case, float16, float32, float64, inf, int32, int64, nan, uint8

SHAPES = [
    ((T(3, 4),), {}), ((T(2, 3, 4),), {"dim": 1}), ((T(2, 3, 4),), {"dim": -1, "keepdim": True}),
    ((T(2, 3, 4),), {"dim": (0, -1)}), ((T(2, 3, 4),), {"dim": (2, 0), "keepdim": True}), ((T(),), {}),
    ((T(),), {"dim": 0}), ((T(1, 3),), {"dim": 0}),
]  # fmt: skip
EMPTY = [((T(0, 3),), {}), ((T(0, 3),), {"dim": 0}), ((T(0, 3),), {"dim": 1}), ((T(2, 0, 3),), {"dim": (0, 1)})]

for operation in ("sum", "mean", "nansum", "nanmean"):
    for arguments, named in SHAPES + EMPTY:
        case(operation, *arguments, **named)
    case(operation, T(3, 4), None, True)
    case(operation, T(40, dtype=float32))
    case(operation, T(40, dtype=float16))
    case(operation, T(40, dtype=bfloat16))
    case(operation, T(5, dtype=float32), dtype=float64)
    if operation != "nanmean":
        case(operation, V([1, 2, 4], int64), dtype=float32)
    case(operation, V([1.0, nan, inf], grad=False))
    case(operation, V([[1.0, 2.0], [inf, -inf]], grad=False), dim=1)
for operation in ("nansum", "nanmean"):
    case(operation, V([[1.0, nan, 3.0], [nan, 2.0, nan]]), dim=1, differences=False)
    case(operation, V([[1.0, nan, 3.0], [nan, nan, nan]], grad=False), dim=1)
    case(operation, V([1.0, nan, -inf], grad=False))
case("nansum", V([1, 2, 3], int64))
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

for arguments, named in SHAPES + EMPTY:
    if not isinstance(named.get("dim", 0), tuple):
        case("prod", *arguments, **named)
case("prod", V([[2.0, 0.0, 3.0], [0.0, 0.0, 4.0]]), dim=1)
case("prod", V([[2.0, 0.0, 3.0], [5.0, 1.0, 4.0]]))
case("prod", V([2.0, 0.0, 0.0, 3.0]))
case("prod", V([3, 4, 5], int32))
case("prod", V([True, False], boolean))
case("prod", V([2.0, 3.0], float32), dtype=float64)
case("prod", T(20, dtype=bfloat16))
case("prod", V([1.0, nan, inf], grad=False))

for arguments, named in [*SHAPES, ((T(0, 3),), {}), ((T(0, 3),), {"dim": 1})]:
    if not named.get("keepdim"):
        case("count_nonzero", *arguments, **named)
case("count_nonzero", V([[0, 1], [2, 0]], int64), 0)
case("count_nonzero", V([0.0, -0.0, nan, 1.0], float32))
case("count_nonzero", V([True, False, True], boolean))

VECTOR_SHAPES = [(arguments, named) for arguments, named in SHAPES if arguments[0].shape != ()]
for operation in ("var", "std"):
    for arguments, named in VECTOR_SHAPES:
        if arguments[0].shape != (1, 3):
            case(operation, *arguments, **named)
            case(operation, *arguments, **named, correction=0)
    case(operation, T(3, 4), 1, False)
    case(operation, T(3, 4), 1, True, True)
    case(operation, T(3, 4), unbiased=False)
    case(operation, T(3, 4), dim=1, correction=2)
    case(operation, V([[1.0, 1.0], [2.0, 4.0]]), 1, differences=False, second=False)
    case(operation, V([5.0], grad=False))
    case(operation, V(5.0, grad=False), correction=0)
    case(operation, T(0, 3, grad=False), 0)
    case(operation, V([1.0, nan, inf], grad=False))
    for dtype in (float32, float16, bfloat16):
        case(operation, T(20, dtype=dtype))
for operation in ("var.unbiased", "std.unbiased"):
    case(operation, T(3, 4), False)
    case(operation, T(3, 4), True)
for operation in ("var_mean", "std_mean"):
    case(operation, T(3, 4))
    case(operation, T(2, 3, 4), (0, 2), keepdim=True)
    case(operation, T(3, 4), 1, False)
    case(operation, T(5, dtype=float32), correction=0)

COLUMNS = {"fweights": V([1, 2, 0, 3, 1], int64), "aweights": T(5, low=0.2, high=2.0)}
case("cov", T(3, 5))
case("cov", T(5))
case("cov", T())
case("cov", T(3, 5), correction=0)
case("cov", V([[1, 2, 4], [3, 1, 0]], int64))
case("cov", T(3, 5), fweights=COLUMNS["fweights"])
case("cov", T(3, 5), aweights=COLUMNS["aweights"])
case("cov", T(3, 5), correction=0, **COLUMNS)
case("cov", T(3, 5), **COLUMNS)
case("corrcoef", T(3, 5), second=False)
case("corrcoef", T(5), differences=False, second=False)
case("corrcoef", V([[1.0, 2.0, 4.0], [3.0, 1.0, 0.0]], float32))

for p in (2.0, 1.0, 3.0, 0.5, 0.0, inf, -inf, -1.0, 2.5):
    for arguments, named in SHAPES:
        tensor = T(*arguments[0].shape, distinct=True, away=(0,))
        case("norm", tensor, p, **named)
    case("norm", V([0.0, 0.0]), p, differences=False, second=False)
    case("norm", V([0.0, 3.0, -4.0]), p, differences=False, second=p == 2)
    case("norm", V([1.0, nan], grad=False), p)
    case("norm", V([inf, -1.0], grad=False), p)
    if p >= 0:
        case("norm", T(0, 3, grad=False), p, 1)
    case("norm", T(7, dtype=float32), p)
    case("vector_norm", T(3, 4, distinct=True, away=(0,)), p)
    case("vector_norm", T(2, 3, 4, distinct=True, away=(0,)), p, dim=(0, 2), keepdim=True)
case("norm", T(3, 4))
case("norm", T(3, 4, dtype=float32), 2.0, dtype=float64)
case("norm.fro", T(3, 4), "fro")
case("norm.fro", T(2, 3, 4), "fro", (1, 2))
case("norm.fro", T(2, 3, 4), dim=1, keepdim=True)
case("vector_norm", T(3, 4))
case("vector_norm", T(0, 3), dim=1)
case("vector_norm", T(5, dtype=float32), dtype=float64)

for operation in ("max.dim", "min.dim"):
    case(operation, T(3, 4, distinct=True), 1)
    case(operation, T(2, 3, 4, distinct=True), 1, True)
    case(operation, T(2, 3, 4, distinct=True), dim=-3)
    case(operation, T(), 0)
    case(operation, T(0, 3), 1)
    case(operation, V([[1.0, nan, 2.0], [inf, -inf, 0.0]], grad=False), 1)
    case(operation, V([[1, 3, 3], [2, 2, 1]], int64), 1)
    case(operation, V([[True, False]], boolean), 1)
for operation in ("max.other", "min.other"):
    case(operation, T(3, 4, distinct=True), T(4, distinct=True))
    case(operation, V([1, 5], int64), V([3, 2], int64))
case("aminmax", T(3, 4, distinct=True))
case("aminmax", T(3, 4, distinct=True), dim=1)
case("aminmax", T(3, 4, distinct=True), dim=0, keepdim=True)
case("aminmax", V([1.0, nan], grad=False))

for operation in ("cumsum", "cumprod", "logcumsumexp"):
    case(operation, T(3, 4), 1)
    case(operation, T(2, 3, 4), 0)
    case(operation, T(2, 3, 4), dim=-2)
    case(operation, T(), 0)
    case(operation, T(0, 3), 0)
    case(operation, T(3, 0), 0)
    case(operation, T(1), 0)
    case(operation, V([1.0, nan, 2.0], grad=False), 0)
    for dtype in (float32, float16, bfloat16):
        case(operation, T(9, dtype=dtype), 0)
for operation in ("cumsum", "cumprod"):
    case(operation, V([1, 2, 3], int64), 0)
    case(operation, V([1, 2, 3], uint8), 0)
    case(operation, V([True, True, False], boolean), 0)
    case(operation, V([1, 2, 3], int32), 0, dtype=float32)
case("cumprod", V([2.0, 0.0, 3.0, 4.0]), 0)
case("cumprod", V([[2.0, 0.0, 3.0, 0.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0]]), 1)
case("cumprod", V([0.0, 0.0, 3.0]), 0)
case("logcumsumexp", V([-1000.0, 0.0, 1000.0, 1.0]), 0, differences=False)
case("logcumsumexp", V([-inf, -inf, 1.0, inf], grad=False), 0)
for operation in ("cummax", "cummin"):
    case(operation, T(3, 4, distinct=True), 1)
    case(operation, T(2, 3, 4, distinct=True), 0)
    case(operation, T(), 0)
    case(operation, T(0, 3), 0)
    case(operation, V([3, 1, 3, 5, 5], int64), 0)
    case(operation, V([1.0, nan, 2.0, nan, 0.0], grad=False), 0)
    case(operation, V([1.0, 1.0, 0.0, 1.0]), 0, differences=False)

case("diff", T(5))
case("diff", T(3, 4), 2)
case("diff", T(3, 4), dim=0)
case("diff", T(3, 4), 1, -1, T(3, 1), T(3, 2))
case("diff", T(3), 5)
case("diff", T(3, 4), 0)
case("diff", V([1, 4, 9], int64))
case("diff", V([True, False, False], boolean))
case("diff", T(1))
for operation in ("trapezoid", "cumulative_trapezoid"):
    case(operation, T(5))
    case(operation, T(3, 4), dim=0)
    case(operation, T(3, 4), dx=0.5)
    case(operation, T(3, 4), T(4))
    case(operation, T(3, 4), T(3, 4), dim=0)
    case(operation, T(1))
    case(operation, V([1, 2, 3], int64), dx=0.5)
case("trapezoid", T(3, 0))

case("histc", T(40, grad=False), 5, -1.0, 1.0)
case("histc", T(40, dtype=float32), 4)
case("histc", V([1.0, 1.0, 1.0], grad=False), 3)
case("histc", V([0.0, 1.0, 2.0, nan, 5.0], grad=False), bins=4, min=0.0, max=4.0)
case("histc", T(0, grad=False), 3)
case("bincount", V([0, 3, 1, 3], int64))
case("bincount", V([0, 3, 1, 3], int32), minlength=7)
case("bincount", V([0, 3, 1, 3], int64), V([0.5, 1.0, 2.0, 0.25], grad=False))
case("bincount", V([0, 3], uint8), V([0.5, 1.0], float32))
case("bincount", V([], int64), minlength=3)
for operation in ("all", "any"):
    case(operation, V([[1, 0], [2, 3]], uint8), dim=1)
