from halves import rounded_once
from table import FLOATS, T, V, boolean, case, float32, int64

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

# Blocks of scores with every kind of mask, in float64.
LONG = (T(2, 2, 130, 3), T(2, 2, 260, 3), T(2, 2, 260, 2))
case(NAME, *LONG, T(1, 260), second=False)
case(NAME, *LONG, T(2, 1, 130, 1), second=False)
case(NAME, T(2, 4, 6, 3), T(2, 2, 5, 3), T(2, 2, 5, 2), T(2, 1, 6, 5), 0.0, False, scale=-0.5, enable_gqa=True)
case(NAME, T(2, 4, 6, 3), T(2, 1, 5, 3), T(2, 1, 5, 2), is_causal=True, enable_gqa=True)
case(NAME, T(2, 1, 3, 5), T(3, 4, 5), T(2, 3, 4, 2))
case(NAME, T(2, 3, 5), T(2, 4, 5), T(2, 4, 6), HIDDEN, 1.0)
case(NAME, T(2, 3, 5), T(2, 4, 5), T(2, 4, 6), T(3, 4), 0.3, any_values=True, differences=False)

HEADS = "multi_head_attention_forward"
NO = V([[False, True, False, False], [False, False, True, True], [False, False, False, False]], boolean)
Q, K, W = T(3, 2, 4), T(4, 2, 4), T(12, 4)
OUT = {"out_proj_weight": T(4, 4), "out_proj_bias": T(4)}
BIASES = {"bias_k": T(1, 1, 4), "bias_v": T(1, 1, 4)}
NONE = {"bias_k": None, "bias_v": None}


def heads(*inputs, weight=W, bias=T(12), extra=NONE, zero=False, p=0.0, **named):  # noqa: B008
    given = {"in_proj_weight": weight, "in_proj_bias": bias, **extra, "add_zero_attn": zero, "dropout_p": p, **OUT}
    case(HEADS, *inputs, 4, 2, **dict(sorted((given | named).items())))


heads(Q, K, K)
heads(Q, K, K, bias=None, attn_mask=NO)
heads(Q, K, K, extra=BIASES, zero=True, attn_mask=T(3, 4), key_padding_mask=T(2, 4))
heads(Q, K, K, average_attn_weights=False, attn_mask=T(4, 3, 4))
heads(T(3, 4), T(4, 4), T(4, 4), attn_mask=T(2, 3, 4))
heads(Q, K, K, p=0.5, training=False)
separate = {"use_separate_proj_weight": True, "q_proj_weight": T(4, 4), "k_proj_weight": T(4, 3)}
heads(Q, T(4, 2, 3), T(4, 2, 5), weight=None, **separate, v_proj_weight=T(4, 5))
heads(Q, K, K, static_k=T(4, 5, 2), static_v=T(4, 5, 2))

TURN = "rotary_embedding"


def turned(input, positions=None, offset=0, base=10000.0, interleaved=False, dim=None):
    import references

    return references.rotary_embedding(input, positions, offset, base, interleaved, dim)


case(TURN, T(2, 3, 6), reference=turned)
case(TURN, T(2, 2, 3, 6), None, 3, 100.0, True, reference=turned)
case(TURN, T(2, 3, 6), V([[0, 2, 1], [7, 8, 9]], int64), dim=4, reference=turned)
case(TURN, T(3, 6), V([5, 1, 2], int64), interleaved=True, dim=2, reference=turned)
for dtype in FLOATS:
    case(TURN, T(3, 4, dtype=dtype), reference=turned)
