"""The fitted transforms of the registry."""

from swiftnn import _C
from swiftnn.preprocessing.transform import make_transform

for _name, _doc, _id in _C.entries(_C.TRANSFORMS):
    globals()[_name] = make_transform(_name, _doc, _id)
