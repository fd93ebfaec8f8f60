"""The layers of the registry."""

from swiftnn import _C
from swiftnn.nn.layer import Layer, RNNBase, from_pretrained, make_layer, take_anything

_BASES = {"RNN": RNNBase, "LSTM": RNNBase, "GRU": RNNBase}

_OF_ANY_MODULE = ("Sequential", "Residual", "ZoneoutCell", "WeightNorm", "SpectralNorm")  # written in Python

for _name, _doc, _id in _C.entries(_C.LAYERS):
    if "." not in _name and _name not in _OF_ANY_MODULE:
        globals()[_name] = make_layer(_name, _doc, _id, _BASES.get(_name, Layer))

for _name in ("Embedding", "EmbeddingBag"):
    globals()[_name].from_pretrained = from_pretrained
globals()["Identity"].__init__ = take_anything
