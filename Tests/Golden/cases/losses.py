from table import FLOATS, T, V, case, float32, int64

CLASSES = V([1, 0, 3], int64)
WEIGHT = T(4, low=0.2, high=2.0, grad=False)
IMAGES, LABELS = T(2, 3, 2, 2), V([[[0, 1], [2, 2]], [[1, 1], [0, -100]]], int64)

for operation in ("cross_entropy", "nll_loss"):
    for reduction in ("none", "mean", "sum"):
        case(operation, T(3, 4), CLASSES, reduction=reduction)
        case(operation, T(3, 4), CLASSES, WEIGHT, reduction=reduction)
        case(operation, IMAGES, LABELS, reduction=reduction)
        case(operation, IMAGES, LABELS, T(3, low=0.2, high=2.0, grad=False), reduction=reduction)
    case(operation, T(3, 4), CLASSES, ignore_index=0)
    case(operation, T(3, 4), V([-1, 2, -1], int64), ignore_index=-1)
    case(operation, T(4), V(2, int64))
    case(operation, T(4), V(2, int64), WEIGHT)
    case(operation, T(2, 3, 2), V([[0, 1], [2, 2]], int64))
    case(operation, T(0, 4), V([], int64))
    case(operation, T(0, 4), V([], int64), reduction="sum")
    case(operation, T(3, 4), V([-100, -100, -100], int64))
    for dtype in FLOATS:
        case(operation, T(3, 4, dtype=dtype), CLASSES)

PROBABILITIES = V([[0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25], [1.0, 0.0, 0.0, 0.0]])
for reduction in ("none", "mean", "sum"):
    case("cross_entropy", T(3, 4), PROBABILITIES, reduction=reduction)
    case("cross_entropy", T(3, 4), CLASSES, label_smoothing=0.1, reduction=reduction)
    case("cross_entropy", T(3, 4), CLASSES, WEIGHT, ignore_index=0, reduction=reduction, label_smoothing=0.1)
    case("cross_entropy", T(3, 4), PROBABILITIES, WEIGHT, reduction=reduction, label_smoothing=0.2)
    case("cross_entropy", IMAGES, LABELS, label_smoothing=0.1, reduction=reduction)
DEEP = V([[[[0, 2, 1]], [[1, 0, 2]]], [[[2, 2, 0]], [[1, 1, 0]]]], int64)
for reduction in ("none", "mean"):
    case("cross_entropy", T(2, 3, 2, 1, 3), DEEP, reduction=reduction, label_smoothing=0.1)
    case("nll_loss", T(2, 3, 2, 1, 3), DEEP, V([1.0, 0.5, 2.0], grad=False), reduction=reduction, ignore_index=2)
case("cross_entropy", T(4), T(4, low=0.0, high=1.0))
case("cross_entropy", T(2, 3, 2), T(2, 3, 2, low=0.0, high=1.0))
case("cross_entropy", V([[1000.0, 0.0], [0.0, 1000.0]]), V([1, 1], int64))
case("cross_entropy", T(3, 4, dtype=float32), V([1, 2, 3], int64), label_smoothing=0.3)
