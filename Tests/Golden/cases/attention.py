from halves import rounded_once
from table import FLOATS, T, V, boolean, case, float32

NAME = "scaled_dot_product_attention"
MASK = V([[True, False, True, True], [False, True, True, False], [True, True, True, True]], boolean)
HIDDEN = V([[True, False, True, True], [False, False, False, False], [True, True, True, True]], boolean)

case(NAME, T(2, 3, 5), T(2, 4, 5), T(2, 4, 6))
case(NAME, T(2, 2, 3, 5), T(2, 2, 4, 5), T(2, 2, 4, 6), scale=0.7)
case(NAME, T(3, 5), T(4, 5), T(4, 6), MASK)
case(NAME, T(3, 5), T(4, 5), T(4, 6), HIDDEN)
case(NAME, T(2, 3, 5), T(2, 4, 5), T(2, 4, 6), T(3, 4))
case(NAME, T(2, 3, 5), T(2, 4, 5), T(2, 4, 6), is_causal=True)
case(NAME, T(2, 5, 5), T(2, 3, 5), T(2, 3, 6), None, 0.0, True)
case(NAME, T(1, 4, 3, 5), T(1, 2, 4, 5), T(1, 2, 4, 6), enable_gqa=True)
case(NAME, T(0, 3, 5), T(0, 4, 5), T(0, 4, 6))
case(NAME, T(2, 3, 5), T(2, 4, 5), T(2, 4, 6), None, 0.5, any_values=True, differences=False)
for causal in (False, True):
    case(NAME, T(2, 150, 8, dtype=float32), T(2, 300, 8, dtype=float32), T(2, 300, 4, dtype=float32), is_causal=causal)
for dtype in FLOATS:
    case(
        NAME,
        T(2, 3, 5, dtype=dtype),
        T(2, 4, 5, dtype=dtype),
        T(2, 4, 6, dtype=dtype),
        halves=False,
        reference=rounded_once(NAME),
    )
