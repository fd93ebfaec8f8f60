"""Programs that change tensors and views of them in place, with the gradients of a weighted sum of the last value.

A step is [result, operation, arguments…]; "$x" is the tensor x.
"""

import torch

INPUTS = {"x": [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], "w": [1.0, -2.0, 0.5]}

PROGRAMS = [
    ("a row of a product", [["y", "mul", "$x", 2.0], ["r", "select", "$y", 0, 1], ["_", "mul_", "$r", "$w"]]),
    ("a row that is used", [["y", "mul", "$x", "$x"], ["r", "select", "$y", 0, 0], ["_", "add_", "$r", "$w"],
        ["s", "mul", "$r", "$r"], ["y", "add", "$y", "$s"]]),
    ("zeros filled row by row", [["y", "zeros_like", "$x"], ["r", "select", "$y", 0, 0], ["_", "copy_", "$r", "$w"],
        ["q", "select", "$y", 0, 1], ["m", "mul", "$w", "$w"], ["_", "copy_", "$q", "$m"], ["y", "mul", "$y", "$x"]]),
    ("a transposed view", [["y", "mul", "$x", 3.0], ["t", "transpose", "$y", 0, 1], ["u", "exp", "$t"],
        ["_", "mul_", "$t", "$u"], ["r", "select", "$t", 0, 1], ["_", "sin_", "$r"]]),
    ("a view of a view", [["y", "mul", "$x", "$x"], ["r", "select", "$y", 0, 1], ["c", "narrow", "$r", 0, 1, 2],
        ["_", "mul_", "$c", 5.0], ["_", "add_", "$r", "$w"]]),
    ("the base after its view", [["y", "mul", "$x", 2.0], ["r", "select", "$y", 0, 0], ["_", "mul_", "$y", "$x"],
        ["s", "mul", "$r", "$w"], ["y", "add", "$y", "$s"]]),
    ("two views of one base", [["y", "mul", "$x", 2.0], ["a", "narrow", "$y", 1, 0, 2], ["b", "narrow", "$y", 1, 1, 2],
        ["_", "mul_", "$a", 3.0], ["_", "add_", "$b", 1.0], ["s", "mul", "$a", "$b"], ["y", "cat", ["$y", "$s"], 1]]),
    ("overwritten by a number", [["y", "mul", "$x", "$w"], ["r", "select", "$y", 1, 1], ["_", "fill_", "$r", 4.0],
        ["y", "mul", "$y", "$x"]]),
    ("zeroed", [["y", "mul", "$x", "$w"], ["r", "narrow", "$y", 1, 0, 2], ["_", "zero_", "$r"],
        ["y", "add", "$y", "$w"]]),
    ("changed many times", [["y", "mul", "$x", 1.0], ["_", "mul_", "$y", "$w"], ["_", "add_", "$y", "$x"],
        ["_", "sin_", "$y"], ["_", "mul_", "$y", 2.0], ["_", "tanh_", "$y"]]),
    ("outside the graph at first", [["y", "zeros_like", "$x"], ["r", "select", "$y", 0, 1], ["_", "add_", "$r", 2.0],
        ["_", "mul_", "$r", "$w"], ["_", "mul_", "$y", "$x"]]),
    ("masked", [["y", "mul", "$x", 2.0], ["m", "gt", "$y", 0.0], ["r", "transpose", "$y", 0, 1],
        ["n", "transpose", "$m", 0, 1], ["_", "masked_fill_", "$r", "$n", 7.0], ["y", "mul", "$y", "$x"]]),
    ("through a reshape", [["y", "mul", "$x", 2.0], ["f", "reshape", "$y", [6]], ["h", "narrow", "$f", 0, 1, 3],
        ["_", "mul_", "$h", "$w"], ["y", "mul", "$y", "$y"]]),
]  # fmt: skip


def argument(value: object) -> object:
    if isinstance(value, float):
        return {"float": value}
    if isinstance(value, list) and value and isinstance(value[0], str):
        return {"names": value}
    return {"ints": value} if isinstance(value, list) else value


def run(steps: list) -> dict[str, torch.Tensor]:
    known = {name: torch.tensor(values, dtype=torch.float64, requires_grad=True) for name, values in INPUTS.items()}

    def value(item: object) -> object:
        if isinstance(item, list):
            return [value(part) for part in item]
        return known[item[1:]] if isinstance(item, str) else item

    for result, name, *arguments in steps:
        function = getattr(torch.Tensor, name, None) or getattr(torch, name)
        known[result] = function(*map(value, arguments))
    return known


def golden() -> list:
    found = []
    for name, steps in PROGRAMS:
        known = run(steps)
        y = known["y"]
        weights = (torch.arange(y.numel(), dtype=torch.int64) * 7 % 11 - 5.5).to(torch.float64).reshape(y.shape) / 4
        gradients = torch.autograd.grad((weights * y).sum(), [known["x"], known["w"]], allow_unused=True)
        lists = [torch.zeros_like(known[key]) if g is None else g for key, g in zip("xw", gradients, strict=True)]
        found.append({
            "name": name, "inputs": [{"name": key, "values": torch.tensor(INPUTS[key]).flatten().tolist(),
                                      "shape": list(torch.tensor(INPUTS[key]).shape)} for key in INPUTS],
            "steps": [[argument(part) for part in step] for step in steps], "values": y.detach().flatten().tolist(),
            "gradients": [g.flatten().tolist() for g in lists],
        })  # fmt: skip
    return found
