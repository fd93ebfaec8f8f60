"""Views, joins and slices."""

from table import T, V, boolean, case, float32, int64, uint8


def _sliced(x, dim=0, start=None, end=None, step=1):
    return x[(*(slice(None) for _ in range(dim % x.dim())), slice(start, end, step))]


# A view exists only of memory that lies right.
for operation, options in (("reshape", {}), ("view", {"layouts": False})):
    case(operation, T(3, 4), (2, 6), **options)
    case(operation, T(3, 4), (-1,), **options)
    case(operation, T(2, 3, 2), (3, -1), **options)
    case(operation, T(), (1, 1), **options)
    case(operation, T(1), (), **options)
    case(operation, T(0, 3), (3, 0, 2), **options)
    case(operation, V([1, 2, 3, 4], int64), (2, 2), **options)
case("flatten", T(2, 3, 2))
case("flatten", T(2, 3, 2), 1)
case("flatten", T(2, 3, 2), start_dim=0, end_dim=-2)
case("flatten", T())
case("flatten", T(2, 0, 3), 0, 1)
case("squeeze", T(1, 3, 1))
case("squeeze", T(1, 3, 1), 0)
case("squeeze", T(1, 3, 1), (0, -1))
case("squeeze", T(1, 3, 1), 1)
case("squeeze", T())
for dim in (0, 1, -1, -2):
    case("unsqueeze", T(2, 3), dim)
case("unsqueeze", T(), 0)
case("unsqueeze", V([True, False], boolean), -1)

case("permute", T(2, 3, 4), (2, 0, 1))
case("permute", T(2, 3, 4), (-1, 1, 0))
case("permute", T(), ())
case("permute", V([[1, 2]], uint8), (1, 0))
case("transpose", T(2, 3, 4), 0, 2)
case("transpose", T(2, 3), -1, -2)
case("transpose", T(2, 3), 1, 1)
case("transpose", T(), 0, -1)
case("t", T(2, 3))
case("t", T(3))
case("t", T())
case("expand", T(3, 1), (3, 4))
case("expand", T(3, 1), (2, -1, 4))
case("expand", T(), (2, 2))
case("expand", T(1, 2), (0, 2))
case("expand", V([[1], [2]], int64), (2, 3))

case("slice", T(5, 3), 0, 1, 4, reference=_sliced)
case("slice", T(5, 3), -1, None, 2, reference=_sliced)
case("slice", T(5, 3), 0, -3, None, 2, reference=_sliced)
case("slice", T(7), 0, 1, 100, 3, reference=_sliced)
case("slice", T(4, 2), 0, 3, 1, reference=_sliced)
case("slice", T(4, 2), 0, -100, 100, reference=_sliced)
case("select", T(3, 4), 0, 1)
case("select", T(3, 4), -1, -2)
case("select", V([1, 2, 3], int64), 0, 2)
case("narrow", T(5, 3), 0, 1, 3)
case("narrow", T(5, 3), -1, -2, 2)
case("narrow", T(5, 3), 0, 5, 0)

case("cat", [T(2, 3), T(1, 3)])
case("cat", [T(2, 3), T(2, 1), T(2, 2)], 1)
case("cat", [T(2, 3), T(2, 1)], dim=-1)
case("cat", [T(2), V([1, 2], int64)])
case("cat", [T(2, dtype=float32), T(3, grad=False)])
case("cat", [T(0), T(2, 3)])
case("cat", [T(0, 3), T(2, 3)])
case("cat", [T(3)])
case("stack", [T(2, 3), T(2, 3)])
case("stack", [T(2, 3), T(2, 3)], 1)
case("stack", [T(2, 3), T(2, 3), T(2, 3)], dim=-1)
case("stack", [T(), T()])
case("stack", [V([1], uint8), V([2], int64)])
case("stack", [T(0, 2), T(0, 2)], -1)
