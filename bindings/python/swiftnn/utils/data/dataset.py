"""Datasets. Those of tensors, and what is made of them, are datasets of the engine too."""

from __future__ import annotations

import bisect
import itertools
import math
import warnings
from typing import Generic, TypeVar

import swiftnn
from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from swiftnn._C import Generator, Tensor

T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Base of datasets with examples by number: a subclass has `__getitem__`, and mostly `__len__`."""

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset[Any]) -> ConcatDataset:
        return ConcatDataset([self, other])

    def _engine(self) -> _C.Dataset | None:
        """The dataset of the engine with the same examples, as tuples of tensors; None where there is none."""
        return None


class IterableDataset(Dataset[T_co]):
    """Base of datasets that come one by one: a subclass has `__iter__`."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError("Subclasses of IterableDataset should implement __iter__.")

    def __add__(self, other: Dataset[Any]) -> ChainDataset:  # type: ignore[override]
        return ChainDataset([self, other])


def indices_tensor(indices: Iterable[Any]) -> Tensor:
    """Indices as the engine takes them."""
    if not isinstance(indices, swiftnn.Tensor):
        indices = swiftnn.as_tensor(list(indices) if not hasattr(indices, "__array__") else indices)
    return indices.to(swiftnn.int64).flatten().contiguous()


class TensorDataset(Dataset["tuple[Tensor, ...]"]):
    """Examples along the first axis of tensors, whose memory is not copied."""

    def __init__(self, *tensors: Tensor) -> None:
        assert all(tensors[0].size(0) == tensor.size(0) for tensor in tensors), "Size mismatch between tensors"
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def __len__(self) -> int:
        return len(self.tensors[0])

    def _engine(self) -> _C.Dataset | None:
        return _C.dataset_from_tensors(self.tensors)


class WindowDataset(Dataset["tuple[Tensor, ...]"]):
    """Windows of `length` neighbours along the first axis of `sequence`, each `step` behind the one before.

    The memory is not copied. With an offset, examples have a second part: the window so much later.
    """

    def __init__(self, sequence: Tensor, length: int, step: int = 1, offset: int | None = None) -> None:
        if offset is not None and offset < 0:
            raise ValueError(f"offset must be at least 0, got {offset}")
        self.sequence, self.length, self.step, self.offset = sequence, length, step, offset
        self._core = _C.dataset_windows(sequence, length, step, -1 if offset is None else offset)

    def __getitem__(self, index: int) -> tuple[Tensor, ...]:
        if not -len(self) <= index < len(self):
            raise IndexError(f"there are {len(self)} windows, and no number {index}")
        start = index % len(self) * self.step
        starts = [start] if self.offset is None else [start, start + self.offset]
        return tuple(self.sequence[at : at + self.length] for at in starts)

    def __len__(self) -> int:
        return self._core.count

    def _engine(self) -> _C.Dataset | None:
        return self._core


class StackDataset(Dataset["Any"]):
    """Examples of several datasets of one length together, as a tuple or, with names, as a dict."""

    def __init__(self, *args: Dataset[Any], **kwargs: Dataset[Any]) -> None:
        if args and kwargs:
            raise ValueError(
                "Supported either ``tuple``- (via ``args``) or``dict``- (via ``kwargs``) like input/output, but both "
                "types are given."
            )
        if not args and not kwargs:
            raise ValueError("At least one dataset should be passed")
        self.datasets: Any = args if args else kwargs
        lengths = {len(dataset) for dataset in (args or kwargs.values())}  # type: ignore[arg-type]
        if len(lengths) > 1:
            raise ValueError("Size mismatch between datasets")
        self._length = lengths.pop()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        return self._length


