"""Classes around the augmentations of the engine."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._signatures import LazySignature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from swiftnn._C import Generator, Tensor


class Augmentation:
    """Base of the augmentations of the registry: changes images (N, C, H, W), or one image (C, H, W)."""

    _entry: tuple[str, int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._core = _C.new_augmentation(self._entry[0], args, kwargs)
        self._given = (args, kwargs)

    def __call__(self, img: Tensor, generator: Generator | None = None) -> Tensor:
        single = img.dim() == 3
        (changed,) = self._core.apply([img.unsqueeze(0) if single else img], generator)
        return changed.squeeze(0) if single else changed

    forward = __call__

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), *self._given)

    def __repr__(self) -> str:
        args, kwargs = self._given
        options = [repr(value) for value in args] + [f"{name}={value!r}" for name, value in kwargs.items()]
        return f"{type(self).__name__}({', '.join(options)})"


def _made(cls: type[Augmentation], args: Any, kwargs: Any) -> Augmentation:
    return cls(*args, **kwargs)


class Compose:
    """One change after another."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        lines = "".join(f"\n    {transform!r}" for transform in self.transforms)
        return f"Compose({lines}\n)"


def make_augmentation(name: str, doc: str, number: int) -> type[Augmentation]:
    """The class of an augmentation of the registry."""
    namespace = {
        "__doc__": doc,
        "__module__": "swiftnn.transforms",
        "__qualname__": name,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.AUGMENTATIONS, number),
    }
    return type(name, (Augmentation,), namespace)
