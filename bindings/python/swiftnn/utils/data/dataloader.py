"""Batches of a dataset, epoch after epoch."""

from __future__ import annotations

import itertools
import json
from functools import partial
from typing import Generic, TypeVar

import swiftnn
from swiftnn import _C
from swiftnn._pytree import flatten
from swiftnn.utils.data.collate import default_collate, default_convert
from swiftnn.utils.data.dataset import Dataset, IterableDataset, TensorDataset, engine_of, indices_tensor
from swiftnn.utils.data.sampler import BatchSampler, EngineSampler, RandomSampler, Sampler, SequentialSampler
from swiftnn.utils.data.worker import ENDED, WorkerInfo, ahead

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, Literal

    from swiftnn._C import Generator
    from swiftnn.transforms import Augmentation

T_co = TypeVar("T_co", covariant=True)

_ENDINGS = {"keep": 0, "drop": 1, "fill": 2}


class DataLoader(Generic[T_co]):
    """Batches of a dataset, epoch after epoch.

    Datasets of tensors are read by the engine; `num_workers` are threads, its own or Python's. The order of an epoch
    depends on the seed and the number of the epoch alone. The seed is drawn from `generator`, or from the default
    generator, unless `seed` says it.

    `ending` says what becomes of the last batch of an epoch when examples are lacking: "keep", "drop" (as drop_last) or
    "fill", which takes them from the next epoch. `augmentations` (swiftnn.transforms) change each batch; `image_sizes`
    brings images to another height and width for each epoch, the last for all behind.
    """

    def __init__(
        self,
        dataset: Dataset[T_co],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Iterable[Any] | None = None,
        batch_sampler: Sampler[Any] | Iterable[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[list[Any]], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
        ending: Literal["keep", "drop", "fill"] | None = None,
        augmentations: Sequence[Augmentation] = (),
        image_sizes: Sequence[int] = (),
        seed: int | None = None,
    ) -> None:
        if num_workers < 0:
            raise ValueError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        if timeout < 0:
            raise ValueError("timeout option should be non-negative")
        if num_workers == 0 and prefetch_factor is not None:
            raise ValueError(
                "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable "
                "multiprocessing, otherwise set prefetch_factor to None."
            )
        if prefetch_factor is not None and prefetch_factor < 0:
            raise ValueError("prefetch_factor option should be non-negative")
        if persistent_workers and num_workers == 0:
            raise ValueError("persistent_workers option needs num_workers > 0")
        if isinstance(dataset, IterableDataset):
            if shuffle not in (False, None):
                raise ValueError(
                    f"DataLoader with IterableDataset: expected unspecified shuffle option, but got {shuffle=}"
                )
            for name, given in (("sampler", sampler), ("batch_sampler", batch_sampler)):
                if given is not None:
                    raise ValueError(
                        f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={given}"
                    )
        if sampler is not None and shuffle:
            raise ValueError("sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last or ending is not None:
                raise ValueError(
                    "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last"
                )
            batch_size = None
        elif batch_size is None and (drop_last or ending is not None):
            raise ValueError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        elif batch_size is not None and batch_size <= 0:
            raise ValueError(f"batch_size should be a positive integer value, but got batch_size={batch_size}")
        if ending is not None and ending not in _ENDINGS:
            raise ValueError(f"ending must be one of {', '.join(_ENDINGS)}, got {ending!r}")
        if ending is not None and drop_last and ending != "drop":
            raise ValueError("drop_last and ending contradict each other")

        self.dataset = dataset
        self.batch_size = batch_size
        self.num_workers = num_workers
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.prefetch_factor = 2 if prefetch_factor is None and num_workers > 0 else prefetch_factor
        self.persistent_workers = persistent_workers
        self.in_order = in_order
        self.ending = ending or ("drop" if drop_last else "keep")
        self.drop_last = self.ending == "drop"
        self.augmentations = list(augmentations)
        self.image_sizes = list(image_sizes)
        self._is_batched = batch_size is not None or batch_sampler is not None
        self.collate_fn = collate_fn or (default_collate if self._is_batched else default_convert)
        self._epoch = 0
        self._running: Any = None
        self._state: str | None = None

        if isinstance(dataset, IterableDataset):
            self.sampler: Any = None
        elif sampler is not None:
            self.sampler = sampler
        elif shuffle:
            self.sampler = RandomSampler(dataset, generator=generator)  # type: ignore[arg-type]
        else:
            self.sampler = SequentialSampler(dataset)  # type: ignore[arg-type]
        self.batch_sampler: Any = batch_sampler
        if self.batch_sampler is None and batch_size is not None and self.sampler is not None:
            self.batch_sampler = BatchSampler(self.sampler, batch_size, self.drop_last)
        self._options = None
        if batch_sampler is None and isinstance(self.sampler, Sampler):
            self._options = self.sampler._engine()
        if self._options is None:
            self._refuse_what_the_engine_does()
        own = getattr(self.sampler, "generator", None) or generator
        self.seed = swiftnn.randint(0, 1 << 62, (), generator=own).item() if seed is None else seed
        self._examples = engine_of(dataset)
        self._is_direct = (
            self._options is not None
            and self._examples is not None
            and collate_fn in (None, default_collate)
            and batch_size is not None
            and worker_init_fn is None
        )
        if not self._is_direct and (self.augmentations or self.image_sizes):
            raise ValueError(
                "augmentations and image_sizes need a dataset of tensors, batches of it, and no collate_fn or "
                "worker_init_fn"
            )
        if self._options is not None:
            self._core()  # what does not fit is an error here

    def _refuse_what_the_engine_does(self) -> None:
        if self.ending == "fill":
            raise ValueError("ending='fill' needs one of the samplers of swiftnn.utils.data")

    # ---- Where batches come from

    def _core(self) -> _C.Loader:
        """A loader of the engine: of the examples, or of their numbers where Python makes them."""
        options = dict(self._options or {})
        if self._is_direct:
            assert self._examples is not None
            examples = self._examples
        else:
            examples = _C.dataset_from_tensors([swiftnn.arange(len(self.dataset))])  # type: ignore[arg-type]
        if "subset" in options:
            examples = _C.dataset_subset(examples, options["subset"])
        return _C.new_loader(
            examples,
            self.batch_size or 1,
            options["sampling"],
            _ENDINGS[self.ending],
            self.seed,
            options.get("count", 0),
            options.get("numbers"),
            options.get("labels"),
            options.get("once", False),
            options.get("pacing", 0),
            options.get("pacing_start", 0.0),
            options.get("pacing_epochs", 0),
            [augmentation._core for augmentation in self.augmentations],
            indices_tensor(self.image_sizes) if self.image_sizes else None,
            self.num_workers if self._is_direct else 0,
            (self.prefetch_factor or 2) if self._is_direct else 0,
        )

    def _source(self) -> Any:
        if self._is_direct:
            return self._core()
        return _PythonBatches(self)

    def _handle(self) -> _C.Loader:
        """The loader of the engine that a training loop takes its batches from; it goes on where the last one stood."""
        source = self._source() if self._is_direct else _C.loader_from_functions(_TensorBatches(self))
        self._begin(source)
        return source

    def _begin(self, source: Any) -> None:
        if self._state is None:
            source.begin(self._epoch)
        else:
            source.load(self._state)
            self._state = None
        self._epoch += 1
        self._running = source

    def __iter__(self) -> Iterator[Any]:
        source = self._source()
        self._begin(source)
        return _batches(source, self._is_direct)

    def __len__(self) -> int:
        if isinstance(self.dataset, IterableDataset):
            length = len(self.dataset)  # type: ignore[arg-type]
            if self.batch_size is None:
                return length
            return length // self.batch_size if self.drop_last else -(-length // self.batch_size)
        if self._options is not None and (self.ending == "fill" or isinstance(self.sampler, EngineSampler)):
            core = self._core()
            core.begin(self._epoch)
            return core.count
        return len(self.batch_sampler if self._is_batched else self.sampler)

    # ---- Positions

    def state_dict(self) -> dict[str, Any]:
        """Where reading stands, within the epoch too."""
        if self._state is not None:
            return json.loads(self._state)  # type: ignore[no-any-return]
        if self._running is not None:
            return json.loads(self._running.state())  # type: ignore[no-any-return]
        source = self._source()
        source.begin(self._epoch)
        return json.loads(source.state())  # type: ignore[no-any-return]

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Goes on there with the next iteration."""
        text = json.dumps(state_dict)
        self._source().load(text)
        self._state = text
        self._epoch = int(state_dict["epoch"])
        self.seed = int(state_dict["seed"])


def _batches(source: Any, is_direct: bool) -> Iterator[Any]:
    try:
        while (batch := source.next()) is not None:
            yield list(batch) if is_direct else batch
    finally:
        if not is_direct:
            source.close()


class _PythonBatches:
    """Batches whose examples Python makes, with the methods that the engine asks for."""

    def __init__(self, loader: DataLoader[Any]) -> None:
        self.loader = loader
        self.order = None if loader._options is None else loader._core()
        self.epoch = self.batch = 0
        self.rest: Iterator[Any] | None = None

    def close(self) -> None:
        """Ends the threads."""
        if self.rest is not None:
            self.rest.close()  # type: ignore[attr-defined]
            self.rest = None

    def begin(self, epoch: int) -> None:
        self.close()
        self.epoch, self.batch = epoch, 0

    def state(self) -> str:
        loader = self.loader
        state = {"epoch": self.epoch, "batch": self.batch, "seed": loader.seed}
        if not isinstance(loader.dataset, IterableDataset):
            state["examples"] = len(loader.dataset)  # type: ignore[arg-type]
        return json.dumps(state)

    def load(self, text: str) -> None:
        state = json.loads(text)
        if self.order is not None:
            self.order.load(text)
        elif state.get("examples") is not None and state["examples"] != len(self.loader.dataset):  # type: ignore[arg-type]
            raise ValueError(f"the state is one of {state['examples']} examples, not {len(self.loader.dataset)}")  # type: ignore[arg-type]
        self.close()
        self.epoch, self.batch = int(state["epoch"]), int(state["batch"])

    def count(self) -> int:
        try:
            return len(self.loader)
        except TypeError:
            return -1

    def next(self) -> Any:
        if self.rest is None:
            self.rest = self._iterate()
        batch = next(self.rest, ENDED)
        if batch is ENDED:
            self.begin(self.epoch + 1)
            return None
        self.batch += 1
        return batch

    def _iterate(self) -> Iterator[Any]:
        loader = self.loader
        workers = max(loader.num_workers, 1)
        infos = [WorkerInfo(i, workers, loader.seed + i, loader.dataset) for i in range(workers)]
        if isinstance(loader.dataset, IterableDataset):
            tasks, skipped = self._iterable_tasks(workers), self.batch
        else:
            keys = self._keys()
            tasks, skipped = (partial(self._fetch, key) for key in keys), 0
        if loader.num_workers == 0:
            results: Iterator[Any] = (result for task in tasks if (result := task()) is not ENDED)
        else:
            results = ahead(tasks, infos, loader.prefetch_factor or 2, loader.timeout, loader.worker_init_fn)
        yield from itertools.islice(results, skipped, None)

    def _keys(self) -> Iterator[Any]:
        """What to fetch for each batch, from the next batch on."""
        loader = self.loader
        if self.order is None:
            sampler = loader.batch_sampler if loader._is_batched else loader.sampler
            if hasattr(sampler, "set_epoch"):
                sampler.set_epoch(self.epoch)
            yield from itertools.islice(iter(sampler), self.batch, None)
            return
        self.order.load(json.dumps({**json.loads(self.order.state()), "epoch": self.epoch, "batch": self.batch}))
        while (parts := self.order.next()) is not None:
            numbers = parts[0].tolist()
            yield numbers if loader._is_batched else numbers[0]

    def _fetch(self, key: Any) -> Any:
        loader = self.loader
        dataset: Any = loader.dataset
        if not loader._is_batched:
            return loader.collate_fn(dataset[key])
        if type(dataset) is TensorDataset and loader.collate_fn is default_collate:
            assert loader._examples is not None
            numbers = [index + loader._examples.count if index < 0 else index for index in key]
            return list(loader._examples.examples(indices_tensor(numbers)))
        if callable(getattr(dataset, "__getitems__", None)):
            return loader.collate_fn(dataset.__getitems__(key))
        return loader.collate_fn([dataset[index] for index in key])

    def _iterable_tasks(self, workers: int) -> Iterator[Callable[[], Any]]:
        """Each worker goes through the dataset by itself, and they take turns."""
        rests: list[Any] = [None] * workers
        ended = [False] * workers

        def take(worker: int) -> Any:
            if ended[worker]:
                return ENDED
            if rests[worker] is None:
                rests[worker] = iter(self.loader.dataset)
            batch = self._taken(rests[worker])
            ended[worker] = batch is ENDED
            return batch

        while not all(ended):
            for worker in range(workers):
                yield partial(take, worker)

    def _taken(self, rest: Iterator[Any]) -> Any:
        loader = self.loader
        if loader.batch_size is None:
            example: Any = next(rest, ENDED)
            return ENDED if example is ENDED else loader.collate_fn(example)
        batch = list(itertools.islice(rest, loader.batch_size))
        if not batch or (loader.drop_last and len(batch) < loader.batch_size):
            return ENDED
        return loader.collate_fn(batch)


class _TensorBatches(_PythonBatches):
    """The same for a training loop of the engine: a batch is a tuple of tensors."""

    def next(self) -> Any:
        batch = super().next()
        return None if batch is None else tuple(flatten(batch)[0])
