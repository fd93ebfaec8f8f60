"""The heads of the registry."""

from swiftnn import _C
from swiftnn.training._head import make_head

for _name, _doc, _id in _C.entries(_C.HEADS):
    globals()[_name] = make_head(_name, _doc, _id)
