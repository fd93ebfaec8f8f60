"""Signatures of the classes that are made from the registry."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    import inspect
    from collections.abc import Iterator
    from typing import Any


def bind(
    fields: tuple[tuple[Any, ...], ...], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Name and value of every argument, defaults included, of a call that is known to be right."""
    for position, (name, _, default, *_) in enumerate(fields):
        if position < len(args):
            yield name, args[position]
        else:
            yield name, kwargs.get(name, default)


class LazySignature:
    """__signature__ of a class, made when somebody asks: importing inspect takes longer than all of this package."""

    def __init__(self, section: int, number: int, leading: tuple[str, ...] = ()) -> None:
        self._section = section
        self._number = number
        self._leading = leading
        self._owner: type | None = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner = owner

    def __get__(self, instance: object, owner: type | None = None) -> inspect.Signature:
        if owner is not self._owner and "__init__" in _names_between(owner, self._owner):
            raise AttributeError("__signature__")
        import inspect

        kind = inspect.Parameter
        parameters = [kind(name, kind.POSITIONAL_OR_KEYWORD) for name in self._leading]
        for name, optional, default, keyword_only, *_ in _C.fields(self._section, self._number):
            parameters.append(
                kind(
                    name,
                    kind.KEYWORD_ONLY if keyword_only else kind.POSITIONAL_OR_KEYWORD,
                    default=default if optional else kind.empty,
                )
            )
        return inspect.Signature(parameters)


def _names_between(derived: type | None, base: type | None) -> set[str]:
    names: set[str] = set()
    for cls in () if derived is None else derived.__mro__:
        if cls is base:
            break
        names.update(vars(cls))
    return names
