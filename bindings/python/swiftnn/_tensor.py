"""The methods of Tensor that are written in Python. `install` puts them on the type of the extension."""

from __future__ import annotations

from swiftnn import _C, _questions
from swiftnn._device import CPU, device
from swiftnn._hooks import RemovableHandle

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    import numpy as np

    from swiftnn._C import Tensor, dtype

    _Base: TypeAlias = Tensor
else:
    _Base = object


class Node:
    """The recorded operation that made a tensor."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        """Spelled like PyTorch's: MulBackward0."""
        words = "".join(word[:1].upper() + word[1:] for word in self._name.split("_"))
        return words if words.endswith("Backward") else f"{words}Backward0"

    def __repr__(self) -> str:
        return f"<{self.name()}>"


def _is_device(value: object) -> bool:
    return isinstance(value, (device, str))


def _rebuild(
    cls: type[Tensor], dtype: dtype, shape: tuple[int, ...], data: bytes, requires_grad: bool, state: dict[str, Any]
) -> Tensor:
    tensor = cls._wrap(_C._from_bytes(dtype, shape, data))
    if requires_grad:
        tensor.requires_grad = True
    if state:
        tensor.__dict__.update(state)
    return tensor


class _TensorMethods(_Base):
    """The functions below become methods of Tensor."""

    __array_priority__ = 1000  # NumPy leaves array + tensor to the tensor
    device = CPU
    is_cuda = False
    is_sparse = False
    is_cpu = True
    is_meta = is_quantized = False
    layout = "strided"
    is_complex = _questions.is_complex
    is_conj = _questions.is_conj
    is_neg = _questions.is_neg
    is_signed = _questions.is_signed
    is_same_size = _questions.is_same_size

    @property
    def grad_fn(self) -> Node | None:
        name = self._gradient_function()
        return None if name is None else Node(name)

    @property
    def H(self) -> Tensor:
        return self.mT

    def to(self, *args: Any, **kwargs: Any) -> Tensor:
        """The tensor with another dtype; itself when it has it already. Devices other than the CPU are errors."""
        wanted = kwargs.pop("dtype", None)
        copy = kwargs.pop("copy", False)
        unknown = set(kwargs) - {"device", "non_blocking", "memory_format"}
        if unknown:
            raise TypeError(f"to() got an unexpected keyword argument '{min(unknown)}'")
        if kwargs.get("device") is not None:
            device(kwargs["device"])
        for position, value in enumerate(args):
            if isinstance(value, (_C.dtype, type)) and not _is_device(value):
                wanted = value
            elif isinstance(value, _C.Tensor):
                wanted = value.dtype
            elif _is_device(value):
                device(value)
            elif isinstance(value, bool):  # non_blocking, then copy
                copy = copy or (value and position > 1 and isinstance(args[position - 1], bool))
            elif value is not None:
                raise TypeError(f"to() takes a dtype, a device or a Tensor, not {type(value).__name__}")
        if wanted is None or wanted == self.dtype:
            return self.clone() if copy else self
        return _C._to(self, wanted)

    def type(self, dtype: Any = None) -> Any:
        """The name of the dtype, or the tensor with another one."""
        return f"swiftnn.{self.dtype.name}" if dtype is None else self.to(dtype)

    def type_as(self, other: Tensor) -> Tensor:
        return self.to(other.dtype)

    def new_tensor(self, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: Any = False) -> Tensor:
        """A tensor with a copy of the data, of this tensor's dtype unless told otherwise."""
        wanted = self.dtype if dtype is None else dtype
        return _C.tensor(data, dtype=wanted, device=device, requires_grad=requires_grad)

    def cpu(self) -> Tensor:
        return self

    def float(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.float32)

    def double(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.float64)

    def half(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.float16)

    def bfloat16(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.bfloat16)

    def long(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.int64)

    def int(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.int32)

    def byte(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.uint8)

    def bool(self, memory_format: Any = None) -> Tensor:
        return self.to(_C.bool)

    def numpy(self, *, force: Any = False) -> np.ndarray[Any, Any]:
        """A NumPy array over the same memory."""
        import numpy

        tensor = self.detach() if force else self
        if tensor.requires_grad:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
        if tensor.dtype is _C.bfloat16:
            raise TypeError("NumPy has no bfloat16: convert the tensor first, x.float().numpy()")
        return numpy.asarray(memoryview(tensor))

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray[Any, Any]:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            if copy is False:
                raise ValueError("a conversion to another dtype cannot be done without a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    def register_hook(self, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
        """Calls hook with the gradient of this tensor; what it returns replaces the gradient."""
        if not self.requires_grad:
            raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
        number = self._add_hook(hook)
        return RemovableHandle.calling(lambda: self._remove_hook(number))

    def __contains__(self, element: Any) -> Any:
        if not isinstance(element, (_C.Tensor, float, int)):
            raise RuntimeError(f"a tensor holds numbers, not {type(element).__name__}")
        return bool((self == element).any())

    def __reduce_ex__(self, protocol: Any) -> Any:
        if not self.is_leaf:
            raise RuntimeError("only leaf tensors (made by the user) can be pickled: pickle x.detach() instead")
        return _rebuild, (type(self), self.dtype, tuple(self.shape), _C._bytes(self), self.requires_grad, self.__dict__)

    def __deepcopy__(self, memo: dict[Any, Any]) -> Tensor:
        if not self.is_leaf:
            raise RuntimeError("only leaf tensors (made by the user) can be deep-copied: copy x.detach() instead")
        if id(self) in memo:
            return memo[id(self)]  # type: ignore[no-any-return]
        import copy

        result = type(self)._wrap(self.detach().clone())
        memo[id(self)] = result
        if self.requires_grad:
            result.requires_grad = True
        if self.grad is not None:
            result.grad = copy.deepcopy(self.grad, memo)
        if self.__dict__:
            result.__dict__.update(copy.deepcopy(self.__dict__, memo))
        return result

    def __copy__(self) -> Tensor:
        result = type(self)._wrap(self)
        result.__dict__.update(self.__dict__)
        return result

    def __format__(self, spec: str) -> str:
        if self.dim() == 0:
            return format(self.item(), spec)
        return object.__format__(self, spec)


def install() -> None:
    for name, value in vars(_TensorMethods).items():
        if name not in ("__module__", "__dict__", "__weakref__", "__doc__", "__qualname__", "__annotations__"):
            setattr(_C.Tensor, name, value)
