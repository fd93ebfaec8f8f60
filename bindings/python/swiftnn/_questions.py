"""What can be asked about tensors and dtypes."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from swiftnn._C import Tensor, dtype


def is_complex(input: Tensor) -> bool:
    """False: there are no complex numbers."""
    return False


def is_conj(input: Tensor) -> bool:
    """False: there are no complex numbers."""
    return False


def is_neg(input: Tensor) -> bool:
    """False: there are no views that negate."""
    return False


def is_inference(input: Tensor) -> bool:
    """Whether the memory was made in inference mode."""
    return input.is_inference()


def is_signed(input: Tensor) -> bool:
    """Whether the dtype has negative numbers."""
    return input.dtype.is_signed


def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether both have one shape."""
    return tuple(input.shape) == tuple(other.shape)


def is_nonzero(input: Tensor) -> bool:
    """Whether the only element is not zero."""
    return bool(input)


def is_storage(obj: object) -> bool:
    """False: memory is not an object of its own."""
    return False


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest dtype that holds what both hold."""
    zeros = _C.functions_of("swiftnn")["zeros"]
    return (zeros(0, dtype=type1) + zeros(0, dtype=type2)).dtype  # type: ignore[no-any-return]


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype of a sum of two tensors or numbers."""
    pair = [value.detach() if isinstance(value, _C.Tensor) else value for value in (tensor1, tensor2)]
    if not any(isinstance(value, _C.Tensor) for value in pair):
        return promote_types(*(_C.as_tensor(value).dtype for value in pair))
    zeros = _C.functions_of("swiftnn")["zeros"]
    small = [zeros([0] * min(v.dim(), 1), dtype=v.dtype) if isinstance(v, _C.Tensor) else v for v in pair]
    return (small[0] + small[1]).dtype  # type: ignore[no-any-return]


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether an operation may write values of the one dtype into tensors of the other."""
    if to is _C.bool or from_ is _C.bool:
        return from_ is _C.bool
    return to.is_floating_point or not from_.is_floating_point


def typename(obj: Any) -> str:
    """The name of an object's type, with that of a tensor's dtype."""
    if isinstance(obj, _C.Tensor):
        return f"swiftnn.{obj.dtype.name}"
    kind = obj if isinstance(obj, type) else type(obj)
    return f"{kind.__module__}.{kind.__qualname__}" if kind.__module__ != "builtins" else kind.__qualname__


def use_deterministic_algorithms(mode: bool, *, warn_only: bool = False) -> None:
    """Nothing to choose: results never depend on the number of threads."""


def are_deterministic_algorithms_enabled() -> bool:
    """True: results never depend on the number of threads."""
    return True


def detach(input: Tensor) -> Tensor:
    """The same memory without a graph."""
    return input.detach()


def get_default_device() -> Any:
    """Where tensors are made: on the CPU."""
    from swiftnn._device import CPU

    return CPU


def set_default_device(device: Any) -> None:
    """Takes the CPU, where everything is."""
    from swiftnn._device import device as named

    if device is not None:
        named(device)
