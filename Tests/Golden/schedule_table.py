"""The table of schedules: the lines of schedules/*.py call schedule(), formula(), sequence(), chain() and warmup()."""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Part:
    """A schedule to make: by name with options, or of other schedules."""

    kind: str
    options: dict
    parts: list = field(default_factory=list)
    formula: object = None


@dataclass
class Case:
    part: Part
    steps: int = 60
    rates: tuple = (0.1, 0.03)
    optimizer: str = "SGD"
    changes: dict = field(default_factory=dict)  # before this step, all rates are set to that
    jumps: tuple = ()  # step(epoch) with these
    metrics: tuple = ()  # step(metric) with these
    resumed: bool = False  # the groups know their initial rates


cases: list[Case] = []
RUN = {"steps", "rates", "optimizer", "changes", "jumps", "metrics", "resumed"}


def part(kind: str, parts: tuple = (), formula: object = None, **options: object) -> Part:
    return Part(kind, options, list(parts), formula)


def schedule(kind: str, parts: tuple = (), formula: object = None, **options: object) -> None:
    run = {name: value for name, value in options.items() if name in RUN}
    own = {name: value for name, value in options.items() if name not in RUN}
    cases.append(Case(part(kind, parts, formula, **own), **run))


def sequence(*parts: Part, milestones: list, **run: object) -> None:
    schedule("SequentialLR", parts, milestones=milestones, **run)


def chain(*parts: Part, **run: object) -> None:
    schedule("ChainedScheduler", parts, **run)


def warmup(inner: Part, warmup_iters: int, start_factor: float, mode: str, **run: object) -> None:
    schedule("WarmupLR", (inner,), warmup_iters=warmup_iters, start_factor=start_factor, mode=mode, **run)


def load() -> list[Case]:
    cases.clear()
    for path in sorted((HERE / "schedules").glob("*.py")):
        specification = importlib.util.spec_from_file_location(path.stem, path)
        specification.loader.exec_module(importlib.util.module_from_spec(specification))
    return list(cases)
