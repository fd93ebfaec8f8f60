"""The ways that parameters take under the optimizers of Tests/Golden/optimizers, by PyTorch or by their papers."""

import io

import optimizers
import torch
from optimizers import papers

KEPT = (1, 2, 10, 100)


def start(shapes: list) -> list[torch.Tensor]:
    """Parameters whose elements are told apart; the tests compute the same ones."""
    made, number = [], 0
    for shape in shapes:
        count = torch.Size(shape).numel()
        values = [((7 * i + 3) % 11 - 5) / 4 + i / 64 for i in range(number, number + count)]
        made.append(torch.tensor(values, dtype=torch.float64).reshape(shape).requires_grad_())
        number += count
    return made


def gradient(parameter: torch.Tensor, step: int) -> torch.Tensor:
    """A gradient with changes of sign; the tests compute the same one."""
    return parameter.detach() * 0.75 - (step % 3) + 0.5


def valley(parameters: list) -> torch.Tensor:
    """Rosenbrock's valley along the elements of each parameter; the tests compute the same one."""
    losses = []
    for parameter in parameters:
        x = parameter.reshape(-1)
        losses.append((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())
    return sum(losses)


def model(parameters: list, optimizer: object) -> torch.Tensor:
    """A network with these weights: after each a tanh but the last; the tests compute the same one."""
    *weights, scale = parameters
    sizes = [6, weights[0].shape[1]] if weights[0].dim() == 2 else [6, weights[0].shape[1], 4, 4]
    count = torch.Size(sizes).numel()
    x = torch.tensor([((5 * i + 2) % 13 - 6) / 8 for i in range(count)], dtype=torch.float64).reshape(sizes)
    optimizer.calls = calls = []
    while weights:
        weight = weights.pop(0)
        bias = weights.pop(0) if weights and weights[0].dim() == 1 else None
        if weight.dim() == 4:
            z = torch.conv2d(x, weight, bias, padding=1, stride=(1, 2))
            calls.append((weight, bias, x, z, {"kernel_size": weight.shape[2:], "padding": 1, "stride": (1, 2)}))
        else:
            x = x.flatten(1) / 4
            z = torch.nn.functional.linear(x, weight, bias)
            calls.append((weight, bias, x, z, None))
        z.retain_grad()
        x = z.tanh() if weights else z * scale
    optimizer.outputs = x
    target = torch.tensor([((3 * i) % 7 - 3) / 4 for i in range(x.numel())], dtype=torch.float64).reshape(x.shape)
    return (x - target).square().sum() / 12


def argument(value: object) -> object:
    if isinstance(value, list):
        return {"floats": ["nan" if item is None else item for item in value]}
    return {"float": value} if isinstance(value, float) else value


def arguments(options: dict) -> dict:
    return {name: argument(value) for name, value in options.items()}


def groups(case: optimizers.Trajectory, parameters: list) -> list[dict]:
    if not case.second_group:
        return [{"params": parameters}]
    half = len(parameters) // 2
    return [{"params": parameters[:half]}, {"params": parameters[half:]} | case.second_group]


def make(case: optimizers.Trajectory, parameters: list) -> object:
    """PyTorch's optimizer, where it has the options."""
    known = getattr(torch.optim, case.optimizer, None)
    extra = case.options.get("eps_inside") or case.options.get("lr_inside") or case.options.get("look_ahead")
    options = dict(case.options)
    if known is None or extra:
        known = getattr(papers, case.optimizer)
    else:
        for name in ("eps_inside", "lr_inside", "look_ahead"):
            options.pop(name, None)
    optimizer = known(groups(case, parameters), **options)
    for name, wrapped in case.wrappers:
        optimizer = getattr(papers, name)(optimizer, **wrapped)
    return optimizer


def run(case: optimizers.Trajectory) -> list[list[float]]:
    parameters = start(case.shapes)
    optimizer = make(case, parameters)
    # The last of several parameters has no gradient.
    moved = parameters[:-1] if case.shapes == optimizers.SHAPES else parameters
    kept = []
    for step in range(1, case.steps + 1):

        def closure(step: int = step) -> torch.Tensor:
            if case.problem != "slope":
                optimizer.zero_grad()
                loss = valley(parameters) if case.problem == "valley" else model(parameters, optimizer)
                loss.backward(retain_graph=True)
                return loss
            for parameter in moved:
                parameter.grad = gradient(parameter, step)
            if step == case.nan_at:
                moved[0].grad.view(-1)[0] = torch.nan
            return torch.zeros(())

        optimizer.step(closure)
        if step in KEPT:
            kept.append([value for parameter in parameters for value in parameter.detach().reshape(-1).tolist()])
    return kept


def golden() -> list:
    found = []
    for case in optimizers.load():
        values = [["nan" if value != value else value for value in row] for row in run(case)]
        found.append({
            "optimizer": case.optimizer, "options": arguments(case.options), "shapes": [list(s) for s in case.shapes],
            "second_group": arguments(case.second_group),
            "wrappers": [{"name": name, "options": arguments(options)} for name, options in case.wrappers],
            "closure": case.closure, "problem": case.problem, "nan_at": case.nan_at,
            "without_gradient": int(case.shapes == optimizers.SHAPES),
            "steps": [step for step in KEPT if step <= case.steps], "values": values,
        })  # fmt: skip
    return found


def c_value(value: object) -> str:
    if isinstance(value, bool):
        return f"snn_bool({str(value).lower()})"
    if isinstance(value, list):
        return (
            f"snn_floats((const double[]){{{', '.join('NAN' if v is None else repr(v) for v in value)}}}, {len(value)})"
        )
    if isinstance(value, str):
        return f'snn_string("{value}")'
    return f"snn_int({value})" if isinstance(value, int) else f"snn_float({value!r})"


def c_options(options: dict) -> str:
    return "OPTIONS(" + "".join(f'{{"{name}", {c_value(value)}}}, ' for name, value in options.items()) + ")"


def c_table(golden: list) -> str:
    """A line for each trajectory of one group, for Tests/CTests/test_optimizers.c."""
    lines = ["// Written by Tests/Golden/generate.py: do not edit."]
    for case, entry in zip(optimizers.load(), golden, strict=True):
        if case.second_group:
            continue
        ranks = ", ".join(str(len(shape)) for shape in case.shapes)
        sizes = ", ".join(str(size) for shape in case.shapes for size in shape)
        values = ", ".join("NAN" if value == "nan" else repr(value) for value in entry["values"][-1])
        wrappers = "".join(f' WRAPPED("{name}", {c_options(options)})' for name, options in case.wrappers)
        given = [
            f'"{case.optimizer}"', c_options(case.options), str(case.closure).lower(),
            case.problem.upper(), str(case.nan_at),
            str(case.steps), str(entry["without_gradient"]), f"SHAPES({ranks})", f"SIZES({sizes or 0})",
            f"({wrappers.strip()})", f"VALUES({values})",
        ]  # fmt: skip
        lines.append(f"TRAJECTORY({', '.join(given)})")
    return "\n".join(lines) + "\n"


def states() -> bytes:
    """What torch.save writes of every optimizer of PyTorch in the middle of its way, and where it ends."""
    saved = []
    for case in optimizers.load():
        plain = not case.wrappers and not case.closure and not case.nan_at
        if (
            not plain
            or not hasattr(torch.optim, case.optimizer)
            or set(case.options) & {"lr_inside", "eps_inside", "look_ahead"}
        ):
            continue
        parameters = start(case.shapes)
        optimizer = make(case, parameters)
        for step in range(1, 21):
            if step == 11:
                middle = io.BytesIO()
                torch.save(optimizer.state_dict(), middle)
                middle.seek(0)
                entry = {
                    "optimizer": case.optimizer, "state": torch.load(middle), "groups": len(optimizer.param_groups),
                    "parameters": [parameter.detach().clone() for parameter in parameters],
                }  # fmt: skip
            for parameter in parameters:
                parameter.grad = gradient(parameter, step)
            optimizer.step()
        if any(other["optimizer"] == case.optimizer and other["groups"] == entry["groups"] for other in saved):
            continue
        saved.append(entry | {"end": [parameter.detach().clone() for parameter in parameters]})
    written = io.BytesIO()
    torch.save(saved, written)
    return written.getvalue()
