"""What functions of metrics are given, as tensors, and what they return, in the form of what was given."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

_KEPT = ("float32", "float64", "int64", "int32", "uint8", "bool")


def tensor(data: Any) -> Tensor:
    """Tensors as they are, arrays without a copy where the engine knows their type, lists in float64 or int64."""
    if isinstance(data, Tensor):
        return data
    if hasattr(data, "__array__"):
        import numpy

        array = numpy.asarray(data, order="C")
        if array.dtype.name not in _KEPT:
            if array.dtype.kind not in "iufb":
                raise ValueError(f"expects numbers, got an array of {array.dtype}")
            array = array.astype("float64" if array.dtype.kind == "f" else "int64")
        return _C.as_tensor(array)
    result = _C.as_tensor(data)
    return _C.tensor(data, dtype=_C.float64) if result.dtype.is_floating_point else result


def judge(name: str, y: Sequence[Tensor], weights: Any, /, **options: Any) -> tuple[Tensor, ...]:
    """What a metric of the engine says of all examples at once. y: what is right, and what was predicted."""
    metric = _C.new_metric(name, (), options)
    y_true, outputs = y
    metric.update(outputs, y_true, None if weights is None else tensor(weights))
    return metric.compute()


def number(name: str, y: Sequence[Tensor], weights: Any, /, **options: Any) -> float:
    """The same of a metric of one number."""
    result: float = judge(name, y, weights, **options)[0].item()
    return result


def like(result: Tensor, *given: Any) -> Any:
    """A tensor where one was given, else a NumPy array where there is NumPy."""
    if any(isinstance(data, Tensor) for data in given):
        return result
    try:
        import numpy
    except ImportError:
        return result
    return numpy.asarray(result)


def column_or_table(y: Tensor) -> Tensor:
    """Without a second axis of one column."""
    return y.reshape(-1) if y.ndim == 2 and y.shape[1] == 1 else y


class Labels:
    """Labels of classes as integers. Words stand in order; numbers are themselves."""

    def __init__(self, *given: Any) -> None:
        self.words: list[Any] | None = None
        lists = [_words(data) for data in given]
        if any(words is not None for words in lists):
            if any(words is None for words in lists):
                raise ValueError("Labels in y_true and y_pred should be of the same type")
            self.words = sorted({word for words in lists if words is not None for word in words})
            places = {word: place for place, word in enumerate(self.words)}
            self.tensors = [_C.as_tensor([places[word] for word in words or ()]) for words in lists]
        else:
            self.tensors = [_whole(column_or_table(tensor(data))) for data in given]

    def number(self, label: Any) -> int:
        """The integer of a label; for one that does not occur, one of its own."""
        if self.words is None:
            return int(label)
        if label not in self.words:
            self.words.append(label)
        return self.words.index(label)

    def numbers(self, labels: Sequence[Any]) -> list[int]:
        """The integers of labels."""
        return [self.number(label) for label in (labels.tolist() if hasattr(labels, "tolist") else labels)]

    def present(self) -> list[int]:
        """The integers that occur, in order."""
        found: list[int] = _distinct(*self.tensors).tolist()
        return found

    def names(self, numbers: Sequence[int]) -> list[Any]:
        """The labels of integers."""
        return list(numbers) if self.words is None else [self.words[number] for number in numbers]


def _distinct(*tensors: Tensor) -> Tensor:
    import swiftnn

    result: Tensor = swiftnn.unique(swiftnn.cat([each.reshape(-1) for each in tensors]))
    return result


def _words(data: Any) -> list[Any] | None:
    """A list of words, or None for numbers."""
    if isinstance(data, Tensor):
        return None
    kind = getattr(getattr(data, "dtype", None), "kind", None)
    if kind is not None and kind in "iufb":
        return None
    listed = data.tolist() if hasattr(data, "tolist") else list(data)
    return listed if listed and all(isinstance(item, str) for item in listed) else None


def _whole(y: Tensor) -> Tensor:
    if not y.dtype.is_floating_point:
        return y.to(_C.int64)
    if not bool((y == y.floor()).all()):
        raise ValueError("Classification metrics can't handle continuous targets or NaN; expects labels of classes")
    return y.to(_C.int64)
