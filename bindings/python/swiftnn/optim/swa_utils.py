"""Rates for averaging weights."""

from swiftnn.optim._schedules import SWALR

__all__ = ["SWALR"]
