from table import FLOATS, T, V, case, each, float32, float64, inf, int64, nan

NORMALIZED = ["softmax", "log_softmax"]

each(NORMALIZED, T(3, 4), dim=1)
each(NORMALIZED, T(3, 4), 0)
each(NORMALIZED, T(2, 3, 2), dim=-2)
each(NORMALIZED, T(), dim=0)
each(NORMALIZED, T(0, 3), dim=1)
each(NORMALIZED, T(3, 0), dim=1)
each(NORMALIZED, V([[1000.0, 1001.0], [-1000.0, 0.0]]), dim=1)
each(NORMALIZED, V([[-inf, 1.0, 2.0], [inf, 1.0, 2.0], [nan, 1.0, 2.0], [-inf, -inf, -inf]], grad=False), dim=1)
each(NORMALIZED, T(4, dtype=float32), 0, dtype=float64)
each(NORMALIZED, V([1, 2, 3], int64), 0, dtype=float32)
for dtype in FLOATS:
    each(NORMALIZED, T(2, 5, dtype=dtype), 1)

case("logsumexp", T(3, 4), 1)
case("logsumexp", T(2, 3, 4), (0, 2), True)
case("logsumexp", T(2, 3), dim=-1, keepdim=True)
case("logsumexp", T(), 0)
case("logsumexp", T(0, 3), 0)
case("logsumexp", V([[1000.0, 1001.0], [-1000.0, -1002.0]]), 1)
case("logsumexp", V([[-inf, -inf], [inf, 1.0], [nan, 1.0], [-inf, 2.0]], grad=False), 1)
case("logsumexp", V([1, 2, 3], int64), 0)
for dtype in FLOATS:
    case("logsumexp", T(2, 5, dtype=dtype), 1)

each(["softmax", "log_softmax"], V([[1e4, -1e4, 0.0], [-1e4, -1e4, 1e4]]), 1)
each(["softmax", "log_softmax"], V([[-inf, 0.0, 1.0], [inf, 0.0, 1.0], [nan, 0.0, 1.0]], grad=False), 1)
case("logsumexp", V([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]]), 1)
case("logsumexp", V([[-inf, 0.0], [inf, 0.0], [-inf, -inf], [nan, 0.0]], grad=False), 1)
each(["sigmoid", "logsigmoid"], V([1e4, -1e4, 745.0, -745.0]))
each(["sigmoid", "logsigmoid"], V([inf, -inf, nan], grad=False))
