"""Nested tuples, lists and dicts of tensors, taken apart and put together again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_LEAF = object()


class Structure:
    """How leaves are nested."""

    __slots__ = ("children", "keys", "kind")

    def __init__(self, kind: Any, keys: Any = None, children: tuple[Structure, ...] = ()) -> None:
        self.kind = kind
        self.keys = keys
        self.children = children

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Structure)
            and self.kind is other.kind
            and self.keys == other.keys
            and self.children == other.children
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        if self.kind is _LEAF:
            return "*"
        inner = ", ".join(map(repr, self.children))
        return f"{self.kind.__name__}({inner})"

    @property
    def leaf_count(self) -> int:
        return 1 if self.kind is _LEAF else sum(child.leaf_count for child in self.children)


def _is_named(tree: Any) -> bool:
    return isinstance(tree, tuple) and hasattr(tree, "_fields")


def flatten(tree: Any) -> tuple[list[Any], Structure]:
    """The leaves in order, and how they were nested. None is a leaf."""
    leaves: list[Any] = []

    def visit(node: Any) -> Structure:
        if isinstance(node, dict):
            keys = list(node)
            return Structure(type(node), keys, tuple(visit(node[key]) for key in keys))
        if type(node) in (tuple, list) or _is_named(node):
            return Structure(type(node), None, tuple(visit(child) for child in node))
        leaves.append(node)
        return Structure(_LEAF)

    return leaves, visit(tree)


def unflatten(leaves: Any, structure: Structure) -> Any:
    """The tree with other leaves."""
    source = iter(leaves)

    def build(node: Structure) -> Any:
        if node.kind is _LEAF:
            return next(source)
        children = [build(child) for child in node.children]
        if node.keys is not None:
            return node.kind(zip(node.keys, children, strict=True))
        return node.kind(*children) if hasattr(node.kind, "_fields") else node.kind(children)

    return build(structure)


def tree_map(function: Any, tree: Any) -> Any:
    leaves, structure = flatten(tree)
    return unflatten([function(leaf) for leaf in leaves], structure)


def broadcast_prefix(prefix: Any, structure: Structure) -> list[Any] | None:
    """One entry for each leaf of a tree of which `prefix` gives whole branches at once; None where it does not fit."""
    result: list[Any] = []

    def visit(part: Any, node: Structure) -> bool:
        if part is None or isinstance(part, int):
            result.extend([part] * node.leaf_count)
            return True
        if node.kind is _LEAF or not isinstance(part, (tuple, list, dict)) or len(part) != len(node.children):
            return False
        if node.keys is not None:
            if not isinstance(part, dict) or (list(part) != list(node.keys) and set(part) != set(node.keys)):
                return False
            parts: Iterator[Any] = iter([part[key] for key in node.keys])
        else:
            if isinstance(part, dict):
                return False
            parts = iter(part)
        return all(visit(piece, child) for piece, child in zip(parts, node.children, strict=True))

    return result if visit(prefix, structure) else None
