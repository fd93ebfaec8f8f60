"""The metrics of the registry."""

from swiftnn import _C
from swiftnn.metrics.metric import make_metric

for _name, _doc, _id in _C.entries(_C.METRICS):
    globals()[_name] = make_metric(_name, _doc, _id)
