"""Functions of real numbers, element by element."""

from table import T, V, boolean, case, each, float32, inf, int32, int64, nan, uint8, unary

POSITIVE = {"low": 0.1, "high": 4.0}
INSIDE = {"low": -0.9, "high": 0.9}
NOT_WHOLE = {"low": 0.1, "high": 3.9, "away": (1, 2, 3)}

for operation in (
    "exp",
    "exp2",
    "expm1",
    "sin",
    "cos",
    "tanh",
    "sigmoid",
    "erf",
    "erfc",
    "sinh",
    "cosh",
    "asinh",
    "atan",
):
    unary(operation)
for operation in ("deg2rad", "rad2deg", "sinc"):
    unary(operation, away=(0,))
for operation in ("i0", "i0e", "i1", "i1e"):
    unary(operation, away=(0,), floats=(float32,), special=[0.0, -0.0, nan])
unary("tan", low=-1.2, high=1.2)
for operation in ("log", "log2", "log10"):
    unary(operation, **POSITIVE)
unary("log1p", low=-0.8, high=3.0)
for operation in ("asin", "acos", "atanh", "erfinv"):
    unary(operation, **INSIDE, special=[0.0, -0.0, 1.0, -1.0, 1.5, nan])
unary("acosh", low=1.1, high=4.0, special=[1.0, 0.5, inf, -inf, nan])
unary("lgamma", **POSITIVE, special=[0.0, -0.0, -1.0, inf, -inf, nan, -2.5])
unary("digamma", **POSITIVE, special=[0.0, -0.0, -1.0, inf, nan, -2.5])

each(["tanh", "sigmoid", "erf"], V([-30.0, -6.0, 6.0, 30.0]))
each(["erfc"], V([-6.0, 0.0, 3.0, 6.0, 10.0, 20.0]))
each(["expm1", "log1p", "tanh", "sin", "asinh", "atanh", "sinh"], V([1e-10, -1e-10, 1e-5]))
each(["exp", "sin", "log", "exp2", "atan", "lgamma"], V([True, True], boolean))
each(["exp"], V([-800.0, 709.0, 720.0], grad=False))
each(["exp2"], V([-1100.0, 1023.0, 1030.0], grad=False))
each(["sin", "cos", "tan"], V([100.0, 1e4, 1e6], grad=False))
each(["sinc", "i1", "i1e"], V([0.0], float32))
each(["i0e", "i1e"], V([-50.0, -9.0, 9.0, 50.0]))
each(["lgamma", "digamma"], V([20.5, 100.0, 1e4]), halves=False)
each(["lgamma", "digamma"], V([-0.5, -1.5, -3.3]))
case("erfinv", V([0.999999, -0.9999]), differences=False)

for order in (0, 1, 2, 3):
    case("polygamma", order, T(3, 4, **POSITIVE))
case("polygamma", 2, V([1, 2, 3], int64))
case("polygamma", 1, T(0, 2))
case("polygamma", 1, V([1.5, 2.5], float32))
case("polygamma.method", T(3, **POSITIVE), 2, reference=lambda x, n: x.polygamma(n))
for p in (1, 2, 4):
    case("mvlgamma", T(3, low=2.0, high=5.0), p)
case("mvlgamma", T(dtype=float32, low=2.0, high=5.0), 2)
unary("entr", **POSITIVE, special=[0.0, -0.0, -1.0, inf, -inf, nan])
unary("ndtr", floats=(float32,))
case("ndtri", T(3, 4, low=0.1, high=0.9), halves=False)
case("ndtri", V([0.0, 1.0, 0.5, -0.5, nan], grad=False))
case("ndtri", V([0.25, 0.5, 0.75], float32))
unary("logit", low=0.1, high=0.9, floats=(float32,), integers=False, special=[0.0, 1.0, 0.5, 1.5, -0.5, nan])
case("logit", V([0.05, 0.3, 0.99, 0.5]), 0.1)
case("logit", V([0.0, 1.0, 0.5], float32), eps=1e-3)
case("logit", V([0, 1], int64))

for operation in ("floor", "ceil", "trunc", "round"):
    unary(operation, **NOT_WHOLE)
    case(operation, V([-0.5, 0.5, 1.5, 2.5, -2.5, -1.2], grad=False))
unary("frac", **NOT_WHOLE, integers=False)
case("round", T(3, 4, low=0.011, high=0.989), decimals=1, differences=False)
case("round", T(3, low=100.0, high=900.0), decimals=-2, differences=False)
case("round", V([1.2345, -1.2355, 0.5], float32), decimals=3)
case("round", V([15, 25], int64))
unary("nan_to_num")
case("nan_to_num", V([nan, inf, -inf, 1.0], float32))
case("nan_to_num", V([nan, inf, -inf, 1.0]), nan=0.5, posinf=7.0, neginf=-7.0, differences=False)
case("nan_to_num", V([nan, inf, -inf, 1.0], grad=False), 3.0)
case("nan_to_num", V([True, False], boolean))

for operation in ("bitwise_not",):
    case(operation, V([0, 1, -5, 7], int64))
    case(operation, V([0, 1, 255], uint8))
    case(operation, V([True, False], boolean))
    case(operation, V([[1, 2], [3, 4]], int32))

case("squareplus", T(3, 4), b=2.0, reference=lambda x, b: (x + (x * x + b).sqrt()) / 2)
