#!/usr/bin/env python3
"""Writes lbfgs.pt: what PyTorch's L-BFGS keeps in the middle of its way, and where it ends. Needs torch."""

import copy
from pathlib import Path

import torch
from units.optimizers import start, valley

WAYS = [
    {"lr": 1e-3, "history_size": 3, "max_iter": 5},
    {"lr": 1.0, "max_iter": 3, "line_search_fn": "strong_wolfe"},
    {"lr": 0.5, "max_iter": 1, "line_search_fn": "strong_wolfe"},
    {"lr": 1e-3, "max_iter": 1},
]


def main() -> None:
    saved = []
    for options in WAYS:
        steps = 3 if options["max_iter"] == 1 else 1
        parameters = start([(4,), (2, 3)])
        entry = {"options": options, "steps": steps, "start": [x.detach().clone() for x in parameters]}
        optimizer = torch.optim.LBFGS(parameters, **options)

        def closure(optimizer: torch.optim.LBFGS = optimizer, parameters: list = parameters) -> torch.Tensor:
            optimizer.zero_grad()
            loss = valley(parameters)
            loss.backward()
            return loss

        for _ in range(steps):
            optimizer.step(closure)
        entry |= {"state": copy.deepcopy(optimizer.state_dict()), "middle": [x.detach().clone() for x in parameters]}
        for _ in range(steps):
            optimizer.step(closure)
        saved.append(entry | {"end": [x.detach().clone() for x in parameters]})
    torch.save(saved, Path(__file__).with_suffix(".pt"))


if __name__ == "__main__":
    main()
