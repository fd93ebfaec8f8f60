"""Ways to fill a parameter before training."""

from swiftnn import _C
from swiftnn.nn._from_file import from_file_ as from_file_

globals().update(_C.functions_of("swiftnn.nn.init"))
