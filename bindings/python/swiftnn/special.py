"""Special functions."""

from swiftnn import _C

globals().update(_C.functions_of("swiftnn.special"))
