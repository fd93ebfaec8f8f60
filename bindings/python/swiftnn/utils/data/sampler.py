"""Samplers: which examples an epoch has, and in which order."""

from __future__ import annotations

import itertools
from typing import Generic, TypeVar

import swiftnn
from swiftnn.utils.data.dataset import indices_tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Sized
    from typing import Any, Literal

    from swiftnn._C import Generator, Tensor

T_co = TypeVar("T_co", covariant=True)


class Sampler(Generic[T_co]):
    """Base of samplers: a subclass has `__iter__`, and mostly `__len__`."""

    def __init__(self, data_source: Sized | None = None) -> None:
        pass

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError

    def _engine(self) -> dict[str, Any] | None:
        """Options of the engine's loader that give this sampler's orders; None where Python gives them."""
        return None

    generator: Generator | None = None


class SequentialSampler(Sampler[int]):
    """0, 1, 2, …"""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)

    def _engine(self) -> dict[str, Any] | None:
        return {"sampling": 0}


class RandomSampler(Sampler[int]):
    """All examples in random order, or any examples with replacement."""

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise TypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        if not isinstance(self.num_samples, int) or self.num_samples < 0:
            raise ValueError(f"num_samples should be a non-negative integer value, but got num_samples={num_samples}")

    @property
    def num_samples(self) -> int:
        """How many examples an epoch has."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n, left = len(self.data_source), self.num_samples
        while left > 0 and n > 0:
            if self.replacement:
                drawn = swiftnn.randint(0, n, (left,), generator=self.generator)
            else:
                drawn = swiftnn.randperm(n, generator=self.generator)[:left]
            yield from drawn.tolist()
            left -= len(drawn)

    def __len__(self) -> int:
        return self.num_samples

    def _engine(self) -> dict[str, Any] | None:
        if self.replacement and self.num_samples > 0:
            return {"sampling": 2, "count": self.num_samples}
        return {"sampling": 1} if self.num_samples == len(self.data_source) else None


class SubsetRandomSampler(Sampler[int]):
    """Some examples in random order."""

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        for i in swiftnn.randperm(len(self.indices), generator=self.generator).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)

    def _engine(self) -> dict[str, Any] | None:
        return {"sampling": 1, "subset": indices_tensor(self.indices)}


class WeightedRandomSampler(Sampler[int]):
    """Examples with probabilities in proportion to their weights."""

    def __init__(
        self,
        weights: Sequence[float] | Tensor,
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        if not isinstance(num_samples, int) or isinstance(num_samples, bool) or num_samples <= 0:
            raise ValueError(f"num_samples should be a positive integer value, but got num_samples={num_samples}")
        if not isinstance(replacement, bool):
            raise ValueError(f"replacement should be a boolean value, but got replacement={replacement}")
        tensor = swiftnn.as_tensor(weights, dtype=swiftnn.double)
        if tensor.dim() != 1:
            raise ValueError(f"weights should be a 1d sequence but given weights have shape {tuple(tensor.shape)}")
        self.weights = tensor
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        drawn = swiftnn.multinomial(self.weights, self.num_samples, self.replacement, generator=self.generator)
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples

    def _engine(self) -> dict[str, Any] | None:
        numbers = self.weights.contiguous()
        return {"sampling": 3, "numbers": numbers, "count": self.num_samples, "once": not self.replacement}


class EngineSampler(Sampler[int]):
    """Base of samplers that only a DataLoader asks, with its seed."""

    def __iter__(self) -> Iterator[int]:
        raise TypeError(f"{type(self).__name__} gives its order to a DataLoader, which has the seed")


class BalancedSampler(EngineSampler):
    """All classes equally often: every example of a class comes once before one comes again."""

    def __init__(self, classes: Iterable[int], num_samples: int | None = None) -> None:
        self.classes = indices_tensor(classes)
        self.num_samples = len(self.classes) if num_samples is None else num_samples

    def __len__(self) -> int:
        return self.num_samples

    def _engine(self) -> dict[str, Any] | None:
        return {"sampling": 4, "labels": self.classes, "count": self.num_samples}


class CurriculumSampler(EngineSampler):
    """Easy examples first: those with the lowest scores, in random order.

    Their share is `start` in the first epoch and grows to all of them in epoch `epochs`: evenly ("linear"), as its
    square does ("root"), or by equal factors ("geometric").
    """

    def __init__(
        self,
        scores: Any,
        start: float = 0.2,
        epochs: int = 10,
        pacing: Literal["linear", "root", "geometric"] = "linear",
    ) -> None:
        self.scores = swiftnn.as_tensor(scores, dtype=swiftnn.double).contiguous()
        self.start, self.epochs, self.pacing = start, epochs, pacing

    def _engine(self) -> dict[str, Any] | None:
        return {
            "sampling": 5,
            "numbers": self.scores,
            "pacing": ["linear", "root", "geometric"].index(self.pacing),
            "pacing_start": float(self.start),
            "pacing_epochs": self.epochs if self.epochs > 0 else -1,
        }


class BatchSampler(Sampler["list[int]"]):
    """Batches of what another sampler gives."""

    def __init__(self, sampler: Sampler[int] | Iterable[int], batch_size: int, drop_last: bool) -> None:
        if not isinstance(batch_size, int) or isinstance(batch_size, bool) or batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if not isinstance(drop_last, bool):
            raise ValueError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        rest = iter(self.sampler)
        while batch := list(itertools.islice(rest, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)
