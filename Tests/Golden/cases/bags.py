from table import T, V, case, float32, int32, int64

NUMBERS, FLAT, OFFSETS = V([[1, 2, 1], [0, 3, 2]], int64), V([1, 2, 1, 0, 3], int64), V([0, 2, 2], int64)

for mode in ("sum", "mean", "max"):
    second = {"second": False} if mode == "max" else {}
    case("embedding_bag", NUMBERS, T(5, 3, distinct=True), mode=mode, **second)
    case("embedding_bag", FLAT, T(5, 3, distinct=True), OFFSETS, mode=mode, **second)
    case(
        "embedding_bag",
        FLAT,
        T(5, 3, distinct=True),
        V([0, 2, 5], int64),
        mode=mode,
        include_last_offset=True,
        **second,
    )
    case("embedding_bag", NUMBERS, T(5, 3, distinct=True), mode=mode, padding_idx=1, **second)
case("embedding_bag", NUMBERS, T(5, 3), mode="sum", per_sample_weights=T(2, 3), second=False)
case("embedding_bag", FLAT, T(5, 3), OFFSETS, mode="sum", scale_grad_by_freq=True, differences=False, second=False)
case("embedding_bag", V([1, 2, 1, 0, 3], int32), T(5, 3, dtype=float32), V([0, 2, 2], int32))
case("embedding_bag", NUMBERS, T(5, 3, grad=False), None, 1.0, layouts=False)