class ConcatDataset(Dataset["Any"]):
    """The examples of several datasets, one after another."""

    datasets: list[Dataset[Any]]
    cumulative_sizes: list[int]

    @staticmethod
    def cumsum(sequence: Iterable[Any]) -> list[int]:
        """The numbers of examples up to each dataset."""
        return list(itertools.accumulate(len(dataset) for dataset in sequence))

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = list(datasets)
        assert len(self.datasets) > 0, "datasets should not be an empty iterable"
        for dataset in self.datasets:
            assert not isinstance(dataset, IterableDataset), "ConcatDataset does not support IterableDataset"
        self.cumulative_sizes = self.cumsum(self.datasets)

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]

    def __getitem__(self, idx: int) -> Any:
        if idx < 0:
            if -idx > len(self):
                raise ValueError("absolute value of index should not exceed dataset length")
            idx += len(self)
        number = bisect.bisect_right(self.cumulative_sizes, idx)
        return self.datasets[number][idx - (self.cumulative_sizes[number - 1] if number > 0 else 0)]

    def _engine(self) -> _C.Dataset | None:
        parts = [engine_of(dataset) for dataset in self.datasets]
        known = [part for part in parts if part is not None]
        return _C.dataset_concat(known) if len(known) == len(parts) else None


class ChainDataset(IterableDataset["Any"]):
    """Iterable datasets, one after another."""

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = datasets

    def __iter__(self) -> Iterator[Any]:
        for dataset in self.datasets:
            assert isinstance(dataset, IterableDataset), "ChainDataset only supports IterableDataset"
            yield from dataset

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self.datasets)  # type: ignore[arg-type, misc]


class Subset(Dataset[T_co]):
    """Some examples of a dataset, in the order of `indices`."""

    def __init__(self, dataset: Dataset[T_co], indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, idx: Any) -> T_co:
        if isinstance(idx, list):
            return self.dataset[[self.indices[i] for i in idx]]
        return self.dataset[self.indices[idx]]

    def __getitems__(self, indices: list[int]) -> list[T_co]:
        """Several examples."""
        chosen = [self.indices[index] for index in indices]
        if callable(getattr(self.dataset, "__getitems__", None)):
            return self.dataset.__getitems__(chosen)  # type: ignore[attr-defined, no-any-return]
        return [self.dataset[index] for index in chosen]

    def __len__(self) -> int:
        return len(self.indices)

    def _engine(self) -> _C.Dataset | None:
        whole = engine_of(self.dataset)
        if whole is None:
            return None
        numbers = indices_tensor(self.indices)
        return _C.dataset_subset(whole, numbers.where(numbers >= 0, numbers + whole.count).contiguous())


def engine_of(dataset: Any) -> _C.Dataset | None:
    """The engine's dataset behind one of these classes; None for one whose examples Python makes."""
    kinds = (TensorDataset, WindowDataset, ConcatDataset, Subset)
    return dataset._engine() if type(dataset) in kinds else None


def random_split(
    dataset: Dataset[Any], lengths: Sequence[int | float], generator: Generator | None = None
) -> list[Subset[Any]]:
    """A dataset in parts of these lengths, or of these shares, at random."""
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        sizes: list[int] = []
        for i, share in enumerate(lengths):
            if share < 0 or share > 1:
                raise ValueError(f"Fraction at index {i} is not between 0 and 1")
            sizes.append(math.floor(len(dataset) * share))  # type: ignore[arg-type]
        for i in range(len(dataset) - sum(sizes)):  # type: ignore[arg-type]
            sizes[i % len(sizes)] += 1
        lengths = sizes
        for i, size in enumerate(sizes):
            if size == 0:
                warnings.warn(
                    f"Length of split at index {i} is 0. This might result in an empty dataset.", stacklevel=2
                )
    if sum(lengths) != len(dataset):  # type: ignore[arg-type]
        raise ValueError("Sum of input lengths does not equal the length of the input dataset!")
    whole = [int(length) for length in lengths]
    indices = swiftnn.randperm(sum(whole), generator=generator).tolist()
    ends = list(itertools.accumulate(whole))
    return [Subset(dataset, indices[end - length : end]) for end, length in zip(ends, whole)]
