"""The training steps of the benchmarks: the same bits for any number of threads, and no need of further memory."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import swiftnn
from swiftnn import _C

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))
import steps  # noqa: E402


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = swiftnn.get_num_threads()
    yield
    swiftnn.set_num_threads(before)


@pytest.mark.parametrize("name", steps.STEPS)
def test_threads_give_the_same_bits(name: str) -> None:
    losses = []
    for count in (1, 2, 3):
        swiftnn.set_num_threads(count)
        step = steps.prepared(swiftnn, name)
        losses.append([step().item() for _ in range(3)])
    assert losses[0] == losses[1] == losses[2]


@pytest.mark.parametrize("name", steps.STEPS)
def test_steps_live_on_the_memory_they_have(name: str) -> None:
    """Which thread frees a block is a matter of chance, so that now and then one more is asked for."""
    program = f"""
import sys
sys.path.insert(0, {str(BENCHMARKS)!r})
import swiftnn, steps
swiftnn.set_num_threads(2)
step = steps.prepared(swiftnn, {name!r})
counts = []
for _ in range(14):
    step()
    counts.append(swiftnn._C.memory_counts()["system_allocations"])
print(counts[-1] - counts[3])
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert int(result.stdout) < 10, result.stderr


def test_models_go_with_their_last_name() -> None:
    """Nothing of a trained model waits for Python's garbage collector."""
    gc.collect()
    before = _C.memory_counts()["in_use"]
    gc.disable()
    try:
        step = steps.prepared(swiftnn, "mlp-large")
        step()
        assert _C.memory_counts()["in_use"] > before
        del step
        assert _C.memory_counts()["in_use"] == before
    finally:
        gc.enable()
