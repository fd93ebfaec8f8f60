from table import T, V, boolean, case, float32, inf, int32, int64, nan, uint8

MASK = V([[True, False, True], [False, False, True]], boolean)

case("where", MASK, T(2, 3), T(2, 3))
case("where", MASK, T(3), T(2, 1))
case("where", V([True, False], boolean), T(2, 2), 0.5)
case("where", V([True, False], boolean), 1.5, T(3, 2))
case("where", MASK, V([1, 2, 3], int64), T(2, 3, dtype=float32))
case("where", V([True, False], boolean), V([1, 2], int32), 7)
case("where", V([True, False], boolean), V([nan, inf]), V([-inf, nan]))
case("where", T(0, 3, dtype=boolean), T(3), T(0, 3))
case("where", V(True, boolean), T(2), T(2))

case("masked_fill", T(2, 3), MASK, 0.5)
case("masked_fill", T(2, 3), V([True, False, False], boolean), -inf)
case("masked_fill", T(2, 3), MASK, T())
case("masked_fill", V([[1, 2, 3], [4, 5, 6]], int64), MASK, 9)
case("masked_fill", V([1, 2, 3], uint8), V([True, False, True], boolean), 0)
case("masked_fill", T(0, 3), T(3, dtype=boolean), 1.0)
case("masked_fill", T(), V(True, boolean), 2)

for condition in (MASK, V([0.0, 1.0, nan], grad=False), V(True, boolean), V(0, int64), T(0, 3, dtype=boolean)):
    case("where.condition", condition)
case("where.method", T(2, 3), MASK, T(3), reference=lambda x, condition, other: x.where(condition, other))
case("where.method", T(2, 3), MASK, 0.5, reference=lambda x, condition, other: x.where(condition, other))
