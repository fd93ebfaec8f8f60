"""The ways that parameters take under optimizers: a line for each combination of options."""

import importlib
import itertools
import sys
from dataclasses import dataclass, field, fields
from typing import Any

FILES = ["first_order", "adaptive", "matrices", "layerwise", "wrapped", "second_order"]
# Two matrices, a vector, a number, and one that never has a gradient.
SHAPES = [(3, 2), (2, 4), (3,), (), (2,)]
MATRICES = SHAPES[:2]


@dataclass
class Trajectory:
    optimizer: str
    options: dict[str, Any]
    shapes: list[tuple[int, ...]] = field(default_factory=lambda: SHAPES)
    # Options of the second half of the parameters, which are a group of their own.
    second_group: dict[str, Any] = field(default_factory=dict)
    # What is around the optimizer, from the inside: name and options.
    wrappers: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    # Gradients are taken by a closure, where the optimizer wants them.
    closure: bool = False
    # Where they go downhill: "slope", whose gradient alone is known, or "valley", Rosenbrock's, or "model",
    # a small network.
    problem: str = "slope"
    # The first gradient of this step is NaN.
    nan_at: int = 0
    steps: int = 100


TRAJECTORIES: list[Trajectory] = []


def trajectory(optimizer: str, **named: Any) -> None:
    """Adds one: options of the optimizer, and the fields of Trajectory.

    trajectory("SGD", lr=0.1, momentum=0.9, wrappers=[("Lookahead", {"k": 3})])
    """
    others = [known.name for known in fields(Trajectory)[2:]]
    about = {name: named.pop(name) for name in others if name in named}
    TRAJECTORIES.append(Trajectory(optimizer, {"lr": 0.1} | named, **about))


def combinations(optimizer: str, /, **choices: list) -> None:
    """Adds a trajectory for every choice of each option."""
    for values in itertools.product(*choices.values()):
        trajectory(optimizer, **dict(zip(choices, values, strict=True)))


def variations(optimizer: str, /, **others: Any) -> None:
    """Adds a trajectory for each option with another value than its default, and one for all of them together."""
    trajectory(optimizer)
    for name, value in others.items():
        trajectory(optimizer, **{name: value})
    trajectory(optimizer, **others)


def load() -> list[Trajectory]:
    TRAJECTORIES.clear()
    for name in FILES:
        sys.modules.pop(f"optimizers.{name}", None)
        importlib.import_module(f"optimizers.{name}")
    return list(TRAJECTORIES)
