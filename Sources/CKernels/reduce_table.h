// The reductions: how an element enters and how two partial results meet.
//
//   CK_REDUCE(name, result, start, map, combine)
//
// result is SAME, BOOL or COUNT (int64). map sees the element x; combine sees partial results a and b. LOWEST and
// HIGHEST are the ends of the type T.
// clang-format off
CK_REDUCE(sum,           SAME,  C(0),    x,                         M(add)(a, b))
CK_REDUCE(prod,          SAME,  C(1),    x,                         M(mul)(a, b))
CK_REDUCE(amax,          SAME,  LOWEST,  x,                         M(maximum)(a, b))
CK_REDUCE(amin,          SAME,  HIGHEST, x,                         M(minimum)(a, b))
CK_REDUCE(all,           BOOL,  1,       x != C(0),                 a & b)
CK_REDUCE(any,           BOOL,  0,       x != C(0),                 a | b)
CK_REDUCE(count_nonzero, COUNT, 0,       x != C(0),                 a + b)
CK_REDUCE(sum_squares,   SAME,  C(0),    M(mul)(x, x),              M(add)(a, b))
CK_REDUCE(sum_abs,       SAME,  C(0),    M(abs)(x),                 M(add)(a, b))
CK_REDUCE(nansum,        SAME,  C(0),    M(isnan)(x) ? C(0) : x,    M(add)(a, b))
// clang-format on
