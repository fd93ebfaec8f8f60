"""Signals."""

from swiftnn.signal import windows as windows
