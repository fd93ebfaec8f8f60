"""Modules that hold other modules or parameters in lists and dicts."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Parameter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any, Self


def _position(length: int, index: Any) -> int:
    position: int = index.__index__()
    if not -length <= position < length:
        raise IndexError(f"index {position} is out of range")
    return position % length


class _List(Module):
    """Modules named by their position."""

    def _replace(self, modules: Iterable[Module | None]) -> None:
        self.__dict__["_modules"] = {}
        for position, module in enumerate(modules):
            self.add_module(str(position), module)

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._modules.values())

    def _name_at(self, index: Any) -> str:
        return list(self._modules)[_position(len(self), index)]

    def __setitem__(self, index: int, module: Module) -> None:
        setattr(self, self._name_at(index), module)

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.isdigit()]

    def append(self, module: Module) -> Self:
        """Adds a module at the end."""
        self.add_module(str(len(self)), module)
        return self

    def extend(self, modules: Iterable[Module]) -> Self:
        """Adds modules at the end."""
        for module in list(modules):
            self.append(module)
        return self

    def insert(self, index: int, module: Module) -> Any:
        """Adds a module before a position."""
        modules = list(self._modules.values())
        if not -len(modules) <= index <= len(modules):
            raise IndexError(f"Index out of range: {index}")
        modules.insert(index, module)
        self._replace(modules)
        return self

    def pop(self, index: int = -1) -> Module:
        """Takes a module out."""
        modules = list(self._modules.values())
        module: Module = modules[_position(len(modules), index)]
        self._delete(index)
        return module

    def _delete(self, index: int | slice) -> None:
        modules = list(self._modules.values())
        if not isinstance(index, slice):
            index = _position(len(modules), index)
        del modules[index]
        self._replace(modules)


class Sequential(_List):
    """Modules called one after the other, each with the output of the one before."""

    def __init__(self, *args: Any) -> None:
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], dict) else enumerate(args)
        for name, module in named:
            self.add_module(str(name), module)

    def forward(self, input: Any) -> Any:
        for module in self._modules.values():
            input = module(input)
        return input

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(dict(list(self._modules.items())[index]))
        return self._modules[self._name_at(index)]

    def __delitem__(self, index: int | slice) -> None:
        if any(not name.isdigit() for name in self._modules):
            names = list(self._modules)
            for name in names[index] if isinstance(index, slice) else [self._name_at(index)]:
                delattr(self, name)
        else:
            self._delete(index)

    def __add__(self, other: Sequential) -> Sequential:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return Sequential(*self, *other)

    def __iadd__(self, other: Sequential) -> Self:
        if not isinstance(other, Sequential):
            raise ValueError(f"add operator supports only objects of Sequential class, but {type(other)} is given.")
        return self.extend(other)


class Residual(Module):
    """The input added to what a module makes of it."""

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, input: Any) -> Any:
        return input + self.module(input)


class ZoneoutCell(Module):
    """A recurrent cell whose states are kept from before, element by element with a probability, while training."""

    def __init__(self, cell: Module, zoneout_h: float = 0.1, zoneout_c: float = 0.1) -> None:
        from swiftnn.nn._layers import Zoneout

        super().__init__()
        self.cell = cell
        self.zoneout_h = Zoneout(zoneout_h)
        self.zoneout_c = Zoneout(zoneout_c)

    def forward(self, input: Any, hx: Any = None) -> Any:
        new = self.cell(input, hx)
        if not isinstance(new, tuple):
            return self.zoneout_h(new, new.new_zeros(new.shape) if hx is None else hx)
        h, c = [part.new_zeros(part.shape) for part in new] if hx is None else hx
        return self.zoneout_h(new[0], h), self.zoneout_c(new[1], c)


class ModuleList(_List):
    """A list of modules."""

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.extend(modules)

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)(list(self._modules.values())[index])
        return self._modules[self._name_at(index)]

    def __delitem__(self, index: int | slice) -> None:
        self._delete(index)

    def __repr__(self) -> str:
        """Neighbours that are printed alike stand in one line."""
        runs: list[tuple[int, int, str]] = []
        for position, module in enumerate(self):
            text = repr(module).replace("\n", "\n  ")
            first = runs.pop()[0] if runs and runs[-1][2] == text else position
            runs.append((first, position, text))
        lines = [f"({a}): {text}" if a == b else f"({a}-{b}): {b - a + 1} x {text}" for a, b, text in runs]
        return f"{self._get_name()}(\n  " + "\n  ".join(lines) + "\n)" if lines else f"{self._get_name()}()"

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __iadd__(self, modules: Iterable[Module]) -> Self:
        return self.extend(modules)


class ModuleDict(Module):
    """A dict of modules."""

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        if modules is not None:
            self.update(modules)

    def __getitem__(self, key: str) -> Any:
        return self._modules[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        del self._modules[key]

    def __len__(self) -> int:
        return len(self._modules)

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __contains__(self, key: object) -> bool:
        return key in self._modules

    def clear(self) -> None:
        self._modules.clear()

    def pop(self, key: str) -> Module:
        """Takes a module out."""
        return self._modules.pop(key)  # type: ignore[no-any-return]

    def keys(self) -> Iterable[str]:
        return self._modules.keys()

    def items(self) -> Iterable[tuple[str, Any]]:
        return self._modules.items()

    def values(self) -> Iterable[Any]:
        return self._modules.values()

    def get(self, key: str, default: Any = None) -> Any:
        return self._modules.get(key, default)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Adds or replaces modules."""
        for key, module in dict(modules).items():
            self[key] = module


