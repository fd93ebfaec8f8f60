#!/usr/bin/env python3
"""Writes heads.json and the C table of heads: losses, gradients and predictions by PyTorch, in float64. Needs torch."""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

HERE = Path(__file__).parent
C_TABLE = HERE.parent / "CTests" / "head_cases.inc"
cases = []


def case(head, options, outputs, targets, predict, loss):
    x = torch.tensor(outputs, dtype=torch.float64, requires_grad=True)
    t = torch.tensor(targets)
    value = loss(x, t)
    value.backward()
    cases.append(
        {
            "head": head,
            "options": options,
            "shape": list(x.shape),
            "outputs": x.flatten().tolist(),
            "targets": t.flatten().double().tolist(),
            "target_shape": list(t.shape),
            "classes": not t.is_floating_point(),
            "loss": value.item(),
            "gradient": x.grad.flatten().tolist(),
            "predictions": predict(x).flatten().tolist(),
        }
    )


def binary(options, outputs, targets):
    weight = options.get("pos_weight")
    smoothing = options.get("label_smoothing", 0)

    def loss(x, t):
        t = t.double().reshape(x.shape) * (1 - smoothing) + smoothing / 2
        positive = None if weight is None else torch.tensor(weight, dtype=torch.float64)
        each = options.get("weight")
        each = None if each is None else torch.tensor(each, dtype=torch.float64)
        return F.binary_cross_entropy_with_logits(x, t, weight=each, pos_weight=positive)

    case("MultiLabel" if len(torch.tensor(targets).shape) == 2 and len(targets[0]) > 1 else "Binary", options, outputs,
         targets, torch.sigmoid, loss)  # fmt: skip


def multiclass(options, outputs, targets):
    weight = options.get("weight")
    rest = {name: value for name, value in options.items() if name != "weight"}
    weight = None if weight is None else torch.tensor(weight, dtype=torch.float64)
    case("Multiclass", options, outputs, targets, lambda x: x.softmax(1),
         lambda x, t: F.cross_entropy(x, t, weight=weight, **rest))  # fmt: skip


def numbers(head, options, outputs, targets, predict, loss=None):
    def squares(x, t):
        return F.mse_loss(predict(x), t.double().reshape(x.shape))

    case(head, options, outputs, targets, predict, loss or squares)


def table():
    column, row = [[0.3], [-1.2], [2.5], [-0.1]], [0.3, -1.2, 2.5, -0.1]
    for outputs in (row, column):
        for targets in ([1, 0, 1, 1], [[1], [0], [1], [1]], [0.2, 0.0, 1.0, 0.7]):
            binary({}, outputs, targets)
    binary({"pos_weight": 3.0}, row, [1, 0, 1, 1])
    binary({"label_smoothing": 0.1, "pos_weight": 0.5}, column, [1, 0, 1, 1])
    far = [1e4, -1e4, 1e4, -1e4]
    binary({}, far, [1, 1, 0, 0])
    scores, labels = [[0.3, -1.2, 2.0], [0.5, 0.1, -0.7]], [[1, 0, 1], [0, 0, 1]]
    binary({}, scores, labels)
    binary({"weight": [1.0, 2.0, 0.5], "pos_weight": [2.0, 1.0, 4.0]}, scores, labels)
    binary({"label_smoothing": 0.2}, scores, labels)
    multiclass({}, scores, [2, 0])
    multiclass({"weight": [1.0, 2.0, 0.5]}, scores, [2, 0])
    multiclass({"label_smoothing": 0.1, "weight": [1.0, 2.0, 0.5]}, scores, [2, 1])
    multiclass({"ignore_index": 1}, scores, [2, 1])
    multiclass({}, [[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]], [0, 0])
    for outputs in (row, column):
        for targets in ([0.5, 2.0, 1.0, -1.0], [[0.5], [2.0], [1.0], [-1.0]], [1, 2, 0, 3]):
            numbers("Regression", {}, outputs, targets, lambda x: x)
    numbers("PositiveRegression", {}, row, [0.5, 0.0, 1.0, 3.0], torch.relu)
    numbers("PositiveRegression", {"activation": "exp", "loss": "mse"}, column, [0.5, 0.0, 1.0, 3.0], torch.exp)
    numbers("PositiveRegression", {"activation": "exp"}, column, [2, 0, 1, 3], torch.exp,
            lambda x, t: F.poisson_nll_loss(x, t.double().reshape(x.shape)))  # fmt: skip
    numbers("BoundedRegression", {"low": -1.0, "high": 3.0}, row, [0.5, 0.0, 1.0, 3.0],
            lambda x: -1 + 4 * torch.sigmoid(x))  # fmt: skip
    numbers("BoundedRegression", {"low": 0.0, "high": 10.0, "steepness": 0.5}, far, [5.0, 0.0, 10.0, 3.0],
            lambda x: 10 * torch.sigmoid(0.5 * x))  # fmt: skip


def c_value(value):
    if isinstance(value, str):
        return f'snn_string("{value}")'
    if isinstance(value, list):
        return f"snn_floats((const double[]){{{', '.join(map(repr, value))}}}, {len(value)})"
    return f"snn_{'int' if isinstance(value, int) else 'float'}({value!r})"


def c_case(number, one):
    def doubles(values):
        return f"(const double[]){{{', '.join(map(repr, values))}}}"

    def sizes(shape):
        return f"{len(shape)}, (const int64_t[]){{{', '.join(map(str, shape))}}}"

    lines = [f"case {number}:", f'  run_head(run, "{one["head"]}");']
    lines += [f'  run_option(run, "{name}", {c_value(value)});' for name, value in one["options"].items()]
    lines.append(f"  run_outputs(run, {sizes(one['shape'])}, {doubles(one['outputs'])});")
    kind = "SNN_INT64" if one["classes"] else "SNN_FLOAT64"
    lines.append(f"  run_targets(run, {kind}, {sizes(one['target_shape'])}, {doubles(one['targets'])});")
    lines.append(f"  run_expect(run, {one['loss']!r}, {doubles(one['gradient'])}, {doubles(one['predictions'])});")
    return "\n".join([*lines, "  return true;"])


if __name__ == "__main__":
    table()
    lines = ",\n".join(json.dumps(one, allow_nan=False) for one in cases)
    (HERE / "heads.json").write_text('{"cases": [\n' + lines + "\n]}\n")
    texts = ["// Generated by Tests/Golden/heads.py: do not edit.", *map(c_case, range(len(cases)), cases)]
    C_TABLE.write_text("\n".join(texts) + "\n")
    print(f"heads.json: {len(cases)} cases")
