from table import INTEGERS, T, V, binary, boolean, case, each, float32, inf, int32, int64, nan, uint8, unary

NOT_ZERO = {"away": (0,)}
POSITIVE = {"low": 0.5, "high": 3.0}

for operation in ("add", "sub", "mul"):
    binary(operation)
    case(operation, 2.5, T(4))
    case(operation, 2, T(4, dtype=float32))
    case(operation, 2.5, V([1, 2], int64))
    case(operation, V([inf, -inf, nan, 1.0], grad=False), V([inf, inf, 1.0, nan], grad=False))
each(["add", "mul"], V([True, False], boolean), V([3, 4], uint8))
case("add", V([True, False, True], boolean), V([True, False, False], boolean))
case("mul", V([True, False, True], boolean), V([True, False, False], boolean))
each(["add", "sub"], T(2, 3), T(3), alpha=2)
each(["add", "sub"], T(3), T(3), alpha=-0.5)
each(["add", "sub"], V([1, 2, 3], int64), V([4, 5, 6], int64), alpha=3)

binary("div", right=NOT_ZERO)
for mode in ("floor", "trunc"):
    case("div", T(3, 4, low=-5, high=5), T(4, low=0.7, high=2), rounding_mode=mode)
    case("div", V([7, -7, 7, -7], int64), V([2, 2, -2, -2], int64), rounding_mode=mode)
    case("div", V([7, -7, 7, -7], int32), 2, rounding_mode=mode)
    case("div", V([7.0, -7.0, 0.5], grad=False), V([-2.0, 2.0, 0.25], grad=False), rounding_mode=mode)
    case("div", V([1.0, -1.0, 0.0, inf, 5.0, nan], grad=False), V([0.0, 0.0, 0.0, 2.0, inf, 1.0], grad=False),
         rounding_mode=mode)  # fmt: skip
case("div", V([1.0, -1.0, 0.0, inf], grad=False), V([0.0, 0.0, 0.0, inf], grad=False))
case("div", 3, T(4, **NOT_ZERO))
case("div", 1.0, V([1, 2, 4], int64))


def _floor_divide(a, b):
    import torch

    return torch.div(a, b, rounding_mode="floor")


binary("floor_divide", left={"low": -5, "high": 5}, right={"low": 0.7, "high": 2}, reference=_floor_divide)
case("floor_divide", V([7, -7, 7, -7], int64), V([2, 2, -2, -2], int64))
case("floor_divide", 7, V([2, 3], int64), reference=_floor_divide)

binary("pow", left=POSITIVE)
case("pow", T(3, 4), 3)
case("pow", T(4, away=(0,)), -2)
case("pow", T(4), 0)
case("pow", V([0.0, 2.0, -2.0]), V([2.0, 0.0, 3.0], grad=False))
case("pow", V([0.0, 0.0]), V([0.0, 1.0], grad=False), differences=False)
case("pow", 2, T(4))
case("pow", 2.5, T(4))
case("pow", V([-2, 3, 0], int64), V([3, 2, 0], int64))
case("pow", V([0.0, inf, -1.0, nan, 1.0, -8.0], grad=False), V([-1.0, 0.5, inf, 0.0, nan, 0.5], grad=False))

for operation in ("maximum", "minimum"):
    binary(operation, left={"distinct": True}, right={"distinct": True}, numbers=False)
    case(operation, V([1.0, 2.0, -1.0]), V([1.0, 3.0, -2.0]), differences=False)
    case(operation, V([nan, 1.0, inf, -inf], grad=False), V([1.0, nan, 2.0, 2.0], grad=False))
    case(operation, V([True, False], boolean), V([False, False], boolean))

each(["neg", "positive"], V([-3, 0, 4], int64))
each(["neg", "positive"], V([3, 0, 255], uint8))
for operation in ("neg", "positive", "square"):
    unary(operation)
for operation in ("abs", "sign"):
    unary(operation, **NOT_ZERO)
    case(operation, V([0.0, -0.0]), differences=False)
    case(operation, V([-3, 0, 4], int32))
case("sign", V([True, False], boolean))
unary("reciprocal", **NOT_ZERO)
unary("sqrt", **POSITIVE)
unary("rsqrt", **POSITIVE)
for dtype in INTEGERS:
    case("square", V([2, 3, 11], dtype))
