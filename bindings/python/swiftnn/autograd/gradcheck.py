"""Derivatives against differences of values."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class GradcheckError(RuntimeError):
    """A derivative and the difference of values do not agree."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """Compares func's gradients with central differences; every pair of a result and an input that requires grad.

    Seeds reach one result at a time, so missing gradients of the others (check_undefined_grad) are always part of it.
    """
    if not check_forward_ad and not check_backward_ad:
        raise ValueError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    numbers = (eps, atol, rtol, nondet_tol, check_backward_ad, check_forward_ad)
    return _check(func, inputs, (*numbers, check_batched_grad, fast_mode, False, ()), raise_exception)


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_fwd_over_rev: bool = False,
    check_rev_over_rev: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """The same for the gradients of func, as a function of its inputs and of the gradients of its results."""
    seeds = () if grad_outputs is None else grad_outputs if isinstance(grad_outputs, (tuple, list)) else (grad_outputs,)
    numbers = (eps, atol, rtol, nondet_tol, check_rev_over_rev, check_fwd_over_rev)
    return _check(func, inputs, (*numbers, check_batched_grad, fast_mode, True, tuple(seeds)), raise_exception)


def _check(func: Callable[..., Any], inputs: Any, options: tuple[Any, ...], raise_exception: bool) -> bool:
    arguments = tuple(inputs) if isinstance(inputs, (tuple, list)) else (inputs,)
    places = [place for place, value in enumerate(arguments) if isinstance(value, Tensor)]

    def call(tensors: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        values = list(arguments)
        for place, tensor in zip(places, tensors, strict=True):
            values[place] = tensor
        result = func(*values)
        return (result,) if isinstance(result, Tensor) else tuple(r for r in result if isinstance(r, Tensor))

    try:
        _C._gradcheck(call, [arguments[place] for place in places], *options)
    except RuntimeError as error:
        if "Jacobian mismatch" not in str(error) and "not reentrant" not in str(error):
            raise
        if raise_exception:
            raise GradcheckError(str(error)) from None
        return False
    return True
