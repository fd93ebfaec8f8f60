"""Ways to fill a parameter before training."""

from swiftnn import _C

globals().update(_C.functions_of("swiftnn.nn.init"))
