"""Layers that learn from their first input how many channels it has, and then become layers of the usual class."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn import _layers
from swiftnn.nn._module_hooks import TABLES
from swiftnn.nn.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self


class _Lazy(Module):
    """Arguments as those of the usual class without the first. Parameters come with the first call, or are loaded."""

    _kind: str
    _axes = 0  # how many axes of an input stand behind that of the channels

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.__dict__["_arguments"] = (args, kwargs)
        self.__dict__["_empty"] = self._made(0)  # wrong arguments are refused at once

    def _made(self, channels: int) -> Any:
        args, kwargs = self._arguments
        return getattr(_layers, self._kind)(channels, *args, **kwargs)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        self._empty._apply(fn, recurse)
        return self

    def forward(self, input: Tensor, *args: Any, **kwargs: Any) -> Any:
        self._become(input.shape[input.dim() - 1 - self._axes])
        return self.forward(input, *args, **kwargs)

    def _load(self, state: dict[str, Any], prefix: str, report: Any) -> None:
        channels = self._channels(state, prefix)
        if channels is None:
            super()._load(state, prefix, report)
            report.missing.extend(prefix + name for name in self._empty.state_dict())
        else:
            self._become(channels)
            self._load(state, prefix, report)

    def _channels(self, state: dict[str, Any], prefix: str) -> int | None:
        """As many as the weights that are to be loaded have."""
        found = [state[prefix + name] for name in ("weight", "running_mean") if prefix + name in state]
        shape = tuple(getattr(found[0], "shape", ())) if found else ()
        if not shape:
            return None
        if len(shape) == 1 or "Transpose" in self._kind:
            return int(shape[0])
        return int(shape[1]) * getattr(self._empty, "groups", 1)

    def _become(self, channels: int) -> None:
        made = self._made(channels)
        for parameter in self._empty.parameters():
            made.to(parameter.dtype)
        made.train(self.training)
        kept = {name: self.__dict__[name] for name in TABLES}
        self.__dict__.clear()
        self.__dict__.update(made.__dict__, **kept)
        self.__class__ = type(made)

    def extra_repr(self) -> str:
        return self._empty.extra_repr()  # type: ignore[no-any-return]


class LazyLinear(_Lazy):
    _kind = "Linear"


class LazyConv1d(_Lazy):
    _kind, _axes = "Conv1d", 1


class LazyConv2d(_Lazy):
    _kind, _axes = "Conv2d", 2


class LazyConv3d(_Lazy):
    _kind, _axes = "Conv3d", 3


class LazyConvTranspose1d(_Lazy):
    _kind, _axes = "ConvTranspose1d", 1


class LazyConvTranspose2d(_Lazy):
    _kind, _axes = "ConvTranspose2d", 2


class LazyConvTranspose3d(_Lazy):
    _kind, _axes = "ConvTranspose3d", 3


class LazyInstanceNorm1d(_Lazy):
    _kind, _axes = "InstanceNorm1d", 1


class LazyInstanceNorm2d(_Lazy):
    _kind, _axes = "InstanceNorm2d", 2


class LazyInstanceNorm3d(_Lazy):
    _kind, _axes = "InstanceNorm3d", 3


class LazyBatchNorm2d(_Lazy):
    _kind, _axes = "BatchNorm2d", 2


class LazyBatchNorm3d(_Lazy):
    _kind, _axes = "BatchNorm3d", 3


class LazyBatchNorm1d(_Lazy):
    _kind = "BatchNorm1d"

    def forward(self, input: Tensor, *args: Any, **kwargs: Any) -> Any:
        self.__dict__["_axes"] = max(input.dim() - 2, 0)
        return super().forward(input, *args, **kwargs)
