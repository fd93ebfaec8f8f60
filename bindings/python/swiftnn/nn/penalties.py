"""What is added to a loss, or done behind a step, so that parameters stay small.

Parameters come as a module or as (name, tensor) pairs. Biases and normalization layers, that is names that end in
"bias" and tensors of at most one axis, are left out unless vectors=True; patterns choose by name, with * and ?.
"""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn.nn.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import TypeAlias

    Parameters: TypeAlias = Module | Iterable[tuple[str, Tensor]]
    Patterns: TypeAlias = str | Sequence[str]


def _split(parameters: Parameters) -> tuple[list[str], list[Tensor]]:
    named = list(parameters.named_parameters() if isinstance(parameters, Module) else parameters)
    return [name for name, _ in named], [tensor for _, tensor in named]


def _patterns(patterns: Patterns) -> list[str]:
    return [patterns] if isinstance(patterns, str) else list(patterns)


def penalty(
    kind: str,
    parameters: Parameters,
    strength: float,
    *,
    scale: str = "lambda",
    m: float = 1.0,
    ratio: float = 0.5,
    anchors: Parameters | None = None,
    patterns: Patterns = (),
    vectors: bool = False,
) -> Tensor:
    """scale · the sum over the parameters of |w| ("l1"), w² ("l2"), ratio·|w| + (1 - ratio)·w² ("elastic_net"), the
    norm of each ("frobenius"), or (w - anchor)² ("l2_sp"). scale: "lambda", "lambda/2", "lambda/m" or "lambda/2m"."""
    names, tensors = _split(parameters)
    saved = None
    if anchors is not None:
        known = dict(zip(*_split(anchors)))
        missing = [name for name in names if name not in known]
        if missing:
            raise ValueError(f"{kind}: there is no anchor for '{missing[0]}'")
        saved = [known[name] for name in names]
    return _C.penalty(kind, strength, names, tensors, scale, m, ratio, saved, _patterns(patterns), vectors)


def l1(
    parameters: Parameters, strength: float, scale: str = "lambda", m: float = 1.0, *,
    patterns: Patterns = (), vectors: bool = False,
) -> Tensor:  # fmt: skip
    """The sum of |w|."""
    return penalty("l1", parameters, strength, scale=scale, m=m, patterns=patterns, vectors=vectors)


def l2(
    parameters: Parameters, strength: float, scale: str = "lambda", m: float = 1.0, *,
    patterns: Patterns = (), vectors: bool = False,
) -> Tensor:  # fmt: skip
    """The sum of w²; with scale "lambda/2" its gradient is strength · w, as of weight_decay."""
    return penalty("l2", parameters, strength, scale=scale, m=m, patterns=patterns, vectors=vectors)


def elastic_net(
    parameters: Parameters, strength: float, ratio: float = 0.5, scale: str = "lambda", m: float = 1.0, *,
    patterns: Patterns = (), vectors: bool = False,
) -> Tensor:  # fmt: skip
    """The sum of ratio·|w| + (1 - ratio)·w²."""
    return penalty(
        "elastic_net", parameters, strength, scale=scale, m=m, ratio=ratio, patterns=patterns, vectors=vectors
    )


def frobenius(
    parameters: Parameters, strength: float, scale: str = "lambda", m: float = 1.0, *,
    patterns: Patterns = (), vectors: bool = False,
) -> Tensor:  # fmt: skip
    """The sum of the norms of the parameters."""
    return penalty("frobenius", parameters, strength, scale=scale, m=m, patterns=patterns, vectors=vectors)


def l2_sp(
    parameters: Parameters, anchors: Parameters, strength: float, scale: str = "lambda", m: float = 1.0, *,
    patterns: Patterns = (), vectors: bool = False,
) -> Tensor:  # fmt: skip
    """The sum of (w - anchor)²: the distance to weights that were saved by name."""
    return penalty("l2_sp", parameters, strength, scale=scale, m=m, anchors=anchors, patterns=patterns, vectors=vectors)


def proximal_l1_(parameters: Parameters, threshold: float, *, patterns: Patterns = (), vectors: bool = False) -> None:
    """Moves every element towards 0 by threshold, the rate times the strength, and no further: exact zeros."""
    names, tensors = _split(parameters)
    _C.proximal_l1(names, tensors, threshold, _patterns(patterns), vectors)


def max_norm_(
    parameters: Parameters, max_norm: float, p: float = 2.0, dim: int = 0, *,
    patterns: Patterns = (), vectors: bool = False,
) -> None:  # fmt: skip
    """Scales each part along dim whose p-norm is greater down to max_norm: with 0, the weights of each unit."""
    names, tensors = _split(parameters)
    _C.limit_norm(names, tensors, max_norm, p, dim, _patterns(patterns), vectors)
