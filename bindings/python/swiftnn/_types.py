"""Limits of the element types."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn._C import dtype

_FLOATS = {  # bits of the exponent and of the fraction
    "float16": (5, 10),
    "bfloat16": (8, 7),
    "float32": (8, 23),
    "float64": (11, 52),
}
_INTEGERS = {"uint8": (0, 255), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}


class finfo:
    """Limits of a floating-point dtype."""

    def __init__(self, type: dtype | None = None) -> None:
        dtype = _C.get_default_dtype() if type is None else type
        if dtype.name not in _FLOATS:
            raise TypeError(f"finfo needs a floating-point dtype, got {dtype}")
        exponent, fraction = _FLOATS[dtype.name]
        largest = 2 ** (exponent - 1) - 1
        self.dtype = dtype.name
        self.bits = dtype.itemsize * 8
        self.eps = 2.0**-fraction
        self.max = (2.0 - self.eps) * 2.0**largest
        self.min = -self.max
        self.tiny = self.smallest_normal = 2.0 ** (1 - largest)
        self.resolution = 10.0 ** -int(fraction * 0.30103)

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:
    """Limits of an integer dtype."""

    def __init__(self, type: dtype) -> None:
        if type.name not in _INTEGERS:
            raise TypeError(f"iinfo needs an integer dtype, got {type}")
        self.dtype = type.name
        self.bits = type.itemsize * 8
        self.min, self.max = _INTEGERS[type.name]

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
