"""One contestant in a process of its own: takes requests as lines of JSON, answers each with a line of JSON."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import products
import steps

KINDS = {"step": steps.prepared, "product": products.prepared}


class Contestant:
    def __init__(self, name: str, threads: int) -> None:
        self.name = name
        self.library = importlib.import_module(name.partition("-")[0])
        if hasattr(self.library, "set_num_threads"):
            self.library.set_num_threads(threads)
        self.cases: dict[str, Callable[[], Any]] = {}
        self.start = status("VmRSS")

    def prepare(self, kind: str, case: str) -> dict[str, Any]:
        if self.name == "jax":
            jax_steps = importlib.import_module("jax_steps")
            self.cases[case] = jax_steps.prepared(case)
        elif self.name == "torch-compile":
            self.cases[case] = steps.prepared(self.library, case, compiled=True)
        else:
            self.cases[case] = KINDS[kind](self.library, case)
        return {}

    def losses(self, case: str, count: int) -> dict[str, Any]:
        return {"losses": [float(self.cases[case]()) for _ in range(count)]}

    def run(self, case: str, seconds: float) -> dict[str, Any]:
        """Steps for so many seconds: the mean time of one."""
        step, before, count = self.cases[case], self.allocations(), 0
        start = now = time.perf_counter()
        chunk = 1
        while now - start < seconds:
            for _ in range(chunk):
                last = step()
            if hasattr(last, "block_until_ready"):
                last.block_until_ready()
            count += chunk
            now = time.perf_counter()
            chunk = max(1, min(count, int(count * (seconds - now + start) / (now - start))))
        return {"seconds": (now - start) / count, "allocations": (self.allocations() - before) / count}

    def allocations(self) -> int:
        """How often the system was asked for memory; known of SwiftNN alone."""
        return self.library._C.memory_counts()["system_allocations"] if self.name == "swiftnn" else 0

    def memory(self) -> dict[str, Any]:
        return {"peak": status("VmHWM") - self.start}


def status(field: str) -> int:
    """A figure of this process in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise KeyError(field)


def main() -> None:
    contestant = Contestant(sys.argv[1], int(sys.argv[2]))
    answers, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        request = json.loads(line)
        answer = getattr(contestant, request.pop("do"))(**request)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
