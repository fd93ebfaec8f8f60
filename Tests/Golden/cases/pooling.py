from halves import rounded_once
from table import FLOATS, T, V, case, int64

SIZES = {1: (9,), 2: (7, 6), 3: (5, 6, 4)}


def whole(call_name):
    """PyTorch gives the positions from a function of another name."""

    def call(*arguments, **named):
        import torch

        return getattr(torch.nn.functional, call_name)(*arguments, **named)

    return call


for axes in (1, 2, 3):
    size = SIZES[axes]
    images, one = T(2, 3, *size, distinct=True), T(3, *size, distinct=True)
    name = f"max_pool{axes}d"
    case(name, images, 2)
    case(name, images, [3] * axes, 2, 1)
    case(name, images, 3, 1, 1, 1, False, True)
    case(name, images, 2, stride=2, dilation=2, ceil_mode=True, return_indices=True)
    case(name, images, 2, 3, 1, ceil_mode=True)
    case(name, one, 2)
    case(name, T(0, 3, *size), 2)
    for dtype in FLOATS:
        case(name, T(1, 2, *size, dtype=dtype, distinct=True), 2, return_indices=True, halves=False)
    name = f"adaptive_max_pool{axes}d"
    case(name, images, 3)
    case(name, images, [2] * axes, return_indices=True)
    case(name, one, [1] * axes)
    name = f"max_unpool{axes}d"
    steps = {1: [0, 3, 8], 2: [[0, 3], [9, 14]], 3: [[[0, 3], [10, 15]], [[40, 37], [60, 63]]]}[axes]
    case(name, T(1, 1, *[len(steps)] * axes), V([[steps]], int64), 3 if axes == 1 else 2)
    case(name, T(1, *[len(steps)] * axes), V([steps], int64), 3 if axes == 1 else 2)

    name = f"avg_pool{axes}d"
    case(name, T(2, 3, *size), 2)
    case(name, T(2, 3, *size), [3] * axes, 2, 1)
    case(name, T(2, 3, *size), 3, 2, 1, True, False)
    case(name, T(2, 3, *size), 3, stride=[2] * axes, padding=1, ceil_mode=True)
    case(name, T(3, *size), 2, count_include_pad=False, padding=1)
    if axes > 1:
        case(name, T(2, 3, *size), 2, divisor_override=3)
        case(name, T(2, 3, *size), 3, 2, 1, True, True, -2)
    for dtype in FLOATS if axes < 3 else FLOATS[:1]:
        case(name, T(1, 2, *size, dtype=dtype), 2)
    name = f"adaptive_avg_pool{axes}d"
    case(name, T(2, 3, *size), 3)
    case(name, T(2, 3, *size), [2] * axes)
    case(name, T(3, *size), [1] * axes)
    case(name, T(2, 3, *size), 7)
    for dtype in FLOATS:
        case(name, T(1, 2, *size, dtype=dtype), 2, reference=rounded_once(name))
    name = f"lp_pool{axes}d"
    case(name, T(2, 3, *size, low=0.2, high=2.0), 2, 3)
    case(name, T(2, 3, *size, low=0.2, high=2.0), 3.0, 2, 1)
    case(name, T(3, *size, low=0.2, high=2.0), 1.5, 2, ceil_mode=True)

case("max_pool2d", T(1, 1, 5, 150, distinct=True), (3, 2), (2, 1), (1, 0), return_indices=True)
case("max_pool2d", T(1, 1, 70, 41, distinct=True), 2, 2, return_indices=True)
case("max_pool1d", V([[1.0, float("nan"), 0.0, 2.0, float("-inf"), float("-inf")]], grad=False), 2, return_indices=True)
case("max_pool2d", V([[[1, 2], [3, 4]]], int64), 2, reference=lambda x, k: __import__("torch").max_pool2d(x, k))
case("adaptive_max_pool2d", T(2, 3, 7, 6, distinct=True), (5, 2), return_indices=True)
case("adaptive_avg_pool2d", T(2, 3, 7, 6), (5, 2))
case("max_unpool2d", T(1, 1, 2, 2), V([[[[0, 3], [11, 18]]]], int64), 2, 2, 0, (5, 4))

case("unfold.images", T(2, 3, 5, 6), 2, reference=whole("unfold"))
case("unfold.images", T(2, 3, 5, 6), (2, 3), (2, 1), (1, 2), (1, 2), reference=whole("unfold"))
case("unfold.images", T(3, 5, 6), 3, stride=2, reference=whole("unfold"))
case("fold", T(2, 12, 20), (5, 6), 2)
case("fold", T(12, 9), (4, 4), 2)
case("fold", T(2, 8, 9), 4, 2, 1, 1, 2)

for axes, size in ((2, (7, 8)), (3, (5, 7, 6))):
    name, images = f"fractional_max_pool{axes}d", T(2, 3, *size, distinct=True)
    samples = T(2, 3, axes, low=0.0, high=1.0, grad=False)
    case(name, images, 2, 3, None, True, samples)
    case(name, images, [2, 3, 2][:axes], [3, 4, 3][:axes], _random_samples=samples)
    case(name, images, 2, output_ratio=[0.5, 0.6, 0.5][:axes], return_indices=True, _random_samples=samples)
    case(name, T(3, *size, distinct=True), 2, 1, _random_samples=T(1, 3, axes, low=0.0, high=1.0, grad=False))
    case(name, images, 2, 3, any_values=True, differences=False)
