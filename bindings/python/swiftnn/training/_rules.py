"""The stopping rules of the registry."""

from swiftnn import _C
from swiftnn.training._stopping import make_rule

for _name, _doc, _id in _C.entries(_C.STOPPING_RULES):
    globals()[_name] = make_rule(_name, _doc, _id)
