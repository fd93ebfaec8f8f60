from table import FLOATS, T, V, case, float32, int64

CLASSES, WEIGHT = V([1, 0, 3], int64), T(4, low=0.2, high=2.0, grad=False)
for reduction in ("none", "mean", "sum"):
    case("linear_cross_entropy", T(3, 5), T(4, 5), CLASSES, reduction=reduction)
    case("linear_cross_entropy", T(3, 5), T(4, 5), CLASSES, linear_bias=T(4), weight=WEIGHT, reduction=reduction)
    case("linear_cross_entropy", T(3, 5), T(4, 5), CLASSES, ignore_index=0, label_smoothing=0.2, reduction=reduction)
    case("linear_cross_entropy", T(3, 5), T(4, 5), T(3, 4, low=0.0, high=1.0, grad=False), reduction=reduction)
    case(
        "linear_cross_entropy",
        T(2, 5),
        T(3, 2, 5),
        V([[0, 2], [1, 1]], int64),
        linear_bias=T(3, 2),
        reduction=reduction,
    )
case("linear_cross_entropy", T(3, 5), T(4, 5), CLASSES, weight=WEIGHT, ignore_index=0, label_smoothing=0.2)
case("linear_cross_entropy", T(5), T(4, 5), V(2, int64))
case("linear_cross_entropy", T(5), T(4, 5), V(2, int64), reduction="none")
case("linear_cross_entropy", T(5), T(4, 5), T(4, low=0.0, high=1.0))
case("linear_cross_entropy", T(2, 5), T(3, 2, 5), T(2, 3, 2, low=0.0, high=1.0), linear_bias=T(3, 2))
case("linear_cross_entropy", T(0, 5), T(4, 5), V([], int64), reduction="sum")
# More rows than are computed at a time, of so many classes.
case("linear_cross_entropy", T(70, 1), T(20000, 1), V([i * 37 for i in range(70)], int64), differences=False)
for dtype in FLOATS:
    case("linear_cross_entropy", T(3, 5, dtype=dtype), T(4, 5, dtype=dtype), CLASSES, linear_bias=T(4, dtype=dtype))
case("linear_cross_entropy", T(3, 5, dtype=float32), T(4, 5, dtype=float32), CLASSES, label_smoothing=0.3)
