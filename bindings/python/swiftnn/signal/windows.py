"""Windows for spectra."""

from swiftnn import _C

globals().update(_C.functions_of("swiftnn.signal.windows"))
