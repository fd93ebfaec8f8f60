"""The functions of the registry that PyTorch keeps at its top level."""

from swiftnn import _C

globals().update(_C.functions_of("swiftnn"))
