"""What a call costs beside its work: additions of 8 elements, and PyTorch's where installed. The least of rounds."""

import importlib
import operator
import time

ROUNDS, CALLS = 7, 100_000


def libraries():
    for name in ("swiftnn", "torch"):
        try:
            yield name, importlib.import_module(name)
        except ModuleNotFoundError:
            print(f"{name} is not installed here")


def nanoseconds(function, *arguments):
    start = time.perf_counter()
    for _ in range(CALLS):
        function(*arguments)
    return 1e9 * (time.perf_counter() - start) / CALLS


def main():
    cases = {}
    for name, library in libraries():
        x, y, w = library.ones(8), library.ones(8), library.ones(8, requires_grad=True)
        cases[name] = {
            "add(x, y), gradients off": (library.add, x, y),
            "x + y, gradients off": (operator.add, x, y),
            "add(w, y), gradients on": (library.add, w, y),
            "w + y, gradients on": (operator.add, w, y),
        }
    least = {}
    for _ in range(ROUNDS):
        for name, calls in cases.items():
            for title, (function, *arguments) in calls.items():
                key = (title, name)
                least[key] = min(least.get(key, float("inf")), nanoseconds(function, *arguments))
    for title in next(iter(cases.values())):
        row = "   ".join(f"{name} {least[title, name]:.0f} ns" for name in cases)
        print(f"Python  {title}: {row}")


if __name__ == "__main__":
    main()
