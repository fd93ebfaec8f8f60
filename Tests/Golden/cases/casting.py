from table import T, V, bfloat16, boolean, case, float16, float32, float64, inf, int32, int64, nan, uint8


def _to(x, dtype):
    return x.to(dtype)


for target in (float32, float64, float16, bfloat16):
    case("to", T(2, 3), target, reference=_to, differences=target == float64)
    case("to", V([-3, 0, 4], int64), target, reference=_to)
    case("to", V([True, False], boolean), target, reference=_to)
    case("to", V([nan, inf, -inf, 1e300], grad=False), target, reference=_to)
for target in (int64, int32, uint8, boolean):
    case("to", V([0.0, 0.5, 1.0, 2.9, 100.2], grad=False), target, reference=_to)
    case("to", V([0, 1, 2, 200], int64), target, reference=_to)
case("to", V([-0.5, -2.9, nan], grad=False), boolean, reference=_to)
case("to", V([-1, 256, 1 << 33], int64), uint8, reference=_to)
case("to", V([-1, 256, 1 << 33], int64), int32, reference=_to)

case("clone", T(3, 4))
case("clone", T())
case("clone", T(0, 2))
case("clone", V([1, 2], int32))
