from table import T, V, boolean, each, float32, inf, int32, int64, nan, uint8

COMPARISONS = ["eq", "ne", "lt", "le", "gt", "ge"]
LOGICAL = ["logical_and", "logical_or", "logical_xor"]
TESTS = ["isnan", "isinf", "isfinite", "logical_not", "isposinf", "isneginf", "signbit", "isreal"]

each(COMPARISONS, T(3, 4), T(3, 4))
each(COMPARISONS, T(3, 1), T(4))
each(COMPARISONS, V([1, 2, 3], int64), V([1, 3, 2], int32))
each(COMPARISONS, V([1, 2, 3], int64), 2)
each(COMPARISONS, V([1.0, 2.5, 3.0], float32), 2.5)
each(COMPARISONS, V([1, 2, 3], int64), 2.5)
each(COMPARISONS, V([1, 2, 200], uint8), V([1.0, 2.5, 3.0], float32))
each(COMPARISONS, V([True, False, True], boolean), V([True, True, False], boolean))
each(COMPARISONS, V([nan, inf, -inf, 0.0, nan]), V([nan, inf, inf, -0.0, 1.0]))
each(COMPARISONS, T(0, 3), T(3))
each(COMPARISONS, T(), T())

each(LOGICAL, V([True, True, False, False], boolean), V([True, False, True, False], boolean))
each(LOGICAL, V([1.5, 0.0, nan, -0.0], grad=False), V([0, 3, 0, 0], int64))
each(LOGICAL, V([2, 0], uint8), V([[1, 0], [0, 2]], int32))
each(LOGICAL, T(0, 2, grad=False), T(2, grad=False))

each(TESTS, V([1.0, nan, inf, -inf, 0.0, -0.0], grad=False))
each(TESTS, V([1.0, nan, inf, -inf], float32))
each(TESTS, V([0, 1, -5], int64))
each(TESTS, V([True, False], boolean))
each(TESTS, T(0, 3, grad=False))
each(TESTS, T(grad=False))