class ParameterList(Module):
    """A list of parameters; tensors become parameters."""

    def __init__(self, values: Iterable[Any] | None = None) -> None:
        super().__init__()
        self.__dict__["_size"] = 0
        if values is not None:
            self.extend(values)

    def __len__(self) -> int:
        return self.__dict__["_size"]  # type: ignore[no-any-return]

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return type(self)([getattr(self, str(i)) for i in range(len(self))[index]])
        return getattr(self, str(_position(len(self), index)))

    def __setitem__(self, index: int, value: Any) -> None:
        setattr(self, str(_position(len(self), index)), _as_parameter(value))

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, str(i)) for i in range(len(self)))

    def append(self, value: Any) -> Self:
        """Adds a parameter at the end."""
        position = len(self)
        self.__dict__["_size"] = position + 1
        setattr(self, str(position), _as_parameter(value))
        return self

    def extend(self, values: Iterable[Any]) -> Self:
        """Adds parameters at the end."""
        for value in list(values):
            self.append(value)
        return self

    def __iadd__(self, values: Iterable[Any]) -> Self:
        return self.extend(values)

    def extra_repr(self) -> str:
        return "\n".join(f"({i}): {_describe(value)}" for i, value in enumerate(self))


class ParameterDict(Module):
    """A dict of parameters; tensors become parameters."""

    def __init__(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        super().__init__()
        self.__dict__["_keys"] = {}
        if parameters is not None:
            self.update(parameters)

    def __getitem__(self, key: str) -> Any:
        if key not in self:
            raise KeyError(key)
        return getattr(self, key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.__dict__["_keys"][key] = None
        setattr(self, key, _as_parameter(value))

    def __delitem__(self, key: str) -> None:
        del self.__dict__["_keys"][key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self.__dict__["_keys"])

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__["_keys"])

    def __contains__(self, key: object) -> bool:
        return key in self.__dict__["_keys"]

    def keys(self) -> Iterable[str]:
        return self.__dict__["_keys"].keys()  # type: ignore[no-any-return]

    def values(self) -> Iterable[Any]:
        return [self[key] for key in self]

    def items(self) -> Iterable[tuple[str, Any]]:
        return [(key, self[key]) for key in self]

    def get(self, key: str, default: Any = None) -> Any:
        return getattr(self, key) if key in self else default

    def pop(self, key: str) -> Any:
        """Takes a parameter out."""
        value = self[key]
        del self[key]
        return value

    def clear(self) -> None:
        for key in list(self):
            del self[key]

    def update(self, parameters: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> None:
        """Adds or replaces parameters."""
        for key, value in dict(parameters).items():
            self[key] = value

    def extra_repr(self) -> str:
        return "\n".join(f"({key}): {_describe(value)}" for key, value in self.items())


def _as_parameter(value: Any) -> Any:
    return Parameter(value) if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


def _describe(value: Any) -> str:
    if not isinstance(value, Tensor):
        return f"Object of type: {type(value).__name__}"
    sizes = "x".join(str(size) for size in value.shape)
    return f"{type(value).__name__} containing: [swiftnn.{value.dtype.name} of size {sizes}]"
