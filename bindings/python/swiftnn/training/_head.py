"""What heads share; their parts live in the engine."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._signatures import LazySignature
from swiftnn.metrics.metric import Metric
from swiftnn.nn.layer import made_part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from swiftnn._C import Tensor
    from swiftnn.nn.module import Module


class Head:
    """What stands at the end of a model for one kind of problem. `loss` and `metrics` take what the model gives before
    `activation`."""

    _entry: tuple[str, int]  # name and id in the registry
    activation: Module
    loss: Module
    metrics: dict[str, Metric]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._given = args, kwargs
        self._core = _C.Head(self._entry[0], args, kwargs)
        self.activation, self.loss = (made_part(self._core.child(name)) for name in ("activation", "loss"))
        self.metrics = {name: _HeadMetric(self, name, metric) for name, metric in self._core.metrics().items()}

    def __call__(self, outputs: Tensor) -> Tensor:
        """Predictions from what the model gives."""
        predictions: Tensor = self.activation(outputs)
        return predictions

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), *self._given)

    def __repr__(self) -> str:
        args, kwargs = self._given
        given = [repr(value) for value in args] + [f"{name}={value!r}" for name, value in kwargs.items()]
        return f"{type(self).__name__}({', '.join(given)})"


class _HeadMetric(Metric):
    """A metric that a head holds."""

    def __init__(self, head: Head, name: str, core: _C.Metric) -> None:
        self._core = core
        self._head, self._name = head, name

    def __call__(self, preds: Any, target: Any, weights: Any = None) -> Any:
        """What one batch alone comes to; the batches before and this one stay gathered."""
        self.update(preds, target, weights)
        alone = _made(type(self._head), *self._head._given).metrics[self._name]
        alone.update(preds, target, weights)
        return alone.compute()

    def __reduce__(self) -> tuple[Any, ...]:
        return _metric, (self._head, self._name, self.state_dict())

    def __repr__(self) -> str:
        return f"{self._head!r}.metrics[{self._name!r}]"


def _made(cls: type[Head], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Head:
    return cls(*args, **kwargs)


def _metric(head: Head, name: str, state: dict[str, list[Tensor]]) -> Metric:
    metric = head.metrics[name]
    metric.load_state_dict(state)
    return metric


def make_head(name: str, doc: str, number: int) -> type[Head]:
    """The class of a head of the registry."""
    namespace = {
        "__doc__": doc,
        "__module__": "swiftnn.training",
        "__qualname__": name,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.HEADS, number),
    }
    return type(name, (Head,), namespace)
