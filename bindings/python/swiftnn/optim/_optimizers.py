"""The optimizers of the registry, and what is done around their steps."""

from swiftnn import _C
from swiftnn.optim import engine as _engine

for _name, _doc, _id in _C.entries(_C.OPTIMIZERS):
    globals()[_name] = _engine.make_optimizer(_name, _doc, _id)
for _name, _doc, _id in _C.entries(_C.WRAPPERS):
    globals()[_name] = _engine.make_wrapper(_name, _doc, _id)
