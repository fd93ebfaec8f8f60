"""Draws the figures of docs: the rates of every schedule, the ways of the optimizers on two surfaces, and plots.

draw.py FOLDER   writes schedule-*.svg, optimizer-*.svg and plot-*.svg
"""

import math
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pictures

import swiftnn as torch
from swiftnn import _C
from swiftnn.optim import lr_scheduler, swa_utils

plt.rcParams.update(
    {"svg.hashsalt": "swiftnn", "svg.fonttype": "none", "font.size": 8, "axes.grid": True, "grid.alpha": 0.3}
)
STEPS = 100


def optimizer() -> torch.optim.Optimizer:
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0, momentum=0.9)


def named(name: str, **options: object) -> object:
    module = swa_utils if name == "SWALR" else lr_scheduler
    return lambda o: getattr(module, name)(o, **options)


def sequence(o: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
    parts = [lr_scheduler.LinearLR(o, 0.1, total_iters=20), lr_scheduler.ExponentialLR(o, 0.97)]
    return lr_scheduler.SequentialLR(o, parts, [20])


def chain(o: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
    return lr_scheduler.ChainedScheduler([lr_scheduler.ConstantLR(o, 0.3, 20), lr_scheduler.ExponentialLR(o, 0.98)])


def warmup(o: torch.optim.Optimizer) -> lr_scheduler.LRScheduler:
    return lr_scheduler.WarmupLR(lr_scheduler.StepLR(o, 30, 0.5), 15, 0.01, "exponential")


SCHEDULES = {
    "LambdaLR": lambda o: lr_scheduler.LambdaLR(o, lambda t: 1 / math.sqrt(1 + t)),
    "MultiplicativeLR": lambda o: lr_scheduler.MultiplicativeLR(o, lambda t: 0.95 if t % 2 else 1.0),
    "StepLR": named("StepLR", step_size=25, gamma=0.5),
    "MultiStepLR": named("MultiStepLR", milestones=[30, 80], gamma=0.3),
    "ConstantLR": named("ConstantLR", factor=0.3, total_iters=20),
    "LinearLR": named("LinearLR", start_factor=0.1, total_iters=40),
    "ExponentialLR": named("ExponentialLR", gamma=0.96),
    "PolynomialLR": named("PolynomialLR", total_iters=90, power=2.0),
    "NaturalExpLR": named("NaturalExpLR", k=0.04),
    "InverseTimeLR": named("InverseTimeLR", k=0.1),
    "CosineAnnealingLR": named("CosineAnnealingLR", T_max=100, eta_min=0.05),
    "CosineAnnealingWarmRestarts": named("CosineAnnealingWarmRestarts", T_0=14, T_mult=2),
    "CyclicLR": named("CyclicLR", base_lr=0.1, max_lr=1.0, step_size_up=10, step_size_down=15, mode="triangular2"),
    "OneCycleLR": named("OneCycleLR", max_lr=1.0, total_steps=100),
    "SWALR": named("SWALR", swa_lr=0.2, anneal_epochs=40),
    "WarmupLinearLR": named("WarmupLinearLR", warmup_iters=15, total_iters=100),
    "WarmupCosineLR": named("WarmupCosineLR", warmup_iters=15, total_iters=100),
    "TransformerLR": named("TransformerLR", d_model=512, warmup_steps=30),
    "SequentialLR": sequence,
    "ChainedScheduler": chain,
    "WarmupLR": warmup,
    "ReduceLROnPlateau": named("ReduceLROnPlateau", factor=0.5, patience=8),
}


def rates(make: object) -> list[float]:
    made = optimizer()
    schedule = make(made)
    found = [made.param_groups[0]["lr"]]
    for step in range(STEPS):
        made.step()
        # A loss that stops falling, for the schedule that looks at it.
        schedule.step(*([max(0.2, 1 - step / 30)] if isinstance(schedule, lr_scheduler.ReduceLROnPlateau) else []))
        found.append(made.param_groups[0]["lr"])
    return found


def save(figure: plt.Figure, path: Path) -> None:
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})
    plt.close(figure)


def draw_schedules(folder: Path) -> None:
    missing = [name for name, *_ in _C.entries(_C.SCHEDULES) if name not in SCHEDULES]
    if missing:
        raise SystemExit(f"there is no figure for {', '.join(missing)}")
    for name, make in SCHEDULES.items():
        figure, axes = plt.subplots(figsize=(3.2, 1.6))
        axes.plot(rates(make), drawstyle="steps-post" if "Step" in name else "default")
        axes.set(title=name, xlabel="step", ylabel="rate")
        save(figure, folder / f"schedule-{name}.svg")


def valley(x: object, y: object) -> object:
    return 0.5 * (x * x + 20 * y * y)


def banana(x: object, y: object) -> object:
    return (1 - x) ** 2 + 20 * (y - x * x) ** 2


SURFACES = {"valley": (valley, (-2.0, 0.6), 0.03), "banana": (banana, (-1.2, 1.0), 0.004)}


# Rates that follow the slope; those that divide by its size take steps of about the rate itself, here 0.05.
BY_SLOPE = {"SGD": 1, "ASGD": 1, "RAdam": 1, "Adadelta": 500, "LARS": 100}
BY_CURVATURE = {
    "LBFGS": {"line_search_fn": "strong_wolfe", "max_iter": 2, "max_eval": 6},
    "Newton": {},
    "HessianFree": {},
}


def path(name: str, surface: object, start: tuple[float, float], rate: float) -> np.ndarray:
    place = torch.tensor([start], dtype=torch.float64, requires_grad=True)  # a matrix, which Muon needs
    lr = 1.0 if name in BY_CURVATURE else rate * BY_SLOPE[name] if name in BY_SLOPE else 0.05
    made = getattr(torch.optim, name)([place], lr=lr, **BY_CURVATURE.get(name, {}))

    def closure() -> object:
        made.zero_grad()
        loss = surface(place[0, 0], place[0, 1])
        loss.backward(retain_graph=True)
        return loss

    places = [place[0].tolist()]
    for _ in range(15 if name in BY_CURVATURE else 150):
        made.step(closure)
        places.append(place[0].tolist())
    return np.array(places)


def draw_paths(folder: Path) -> None:
    x, y = np.meshgrid(np.linspace(-2.2, 1.6, 40), np.linspace(-1.2, 2.0, 40))
    for name in [name for name, *_ in _C.entries(_C.OPTIMIZERS) if name != "KFAC"]:  # which is for layers
        figure, both = plt.subplots(1, len(SURFACES), figsize=(5.2, 1.8), sharey=True)
        for axes, (title, (surface, start, rate)) in zip(both, SURFACES.items(), strict=True):
            axes.contour(x, y, np.log1p(surface(x, y)), levels=7, linewidths=0.5, colors="grey")
            places = path(name, surface, start, rate)
            axes.plot(places[:, 0], places[:, 1], marker="." if len(places) < 50 else None, linewidth=1)
            axes.set(title=f"{name}: {title}", xlim=(-2.2, 1.6), ylim=(-1.2, 2.0))
        save(figure, folder / f"optimizer-{name}.svg")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    draw_schedules(folder)
    draw_paths(folder)
    pictures.draw(folder)


if __name__ == "__main__":
    main()
