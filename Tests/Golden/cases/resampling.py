from table import FLOATS, T, V, case, float32, uint8

case("pixel_shuffle", T(2, 8, 2, 3), 2)
case("pixel_shuffle", T(9, 2, 3), 3)
case("pixel_unshuffle", T(2, 2, 4, 6), 2)
case("pixel_unshuffle", T(1, 6, 3), 3)
case("channel_shuffle", T(2, 6, 3, 2), 3)
case(
    "channel_shuffle", T(2, 6, 3), 2, reference=lambda x, g: x.reshape(2, g, 6 // g, 3).transpose(1, 2).reshape(2, 6, 3)
)

IMAGES = {1: T(2, 2, 5), 2: T(2, 2, 4, 5), 3: T(1, 2, 3, 4, 3)}
for mode in ("nearest", "nearest-exact", "area"):
    for axes in (1, 2, 3):
        case("interpolate", IMAGES[axes], 7, mode=mode)
        case("interpolate", IMAGES[axes], [2] * axes, mode=mode)
        case("interpolate", IMAGES[axes], None, 1.7, mode)
for axes, mode in ((1, "linear"), (2, "bilinear"), (2, "bicubic"), (3, "trilinear")):
    for aligned in (False, True):
        case("interpolate", IMAGES[axes], 7, mode=mode, align_corners=aligned)
        case("interpolate", IMAGES[axes], [2] * axes, mode=mode, align_corners=aligned)
        case("interpolate", IMAGES[axes], [1] * axes, mode=mode, align_corners=aligned)
        case("interpolate", IMAGES[axes], scale_factor=1.7, mode=mode, align_corners=aligned)
    case("interpolate", IMAGES[axes], scale_factor=[0.6] * axes, mode=mode, recompute_scale_factor=True)
for mode in ("bilinear", "bicubic"):
    for aligned in (False, True):
        case("interpolate", T(1, 2, 9, 7), [4, 3], mode=mode, align_corners=aligned, antialias=True)
        case("interpolate", T(1, 2, 4, 3), [9, 7], mode=mode, align_corners=aligned, antialias=True)
for dtype in FLOATS:
    case("interpolate", T(1, 2, 4, 3, dtype=dtype), [6, 5], mode="bilinear")
case("interpolate", V([[[1, 2, 3]]], uint8), 5)
case("upsample", T(1, 2, 4, 3), 6)
case("upsample", T(1, 2, 4, 3), scale_factor=2, mode="bilinear", align_corners=True)
case("upsample_nearest", T(1, 2, 4, 3), scale_factor=2)
case("upsample_bilinear", T(1, 2, 4, 3), [7, 5])
case("interpolate", T(1, 2, 3, dtype=float32), 8, mode="linear")
