"""A step of training and a forward pass of recurrent layers, against PyTorch in alternation: the least of rounds.

The limit of the LSTM's step is that of its products: 4.0 GFLOP.
"""

import sys
import time

import numpy as np

THREADS, ROUNDS = 2, 25
STEPS, BATCH, FEATURES, HIDDEN, CLASSES = 64, 32, 64, 256, 64


def libraries():
    import swiftnn

    yield "swiftnn", swiftnn
    try:
        import torch

        yield "torch", torch
    except ModuleNotFoundError:
        print("torch is not installed here")


def calls(library, kind):
    library.set_num_threads(THREADS)
    random = np.random.default_rng(0)
    x = library.tensor(random.standard_normal((STEPS, BATCH, FEATURES)).astype(np.float32))
    target = library.tensor(random.integers(0, CLASSES, STEPS * BATCH))
    net, output = getattr(library.nn, kind)(FEATURES, HIDDEN), library.nn.Linear(HIDDEN, CLASSES)
    parameters = [*net.parameters(), *output.parameters()]

    def step():
        for parameter in parameters:
            parameter.grad = None
        states, _ = net(x)
        library.nn.functional.cross_entropy(output(states).reshape(-1, CLASSES), target).backward()

    def forward():
        with library.no_grad():
            net(x)

    return {"step": step, "forward": forward}


def main():
    for kind in sys.argv[1:] or ("LSTM", "GRU", "RNN"):
        cases = {name: calls(library, kind) for name, library in libraries()}
        least = {}
        for _ in range(ROUNDS):
            for name, functions in cases.items():
                for title, function in functions.items():
                    start = time.perf_counter()
                    function()
                    least[title, name] = min(least.get((title, name), 1e9), 1e3 * (time.perf_counter() - start))
        for title in ("step", "forward"):
            print(f"{kind} {title}: " + "   ".join(f"{name} {least[title, name]:.2f} ms" for name in cases))


if __name__ == "__main__":
    main()
