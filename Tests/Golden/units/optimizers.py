"""The ways that parameters take under optimizers, for every combination of options."""

import itertools

import torch

START = [[0.5, -1.0, 2.0], [1.5]]
STEPS = 20
KEPT = (1, 2, 5, 20)


def grid(**options: list) -> list[dict]:
    return [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]


GRIDS = {
    "SGD": [
        options
        for options in grid(momentum=[0.0, 0.9], dampening=[0.0, 0.1], weight_decay=[0.0, 0.01],
                            nesterov=[False, True], maximize=[False, True])
        if not options["nesterov"] or (options["momentum"] > 0 and options["dampening"] == 0)
    ],
    "Adam": grid(betas=[[0.9, 0.999], [0.5, 0.9]], eps=[1e-8, 1e-3], weight_decay=[0.0, 0.01],
                 amsgrad=[False, True], maximize=[False, True], decoupled_weight_decay=[False, True]),
    "AdamW": grid(betas=[[0.9, 0.999], [0.5, 0.9]], eps=[1e-8, 1e-3], weight_decay=[0.0, 0.01],
                  amsgrad=[False, True], maximize=[False, True]),
}  # fmt: skip


def gradient(parameter: torch.Tensor, step: int) -> torch.Tensor:
    """A gradient with changes of sign; the tests compute the same one."""
    return parameter * 0.75 - (step % 3) + 0.5


def argument(value: object) -> object:
    if isinstance(value, list):
        return {"floats": value}
    return {"float": value} if isinstance(value, float) else value


def golden() -> list:
    found = []
    for name, combinations in GRIDS.items():
        for options in combinations:
            parameters = [torch.tensor(values, dtype=torch.float64, requires_grad=True) for values in START]
            optimizer = getattr(torch.optim, name)(parameters, lr=0.1, **options)
            kept = []
            for step in range(1, STEPS + 1):
                for parameter in parameters:
                    parameter.grad = gradient(parameter.detach(), step)
                optimizer.step()
                if step in KEPT:
                    kept.append([value for parameter in parameters for value in parameter.detach().tolist()])
            found.append({
                "optimizer": name, "options": {"lr": {"float": 0.1}} | {k: argument(v) for k, v in options.items()},
                "start": START, "steps": list(KEPT), "values": kept,
            })  # fmt: skip
    return found
