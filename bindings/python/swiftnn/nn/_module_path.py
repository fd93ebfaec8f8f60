"""Errors of the engine say which module of a model they come from."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def add_path(error: Any, module: Any) -> None:
    """Called by every module that an error passes, from the inside out: its name stands before those of its children."""
    message = getattr(error, "_engine_message", None)
    if message is None:
        return
    inner = getattr(error, "_engine_module", None)
    path = getattr(error, "_engine_path", "")
    name = next((name for name, child in module.named_modules() if id(child) == inner), "")
    if name:
        path = f"{name}.{path}" if path else name
        error.args = (f"{path}: {message}",)
    error._engine_module = id(module)
    error._engine_path = path
