"""In which dtype two operands meet: tensors with axes, tensors without, and plain numbers."""

import torch

DTYPES = ["float32", "float64", "float16", "bfloat16", "int64", "int32", "uint8", "bool"]
NUMBERS = {"float": 1.5, "int": 2, "bool": True}


def operands() -> list[tuple[list[str], object]]:
    found = []
    for name in DTYPES:
        found.append((["tensor", name], torch.ones(2, dtype=getattr(torch, name))))
        found.append((["scalar", name], torch.ones((), dtype=getattr(torch, name))))
    return found + [(["number", name], number) for name, number in NUMBERS.items()]


def golden() -> list:
    table = []
    for left, a in operands():
        for right, b in operands():
            if left[0] != "number" or right[0] != "number":
                table.append([*left, *right, str(torch.result_type(a, b)).split(".")[1]])
    return table
