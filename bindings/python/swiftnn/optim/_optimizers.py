"""The optimizers of the registry."""

from swiftnn import _C
from swiftnn.optim.engine import make_optimizer

for _name, _doc, _id in _C.entries(_C.OPTIMIZERS):
    globals()[_name] = make_optimizer(_name, _doc, _id)
