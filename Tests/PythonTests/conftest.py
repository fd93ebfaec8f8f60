"""What the tests share."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Callable

import pytest

import swiftnn as torch
from swiftnn import _C


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@pytest.fixture
def run_python() -> Callable[[str], str]:
    """Runs a program in a fresh interpreter and returns what it printed."""

    def run(program: str) -> str:
        result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    return run


@pytest.fixture
def assert_no_leak() -> Callable[[Callable[[], object]], None]:
    """Runs a function many times; tensor memory and the number of Python objects may not grow."""

    def check(function: Callable[[], object], times: int = 2000) -> None:
        for _ in range(times):  # until caches are full
            function()
        gc.collect()
        bytes_before, objects_before = _C.memory_counts()["in_use"], len(gc.get_objects())
        blocks_before = sys.getallocatedblocks()
        for _ in range(times):
            function()
        gc.collect()
        assert _C.memory_counts()["in_use"] == bytes_before
        assert abs(len(gc.get_objects()) - objects_before) < 20
        assert sys.getallocatedblocks() - blocks_before < max(200, times // 4)

    return check
