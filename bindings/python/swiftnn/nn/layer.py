"""Modules whose parameters and forward live in the engine."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._device import device as Device
from swiftnn._signatures import LazySignature, bind
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self


class _Bound(dict):  # type: ignore[type-arg]
    """Parameters or buffers by name; what is put in also becomes the engine's."""

    def __init__(self, core: _C.Layer, prefix: str, values: dict[str, Any]) -> None:
        super().__init__(values)
        self._core = core
        self._prefix = prefix
        self._names = set(values)

    def __setitem__(self, name: str, value: Any) -> None:
        if name in self._names and self.get(name) is not value:
            self._core.set(self._prefix + name, value)
        super().__setitem__(name, value)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        return dict, (dict(self),)


class _Held(Module):
    """A module that shows a part of an engine layer: the names behind a prefix."""

    _core: _C.Layer
    _prefix: str = ""
    _part_types: dict[str, Any] = {}  # classes of children that are more than what holds parameters

    def _hold(
        self,
        core: _C.Layer,
        prefix: str,
        state: list[tuple[str, Tensor | None, bool]],
        known: dict[int, Parameter] | None = None,
    ) -> None:
        """Takes in (name, tensor, is_parameter); dotted names belong to children, made on the way.

        A tensor under several names is one parameter: `known` has those so far by where their memory is.
        """
        known = {} if known is None else known
        object.__setattr__(self, "_core", core)
        object.__setattr__(self, "_prefix", prefix)
        parameters: dict[str, Parameter | None] = {}
        buffers: dict[str, Tensor | None] = {}
        below: dict[str, list[tuple[str, Tensor | None, bool]]] = {}
        for name, tensor, is_parameter in state:
            child, dot, rest = name.partition(".")
            if dot:
                below.setdefault(child, []).append((rest, tensor, is_parameter))
            elif is_parameter:
                parameters[name] = None if tensor is None else _parameter(tensor, known)
            else:
                buffers[name] = tensor
        self.__dict__["_parameters"] = _Bound(core, prefix, parameters)
        self.__dict__["_buffers"] = _Bound(core, prefix, buffers)
        for name, part in below.items():
            child_module = self._part_types.get(name, _Part)()
            child_module._hold(core, f"{prefix}{name}.", part, known)
            self._modules[name] = child_module

    def _hold_again(self, core: _C.Layer, prefix: str) -> None:
        """After copying or loading: gives a new engine layer the parameters that this module has."""
        object.__setattr__(self, "_core", core)
        for table in ("_parameters", "_buffers"):
            values = self.__dict__[table]
            for name, value in values.items():
                if value is not None:
                    made = core.get(prefix + name)
                    if made is not None and made.dtype is not value.dtype:  # the copied layer had been converted
                        made.data = made.detach().to(value.dtype)
                    core.set(prefix + name, value)
            self.__dict__[table] = _Bound(core, prefix, values)
        for name, module in self._modules.items():
            if isinstance(module, _Part):
                module._hold_again(core, f"{prefix}{name}.")

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, Tensor) and not isinstance(value, Parameter):
            names = getattr(self.__dict__.get("_parameters"), "_names", ())
            if name in names and name not in self._parameters:  # a tensor computed from others, in place of a parameter
                self._core.set(self._prefix + name, value)
        super().__setattr__(name, value)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        buffers = dict(self._buffers)
        super()._apply(fn, recurse)
        for name, buffer in buffers.items():  # the engine keeps its tensors; they show the new memory
            changed = self._buffers[name]
            if buffer is not None and changed is not None and changed is not buffer:
                buffer.data = changed
                dict.__setitem__(self._buffers, name, buffer)
        return self


def _parameter(tensor: Tensor, known: dict[int, Parameter]) -> Parameter:
    made = Parameter._wrap(tensor)
    return known.setdefault(tensor.data_ptr(), made) if tensor.numel() > 0 else made


class _Part(_Held):
    """A child of an engine layer, which only holds parameters."""

    def _get_name(self) -> str:
        return "Part"


class Layer(_Held):
    """Base of the layers of the registry."""

    _entry: tuple[str, int]  # name and id in the registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        name, number = self._entry
        fields = _C.fields(_C.LAYERS, number)
        names = {field[0] for field in fields}
        device = None if "device" in names else kwargs.pop("device", None)
        dtype = None if "dtype" in names else kwargs.pop("dtype", None)
        if device is not None:
            Device(device)
        core = _C.Layer(name, args, kwargs)
        self._hold(core, "", core.state())
        for key, value in bind(fields, args, kwargs):
            if key not in self._parameters and key not in self._buffers and not hasattr(Module, key):
                self.__dict__[key] = value
        if dtype is not None:
            self.to(dtype)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        return self._core(*args, **kwargs)

    def extra_repr(self) -> str:
        return self._core.text()

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "training":
            self._core.train(value)
        super().__setattr__(name, value)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._hold_again(self._core, "")
        self._core.train(self.training)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        import copy

        result = type(self).__new__(type(self))
        memo[id(self)] = result
        before = _C.default_generator.get_state()  # making the engine's layer draws initial values
        state = copy.deepcopy(self.__dict__, memo)
        _C.default_generator.set_state(before)
        result.__setstate__(state)
        return result


def make_layer(name: str, doc: str, number: int) -> type[Layer]:
    """The class of a layer of the registry."""
    module, _, short = name.rpartition(".")
    namespace = {
        "__doc__": doc,
        "__module__": f"swiftnn.{module or 'nn'}",
        "__qualname__": short,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.LAYERS, number),
    }
    return type(short, (Layer,), namespace)
