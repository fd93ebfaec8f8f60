"""The optimizers of the registry, and what is done around their steps."""

from swiftnn import _C
from swiftnn.optim.engine import make_optimizer, make_wrapper

for _name, _doc, _id in _C.entries(_C.OPTIMIZERS):
    globals()[_name] = make_optimizer(_name, _doc, _id)
for _name, _doc, _id in _C.entries(_C.WRAPPERS):
    globals()[_name] = make_wrapper(_name, _doc, _id)
