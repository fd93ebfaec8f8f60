"""Chains of views of 0, 1, … 23 as [2, 3, 4], and where a reshape can show the same memory."""

import torch

CHAINS = [
    [["permute", [2, 0, 1]], ["reshape", [4, 6]]],
    [["permute", [2, 0, 1]], ["reshape", [2, 2, 6]]],
    [["permute", [1, 0, 2]], ["reshape", [3, 8]]],
    [["permute", [1, 0, 2]], ["reshape", [6, 4]]],
    [["permute", [0, 2, 1]], ["reshape", [2, 12]]],
    [["transpose", 0, 2], ["reshape", [4, 3, 1, 2]]],
    [["transpose", 0, 2], ["reshape", [-1]]],
    [["transpose", 0, 1], ["transpose", 1, 2], ["reshape", [3, 2, 2, 2]]],
    [["narrow", 1, 1, 2], ["reshape", [2, 8]]],
    [["narrow", 1, 1, 2], ["reshape", [4, 4]]],
    [["narrow", 0, 1, 1], ["reshape", [12]]],
    [["narrow", 2, 1, 2], ["reshape", [6, 2]]],
    [["narrow", 2, 1, 2], ["reshape", [12]]],
    [["select", 1, 2], ["reshape", [8]]],
    [["select", 0, 1], ["t"], ["reshape", [2, 6]]],
    [["select", 2, 3], ["reshape", [3, 2]]],
    [["unsqueeze", 1], ["expand", [2, 5, 3, 4]], ["reshape", [10, 12]]],
    [["unsqueeze", 1], ["expand", [2, 5, 3, 4]], ["reshape", [2, 5, 12]]],
    [["narrow", 0, 0, 1], ["expand", [3, 3, 4]], ["reshape", [9, 4]]],
    [["unsqueeze", 0], ["transpose", 0, 1], ["reshape", [2, 3, 1, 4]]],
    [["select", 0, 0], ["unsqueeze", 2], ["transpose", 0, 1], ["reshape", [4, 3, 1]]],
    [["narrow", 1, 0, 1], ["squeeze", 1], ["reshape", [2, 2, 2]]],
    [["narrow", 1, 0, 0], ["reshape", [0, 5]]],
    [["flatten", 1], ["t"], ["flatten", 0]],
]


def golden() -> list:
    found = []
    for steps in CHAINS:
        source = torch.arange(24).reshape(2, 3, 4)
        x = source
        for name, *arguments in steps:
            x = getattr(x, name)(*arguments)
        chain = [[name, *({"ints": a} if isinstance(a, list) else a for a in arguments)] for name, *arguments in steps]
        shares = x.untyped_storage().data_ptr() == source.untyped_storage().data_ptr()
        found.append({"steps": chain, "shape": list(x.shape), "values": x.flatten().tolist(), "shares": shares})
    return found
