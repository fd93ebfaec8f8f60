"""Random numbers: PyTorch draws others, so shapes and dtypes are compared, and values where they are certain."""

from table import FLOATS, T, V, case, each, float32, float64, int32

for operation in ("rand", "randn"):
    case(operation, (3, 4), any_values=True)
    case(operation, (), any_values=True)
    case(operation, (0, 2), any_values=True)
    for dtype in (*FLOATS, float64):
        case(operation, (5,), dtype=dtype, any_values=True)
case("randint", 0, 10, (3, 4), any_values=True)
case("randint", -5, 5, (), dtype=int32, any_values=True)
case("randint", 3, 4, (2, 2))
case("randint", 0, 2, (5,), dtype=float32, any_values=True)
case("randperm", 10, any_values=True)
case("randperm", 5, dtype=int32, any_values=True)
case("randperm", 1)
case("randperm", 0)
case("bernoulli", T(3, 4, low=0.0, high=1.0, grad=False), any_values=True)
case("bernoulli", V([0.0, 1.0, 1.0, 0.0], grad=False))
case("bernoulli", T(0, 2, dtype=float32))
each(["uniform_", "normal_"], T(3, 4, grad=False), any_values=True)
each(["uniform_", "normal_"], T(5, dtype=float32), any_values=True)
case("uniform_", T(3, grad=False), 2.0, 2.0)
case("normal_", T(3, grad=False), 2.5, 0.0)
