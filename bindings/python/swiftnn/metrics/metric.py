"""Metrics that take in batches; they count in the engine."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._signatures import LazySignature
from swiftnn.metrics._inputs import tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Metric:
    """Base of the metrics of the registry: judges what a model gives, batch after batch."""

    _entry: tuple[str, int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._core = _C.new_metric(self._entry[0], args, kwargs)
        self._given = (args, kwargs)

    @property
    def prefers_more(self) -> bool:
        """Whether more is better."""
        return self._core.prefers_more

    def update(self, preds: Any, target: Any, weights: Any = None) -> None:
        """Takes in a batch: what the model gave, what is right, and how much each example counts."""
        self._core.update(tensor(preds), tensor(target), None if weights is None else tensor(weights))

    def compute(self) -> Any:
        """What all batches since reset() come to: a tensor, or a tuple of them for curves."""
        results = self._core.compute()
        return results[0] if len(results) == 1 else results

    def reset(self) -> None:
        """Forgets all batches."""
        self._core.reset()

    def __call__(self, preds: Any, target: Any, weights: Any = None) -> Any:
        """What one batch alone comes to; the batches before and this one stay gathered."""
        self.update(preds, target, weights)
        alone = type(self).__new__(type(self))
        Metric.__init__(alone, *self._given[0], **self._given[1])
        alone.update(preds, target, weights)
        return alone.compute()

    def state_dict(self) -> dict[str, list[Tensor]]:
        """All that has been gathered, to go on with in another process."""
        return {"gathered": list(self._core.gathered())}

    def load_state_dict(self, state_dict: dict[str, list[Tensor]]) -> None:
        """Goes on from what state_dict() returned."""
        self._core.load(state_dict["gathered"])

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._given, self.state_dict())

    def __repr__(self) -> str:
        args, kwargs = self._given
        options = [repr(value) for value in args] + [f"{name}={value!r}" for name, value in kwargs.items()]
        return f"{type(self).__name__}({', '.join(options)})"


def _restored(cls: type[Metric], given: tuple[Any, Any], state: dict[str, list[Tensor]]) -> Metric:
    metric = cls(*given[0], **given[1])
    metric.load_state_dict(state)
    return metric


def make_metric(name: str, doc: str, number: int) -> type[Metric]:
    """The class of a metric of the registry."""
    namespace = {
        "__doc__": doc,
        "__module__": "swiftnn.metrics",
        "__qualname__": name,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.METRICS, number),
    }
    return type(name, (Metric,), namespace)
