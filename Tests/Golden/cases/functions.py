"""Functions of real numbers, element by element."""

from table import T, V, boolean, case, each, unary

POSITIVE = {"low": 0.1, "high": 4.0}

for operation in ("exp", "expm1", "sin", "cos", "tanh", "sigmoid", "erf"):
    unary(operation)
unary("log", **POSITIVE)
unary("log1p", low=-0.8, high=3.0)

each(["tanh", "sigmoid", "erf"], V([-30.0, -6.0, 6.0, 30.0]))
each(["expm1", "log1p", "tanh", "sin"], V([1e-10, -1e-10, 1e-5]))
each(["exp", "sin", "log"], V([True, True], boolean))
each(["exp"], V([-800.0, 709.0, 720.0], grad=False))
each(["sin", "cos"], V([100.0, 1e4, 1e6], grad=False))

unary("relu", away=(0,))
case("relu", V([0.0, -0.0, 1.0]), differences=False)

unary("gelu", integers=False)
case("gelu", T(3, 4), approximate="tanh")
case("gelu", T(3, 4), approximate="none")
case("gelu", V([-40.0, -9.0, 9.0, 40.0]))
case("gelu", V([-40.0, -9.0, 9.0, 40.0]), approximate="tanh")

case("squareplus", T(3, 4), b=2.0, reference=lambda x, b: (x + (x * x + b).sqrt()) / 2)
