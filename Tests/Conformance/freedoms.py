"""What is defined of results that a definition leaves partly open, and how near two roundings are to the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from samples import mapped

import swiftnn

NARROW = (torch.float16, torch.bfloat16, torch.float32)


def _picked(input: Any, values: Any, indices: Any, dim: int, keepdim: bool) -> tuple:
    """Of equal elements any may be named: the elements that stand where the indices say."""
    if input.dim() == 0 or indices.numel() == 0:
        return values, indices
    if not keepdim:
        return values, input.gather(dim, indices.unsqueeze(dim)).squeeze(dim)
    return values, input.gather(dim, indices)


def _ordered(arguments: tuple, named: dict, result: Any) -> Any:
    """sort and argsort: equal elements stand in any order unless stable says otherwise."""
    if named.get("stable") or not isinstance(arguments[0], (torch.Tensor, swiftnn.Tensor)):
        return result
    dim = named.get("dim", arguments[1] if len(arguments) > 1 else -1)
    if isinstance(result, (torch.Tensor, swiftnn.Tensor)):
        return _picked(arguments[0], result, result, dim, True)[1]
    return _picked(arguments[0], result[0], result[1], dim, True)


def _greatest(arguments: tuple, named: dict, result: Any) -> Any:
    dim = named.get("dim", arguments[2] if len(arguments) > 2 else -1)
    values, found = _picked(arguments[0], result[0], result[1], dim, True)
    if named.get("sorted", arguments[4] if len(arguments) > 4 else True) or values.dim() == 0:
        return values, found
    return values.sort(dim)[0], found.sort(dim)[0]


def _chosen(place: int) -> Callable:
    """kthvalue and mode: the dim stands at a place of the call, keepdim behind it."""

    def choose(arguments: tuple, named: dict, result: Any) -> Any:
        dim = named.get("dim", arguments[place] if len(arguments) > place else -1)
        keepdim = named.get("keepdim", arguments[place + 1] if len(arguments) > place + 1 else False)
        return _picked(arguments[0], result[0], result[1], dim, keepdim)

    return choose


def _composed(u: Any, s: Any, vh: Any) -> tuple:
    """Singular vectors may turn: the values, the product, and that the vectors are orthonormal."""
    k = s.shape[-1]
    product = (u[..., :k] * s.unsqueeze(-2)) @ vh[..., :k, :]
    return s, product, (u.mT @ u).detach(), (vh @ vh.mT).detach()


def _svd(arguments: tuple, named: dict, result: Any) -> Any:
    return _composed(result[0], result[1], result[2])


def _svd_classic(arguments: tuple, named: dict, result: Any) -> Any:
    u, s, v = result
    if not bool((u != 0).any()):  # compute_uv=False
        return result
    return _composed(u, s, v.mT)


def _eigh(arguments: tuple, named: dict, result: Any) -> Any:
    values, vectors = result
    return values, (vectors * values.unsqueeze(-2)) @ vectors.mT, (vectors.mT @ vectors).detach()


# By the name of the operator: from the arguments and the result to what both libraries have to agree on.
DEFINED: dict[str, Callable[[tuple, dict, Any], Any]] = {
    "sort": _ordered,
    "argsort": _ordered,
    "topk": _greatest,
    "kthvalue": _chosen(2),
    "mode": _chosen(1),
    "svd": _svd_classic,
    "linalg.svd": _svd,
    "linalg.eigh": _eigh,
}


def defined(name: str, call: tuple, result: Any) -> Any:
    reduce = DEFINED.get(name)
    return result if reduce is None else reduce(*call, result)


def is_nearer(theirs: Callable, call: tuple, expected: list, actual: list) -> bool:
    """Whether a result in less than double precision is at least as near to that of float64 as PyTorch's own."""
    if not any(value.dtype in NARROW for value in expected) or len(expected) != len(actual):
        return False

    def widened(value: Any) -> Any:
        return value.detach().double() if isinstance(value, torch.Tensor) and value.dtype in NARROW else value

    try:
        found = theirs(*mapped(call[0], widened), **mapped(call[1], widened))
    except Exception:  # some operators name their dtype
        return False
    truth = [found] if isinstance(found, torch.Tensor) else list(found)
    for exact, coarse, mine in zip(truth, expected, actual, strict=True):
        if tuple(mine.shape) != tuple(coarse.shape):
            return False
        near = (torch.from_dlpack(mine.detach().contiguous()).double() - exact).abs()
        theirs_is_off = (coarse.detach().double() - exact).abs().nan_to_num(torch.inf).max()
        if not bool((near <= theirs_is_off).all()):
            return False
    return True
