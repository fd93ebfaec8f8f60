"""A multi-layer perceptron as scikit-learn counts it: what it gives, and how far that is from targets."""

from __future__ import annotations

from math import log, log1p

import swiftnn
from swiftnn import Tensor
from swiftnn.nn import functional as F

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_HIDDEN = {"identity": lambda x: x, "logistic": swiftnn.sigmoid, "tanh": swiftnn.tanh, "relu": swiftnn.relu}


def linked(x: Tensor, weights: Sequence[Tensor], biases: Sequence[Tensor], activation: str) -> Tensor:
    """What stands before the activation of the output."""
    for weight, bias in zip(weights[:-1], biases[:-1]):
        x = _HIDDEN[activation](swiftnn.addmm(bias, x, weight))
    return swiftnn.addmm(biases[-1], x, weights[-1])


def output(linked: Tensor, activation: str) -> Tensor:
    """The activation of the output: "identity", "exp", "logistic" or "softmax"."""
    if activation == "softmax":
        return swiftnn.softmax(linked, 1)
    return swiftnn.exp(linked) if activation == "exp" else _HIDDEN[activation](linked)


def losses(linked: Tensor, target: Tensor, activation: str) -> Tensor:
    """A row for each example, whose sum is made small: the loss that belongs to the activation of the output."""
    if activation == "softmax":
        return F.cross_entropy(linked, target, reduction="none").unsqueeze(1)
    if activation == "logistic":
        return F.binary_cross_entropy_with_logits(linked, target, reduction="none")
    if activation == "exp":
        return swiftnn.exp(linked) - target * linked + (swiftnn.xlogy(target, target) - target)
    return (linked - target).square() / 2


def shown(losses: Tensor, activation: str) -> Tensor:
    """What scikit-learn reports of losses: as if no probability were 0 or 1, and the mean over several numbers."""
    if activation in ("softmax", "logistic"):
        eps = swiftnn.finfo(losses.dtype).eps
        return losses.clamp(-log1p(-eps), -log(eps))
    return losses / losses.shape[1] if activation == "identity" else losses


def penalty(weights: Sequence[Tensor], alpha: float) -> Tensor:
    """alpha / 2 times the squares of all weights."""
    squares = weights[0].square().sum()
    for weight in weights[1:]:
        squares = squares + weight.square().sum()
    return squares * (alpha / 2)
