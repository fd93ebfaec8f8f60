"""Layers without state, as functions."""

from swiftnn import _C

globals().update(_C.functions_of("swiftnn.nn.functional"))

from swiftnn._forms import multi_head_attention_forward as multi_head_attention_forward  # noqa: E402
