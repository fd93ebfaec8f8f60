"""The schedules of the registry."""

from swiftnn import _C
from swiftnn.optim import scheduler as _scheduler

for _name, _doc, _id in _C.entries(_C.SCHEDULES):
    globals()[_name] = _scheduler.make_schedule(_name, _doc, _id)
