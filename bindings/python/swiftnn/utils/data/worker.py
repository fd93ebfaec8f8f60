"""Threads that prepare batches of datasets that Python makes."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from typing import Any

_own = threading.local()

ENDED = object()  # what a task gives that has no more batches


@dataclass(frozen=True)
class WorkerInfo:
    """Which worker a thread is."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


def get_worker_info() -> WorkerInfo | None:
    """Which worker the calling thread is; None outside of workers."""
    return getattr(_own, "info", None)


def _begin(info: WorkerInfo, worker_init_fn: Callable[[int], None] | None) -> None:
    _own.info = info
    if worker_init_fn is not None:
        worker_init_fn(info.id)


def ahead(
    tasks: Iterator[Callable[[], Any]],
    infos: list[WorkerInfo],
    prefetch: int,
    timeout: float,
    worker_init_fn: Callable[[int], None] | None,
) -> Iterator[Any]:
    """The results of tasks in their order; task i is done by thread i modulo their number, ahead of being asked for."""
    pools = [ThreadPoolExecutor(1, "swiftnn-loader") for _ in infos]
    hangs = False
    try:
        for begun in [pool.submit(_begin, info, worker_init_fn) for pool, info in zip(pools, infos)]:
            begun.result()
        waiting: deque[Future[Any]] = deque()
        count = 0
        while True:
            while len(waiting) < prefetch * len(pools) and (task := next(tasks, None)) is not None:
                waiting.append(pools[count % len(pools)].submit(task))
                count += 1
            if not waiting:
                return
            try:
                result = waiting.popleft().result(timeout or None)
            except FutureTimeoutError:
                if timeout <= 0:
                    raise
                hangs = True
                raise RuntimeError(f"DataLoader timed out after {timeout} seconds") from None
            if result is not ENDED:
                yield result
    finally:
        for pool in pools:
            pool.shutdown(wait=not hangs, cancel_futures=True)
