"""The package as a guest of a process: import, threads, forks, memory over many calls."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import swiftnn as torch
from swiftnn import _C, nn


def test_import_needs_nothing_else() -> None:
    program = """
import swiftnn, sys
print([name for name in ("numpy", "inspect", "typing", "json", "matplotlib") if name in sys.modules])
"""
    command = [sys.executable, "-S", "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, env=_environment(), check=False)
    assert result.stdout.strip() == "[]", result.stderr


def _environment() -> dict[str, str]:
    package = os.path.dirname(os.path.dirname(torch.__file__))
    return {**os.environ, "PYTHONPATH": package}


def test_import_loads_few_modules(run_python: Callable[[str], str]) -> None:
    program = "import sys; before = len(sys.modules); import swiftnn; print(len(sys.modules) - before)"
    assert int(run_python(program)) < 50


def test_numpy_is_imported_when_it_is_used(run_python: Callable[[str], str]) -> None:
    program = "import swiftnn, sys; swiftnn.ones(2).numpy(); print('numpy' in sys.modules)"
    assert run_python(program) == "True"


def test_the_package_can_be_imported_again(run_python: Callable[[str], str]) -> None:
    program = """
import sys, swiftnn
x = swiftnn.ones(2)
for name in [m for m in sys.modules if m.startswith("swiftnn")]:
    del sys.modules[name]
import swiftnn as again
print((again.ones(2) + x).tolist(), again.Tensor is type(x))
"""
    assert run_python(program) == "[2.0, 2.0] True"


def test_exit_with_live_objects(run_python: Callable[[str], str]) -> None:
    program = """
import numpy, swiftnn
from swiftnn import nn
a = numpy.ones(3)
x = swiftnn.from_numpy(a)
y = swiftnn.ones(2, requires_grad=True)
y.register_hook(lambda g: g)
net = nn.Sequential(nn.Linear(2, 2))
out = net(y)
view = memoryview(swiftnn.ones(2))
print("end")
"""
    assert run_python(program) == "end"


def test_fork(run_python: Callable[[str], str]) -> None:
    program = """
import os, swiftnn
x = swiftnn.ones(300, 300)
before = (x @ x).sum().item()
child = os.fork()
if child == 0:
    os._exit(0 if (x @ x).sum().item() == before else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    assert run_python(program) == "0"


def test_threads_share_tensors() -> None:
    x = torch.randn(200, 200)
    expected = (x @ x).sum().item()
    small = torch.ones(8)

    def work(number: int) -> bool:
        good = True
        for _ in range(30):
            good = good and (x @ x).sum().item() == expected
            good = good and (small + number).tolist() == [1.0 + number] * 8
        return good

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(16)))


def test_threads_train_models_of_their_own() -> None:
    def train(seed: int) -> list[float]:
        generator = torch.Generator().manual_seed(seed)
        model = nn.Linear(4, 2)
        with torch.no_grad():
            model.weight.copy_(torch.randn(2, 4, generator=generator))
            model.bias.zero_()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
        x = torch.randn(8, 4, generator=generator)
        for _ in range(50):
            optimizer.zero_grad()
            loss = (model(x) ** 2).mean()
            loss.backward()
            optimizer.step()
        return model.weight.flatten().tolist()

    alone = [train(seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(train, range(8))) == alone


def test_the_gradient_mode_belongs_to_the_thread() -> None:
    seen: list[bool] = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_other_threads_run_during_large_operations() -> None:
    x = torch.randn(700, 700)
    done = threading.Event()
    ticks = []

    def tick() -> None:
        while not done.is_set():
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    for _ in range(5):
        x @ x
    done.set()
    thread.join()
    assert len(ticks) > 5


def test_arrays_are_released_on_any_thread() -> None:
    before = sys.getrefcount(np.float32)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(50):
            x = torch.from_numpy(np.ones(10_000, np.float32))
            results = list(pool.map(lambda n, t=x: (t + n).sum().item(), range(8)))
            assert results == [10_000.0 * (1 + n) for n in range(8)]
            del x
    assert sys.getrefcount(np.float32) - before < 50


def test_the_number_of_threads() -> None:
    count = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        assert torch.get_num_threads() == 1
        x = torch.randn(300, 300)
        one = (x @ x).sum().item()
        torch.set_num_threads(2)
        assert (x @ x).sum().item() == one
    finally:
        torch.set_num_threads(count)
    for wrong, error in ((0, RuntimeError), (-1, RuntimeError), ("a", TypeError)):
        with pytest.raises(error):
            torch.set_num_threads(wrong)


def test_a_hundred_thousand_calls_keep_nothing() -> None:
    x = torch.ones(8)
    for _ in range(100):
        x + x
    before, blocks = _C.memory_counts(), sys.getallocatedblocks()
    for _ in range(100_000):
        x + x
    after = _C.memory_counts()
    assert after["in_use"] == before["in_use"]
    assert after["system_allocations"] == before["system_allocations"]
    assert abs(sys.getallocatedblocks() - blocks) < 50


def test_warnings_can_be_errors() -> None:
    source = np.arange(3)
    source.flags.writeable = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning):
            torch.from_numpy(source)


def test_versions() -> None:
    assert torch.__version__.count(".") == 2
    assert _C.instruction_set() in ("avx512", "avx2", "neon", "portable")


def test_tensors_are_used_while_another_thread_collects() -> None:
    import gc

    stop = threading.Event()

    def collect() -> None:
        while not stop.is_set():
            gc.collect()

    thread = threading.Thread(target=collect)
    thread.start()
    try:
        for _ in range(200):
            x: Any = torch.ones(4, requires_grad=True)
            x.note = [x]
            (x * x).sum().backward()
            assert x.grad.tolist() == [2, 2, 2, 2]
    finally:
        stop.set()
        thread.join()


def test_text_beyond_ascii() -> None:
    """The library does without Unicode's tables; such text is refused like any other wrong text."""
    with pytest.raises(ValueError, match="got 'ÄÖİ'"):
        nn.functional.pad(torch.ones(2), (1, 1), mode="ÄÖİ")
    with pytest.raises(ValueError, match="got 'äǆU'"):
        torch.linalg.eigvalsh(torch.eye(2), UPLO="äǆU")
    with pytest.raises(ValueError, match="ǅ"):
        torch.einsum("ǅi->i", torch.ones(2, 2))
