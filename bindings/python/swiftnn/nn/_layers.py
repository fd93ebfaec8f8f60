"""The layers of the registry."""

from swiftnn import _C
from swiftnn.nn.layer import Layer, RNNBase, make_layer

_BASES = {"RNN": RNNBase, "LSTM": RNNBase, "GRU": RNNBase}

for _name, _doc, _id in _C.entries(_C.LAYERS):
    if "." not in _name and _name != "Sequential":  # in Python, Sequential holds any module
        globals()[_name] = make_layer(_name, _doc, _id, _BASES.get(_name, Layer))
