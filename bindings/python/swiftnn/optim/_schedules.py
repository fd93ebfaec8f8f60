"""The schedules of the registry."""

from swiftnn import _C
from swiftnn.optim.scheduler import make_schedule

for _name, _doc, _id in _C.entries(_C.SCHEDULES):
    globals()[_name] = make_schedule(_name, _doc, _id)
