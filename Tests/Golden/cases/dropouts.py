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
