from table import FLOATS, T, case

case("dropout", T(3, 4), any_values=True)
case("dropout", T(3, 4), 0.2, any_values=True)
case("dropout", T(3, 4), p=0.5, training=False)
case("dropout", T(3, 4), 0.0)
case("dropout", T(3, 4), 1.0)
case("dropout", T(0, 2), 0.5)
case("dropout", T(), 0.5, any_values=True)
for dtype in FLOATS:
    case("dropout", T(5, dtype=dtype), 0.5, any_values=True)

SIZES = {1: (2, 3, 4), 2: (2, 3, 4, 2), 3: (2, 3, 2, 2, 2)}
for axes, size in SIZES.items():
    case(f"dropout{axes}d", T(*size), any_values=True)
    case(f"dropout{axes}d", T(*size[1:]), 0.3, any_values=True)
    case(f"dropout{axes}d", T(*size), 0.5, False)
    case(f"dropout{axes}d", T(*size), 1.0)
    case(f"dropout{axes}d", T(*size), 0.0)
for name in ("alpha_dropout", "feature_alpha_dropout"):
    case(name, T(2, 3, 4), 0.5, True, any_values=True)
    case(name, T(2, 3, 4), 0.5)
    case(name, T(2, 3, 4), 1.0, True)
    case(name, T(2, 3, dtype=FLOATS[0]), 0.2, True, any_values=True)
