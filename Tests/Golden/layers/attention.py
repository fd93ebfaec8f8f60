from itertools import product

from table import T, V, boolean, int64, layer

HIDDEN = V([[False, True, False, False], [False, False, True, True], [False, False, False, False]], boolean)
PADDED = V([[False, False, True, False], [False, True, False, False]], boolean)
CAUSAL = V([[False, True, True], [False, False, True], [False, False, False]], boolean)
THREE = [T(3, 2, 4), T(4, 2, 4), T(4, 2, 4)]
BATCH_FIRST = [T(2, 3, 4), T(2, 4, 4), T(2, 4, 4)]
ONE = [T(3, 4), T(4, 4), T(4, 4)]

layer("MultiheadAttention", 4, 2, x=THREE)
layer("MultiheadAttention", 4, 2, 0.5, x=THREE, random=True)
for bias, extra, zero, first in product((True, False), repeat=4):
    options = {"bias": bias, "add_bias_kv": extra, "add_zero_attn": zero, "batch_first": first}
    call = {"attn_mask": HIDDEN, "key_padding_mask": PADDED, "need_weights": not bias}
    layer("MultiheadAttention", 4, 2, **options, x=BATCH_FIRST if first else THREE, call=call)
    call = {"attn_mask": T(4, 3, 4), "key_padding_mask": T(2, 4), "average_attn_weights": False}
    layer("MultiheadAttention", 4, 2, **options, x=BATCH_FIRST if first else THREE, call=call)
for sizes in ({"kdim": 3}, {"vdim": 5}, {"kdim": 3, "vdim": 5}):
    given = [T(3, 2, 4), T(4, 2, sizes.get("kdim", 4)), T(4, 2, sizes.get("vdim", 4))]
    layer("MultiheadAttention", 4, 2, **sizes, x=given)
    layer("MultiheadAttention", 4, 2, bias=False, **sizes, x=given, call={"need_weights": False})
layer("MultiheadAttention", 4, 2, x=ONE)
layer("MultiheadAttention", 4, 2, x=ONE, call={"attn_mask": T(2, 3, 4), "need_weights": False})
layer("MultiheadAttention", 4, 1, x=ONE, call={"key_padding_mask": V([False, True, False, False], boolean)})
for weights in (True, False):
    call = {"attn_mask": CAUSAL, "is_causal": True, "need_weights": weights}
    layer("MultiheadAttention", 6, 3, x=[T(3, 2, 6), T(3, 2, 6), T(3, 2, 6)], call=call)

SMALL = {"dim_feedforward": 5, "dropout": 0.0}
layer("TransformerEncoderLayer", 4, 2, 5, x=T(3, 2, 4), random=True)
layer("TransformerDecoderLayer", 4, 2, 5, x=[T(3, 2, 4), T(4, 2, 4)], random=True)
for activation, norm_first, batch_first, bias in product(("relu", "gelu"), (True, False), (True, False), (True, False)):
    options = SMALL | {"activation": activation, "norm_first": norm_first, "batch_first": batch_first, "bias": bias}
    options["layer_norm_eps"] = 1e-3
    source = T(2, 4, 4) if batch_first else T(4, 2, 4)
    target = T(2, 3, 4) if batch_first else T(3, 2, 4)
    layer("TransformerEncoderLayer", 4, 2, **options, x=source, call={"src_key_padding_mask": PADDED})
    layer("TransformerEncoderLayer", 4, 2, **options, x=target, call={"src_mask": CAUSAL, "is_causal": norm_first})
    layer("TransformerDecoderLayer", 4, 2, **options, x=[target, source])
    masks = {"tgt_mask": T(3, 3), "memory_mask": HIDDEN, "memory_key_padding_mask": PADDED}
    layer("TransformerDecoderLayer", 4, 2, **options, x=[target, source], call=masks)
    if activation == "relu":
        masks = {"tgt_mask": CAUSAL, "memory_mask": HIDDEN, "src_key_padding_mask": PADDED}
        layer("Transformer", 4, 2, 2, 1, **options, x=[source, target], call=masks)

layer("PositionalEncoding", 6, max_len=9, x=T(3, 2, 6), random=True)
layer("LearnedPositionalEncoding", 6, 0.5, 9, x=T(3, 2, 6), random=True)
for name in ("PositionalEncoding", "LearnedPositionalEncoding"):
    layer(name, 5, 0.0, 9, x=T(3, 2, 5))
    layer(name, 6, 0.0, 9, True, x=T(2, 3, 6), call={"offset": 4})
    layer(name, 6, 0.0, 9, x=T(3, 6), call={"offset": 6})
layer("RotaryEmbedding", x=T(2, 3, 6))
layer("RotaryEmbedding", 4, 100.0, True, x=T(2, 2, 3, 6), call={"offset": 5})
layer("RotaryEmbedding", interleaved=True, x=T(2, 3, 4), call={"positions": V([[0, 2, 1], [7, 8, 9]], int64)})
layer("KeyValueCache", x=[T(2, 3, 4, grad=False), T(2, 3, 5, grad=False)])
