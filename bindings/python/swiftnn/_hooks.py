"""Handles by which hooks are taken off again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_next_id = 0


def next_id() -> int:
    global _next_id
    _next_id += 1
    return _next_id


class RemovableHandle:
    """What registering a hook returns. remove() takes the hook off; so does leaving a `with`."""

    __slots__ = ("_remove", "id")

    def __init__(self, hooks: dict[int, Any], *others: dict[int, Any]) -> None:
        self.id = next_id()
        number = self.id

        def remove() -> None:
            for table in (hooks, *others):
                table.pop(number, None)

        self._remove: Callable[[], Any] | None = remove

    @classmethod
    def calling(cls, remove: Callable[[], Any]) -> RemovableHandle:
        handle = cls({})
        handle._remove = remove
        return handle

    def remove(self) -> None:
        remove, self._remove = self._remove, None
        if remove is not None:
            remove()

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()
