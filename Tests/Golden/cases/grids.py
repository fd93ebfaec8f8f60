from table import T, case, float32

for aligned in (None, True, False):
    case("affine_grid", T(2, 2, 3), [2, 3, 4, 5], align_corners=aligned)
    case("affine_grid", T(1, 3, 4), [1, 2, 2, 3, 4], align_corners=aligned)
    case("affine_grid", T(2, 2, 3), (2, 1, 1, 3), aligned)
case("affine_grid", T(2, 2, 3, dtype=float32), [2, 3, 4, 5], align_corners=True)

IMAGES, PLACES = T(2, 3, 4, 5), T(2, 3, 2, 2, low=-1.7, high=1.7)
VOLUMES, POINTS = T(2, 2, 3, 4, 2), T(2, 2, 1, 3, 3, low=-1.7, high=1.7)
for padding in ("zeros", "border", "reflection"):
    for aligned in (True, False):
        for mode in ("bilinear", "nearest", "bicubic"):
            case("grid_sample", IMAGES, PLACES, mode, padding, aligned, second=False)
        for mode in ("bilinear", "nearest"):
            case("grid_sample", VOLUMES, POINTS, mode, padding, aligned, second=False)
    case("grid_sample", T(1, 1, 1, 3), T(1, 2, 2, 2, low=-4.0, high=4.0), "bilinear", padding, True, second=False)
    case("grid_sample", T(1, 1, 2, 3), T(1, 5, 2, 2, low=-9.0, high=9.0), "bicubic", padding, second=False)
case("grid_sample", IMAGES, PLACES, second=False)
case("grid_sample", T(1, 2, 3, 3, dtype=float32), T(1, 2, 2, 2, dtype=float32), second=False)
