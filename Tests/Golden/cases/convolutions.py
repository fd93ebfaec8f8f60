from halves import rounded_once
from table import FLOATS, T, case

SIZES = {1: (7,), 2: (5, 6), 3: (4, 3, 5)}
KERNELS = {1: (3,), 2: (3, 2), 3: (2, 3, 2)}


def same(name):
    def call(*arguments, **named):
        import torch

        return getattr(torch, name)(*arguments, **named)

    return call


for axes in (1, 2, 3):
    name, size, kernel = f"conv{axes}d", SIZES[axes], KERNELS[axes]
    case(name, T(2, 3, *size), T(4, 3, *kernel))
    case(name, T(2, 3, *size), T(4, 3, *kernel), T(4))
    case(name, T(3, *size), T(4, 3, *kernel), T(4))
    case(name, T(2, 4, *size), T(6, 2, *kernel), T(6), 2, 1, 1, 2)
    case(name, T(1, 3, *size), T(3, 1, *kernel), stride=[2] * axes, padding=[1] * axes, groups=3)
    case(name, T(2, 2, *size), T(2, 2, *kernel), padding=2, dilation=2)
    case(name, T(2, 2, *size), T(3, 2, *[1] * axes), T(3))
    case(name, T(0, 2, *size), T(3, 2, *kernel), T(3))
    for dtype in FLOATS:
        case(name, T(1, 2, *size, dtype=dtype), T(2, 2, *kernel, dtype=dtype), T(2, dtype=dtype), padding=1)
    padded = f"{name}.padding"
    case(padded, T(2, 2, *size), T(3, 2, *kernel), T(3), padding="same", reference=same(name))
    case(padded, T(2, 2, *size), T(3, 2, *kernel), padding="valid", stride=2, reference=same(name))

    name = f"conv_transpose{axes}d"
    case(name, T(2, 3, *size), T(3, 4, *kernel))
    case(name, T(3, *size), T(3, 4, *kernel), T(4))
    case(name, T(2, 4, *size), T(4, 3, *kernel), T(6), 2, 1, 1, 2)
    case(name, T(2, 2, *size), T(2, 3, *kernel), stride=3, padding=1, output_padding=2, dilation=2)
    case(name, T(2, 2, *size), T(2, 3, *[1] * axes), T(3), stride=2)
    case(name, T(0, 2, *size), T(2, 3, *kernel), T(3))
    for dtype in FLOATS:
        case(
            name,
            T(1, 2, *size, dtype=dtype),
            T(2, 2, *kernel, dtype=dtype),
            T(2, dtype=dtype),
            stride=2,
            reference=rounded_once(name),
        )

case("conv2d", T(1, 2, 9, 40), T(17, 2, 3, 3), T(17), padding=1)
case("conv2d", T(1, 2, 8, 8), T(2, 2, 3, 3), stride=(1, 2), padding=(0, 1), dilation=(2, 1))
case("conv1d.padding", T(1, 2, 9), T(2, 2, 4), padding="same", dilation=3, reference=same("conv1d"))
case("conv2d.padding", T(1, 2, 9, 7), T(2, 1, 2, 4), padding="same", groups=2, reference=same("conv2d"))
case("convolution", T(2, 3, 6), T(4, 3, 3), T(4), [2], [1], [1], False, [0], 1)
case("convolution", T(2, 3, 6), T(3, 2, 3), T(2), [2], [1], [1], True, [1], 1)
case("convolution", T(2, 4, 6, 5), T(4, 2, 3, 3), None, [1, 2], [1, 0], [1, 1], False, [0, 0], 2)
