"""Losses with layers inside, and losses that call functions of Python."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn import _layers
from swiftnn.nn import functional as F
from swiftnn.nn.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Distance = Callable[[Tensor, Tensor], Tensor]


class TripletMarginWithDistanceLoss(Module):
    """max(0, d(anchor, positive) - d(anchor, negative) + margin) with any distance; pairwise_distance without one."""

    def __init__(
        self,
        *,
        distance_function: Distance | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: str = "mean",
    ) -> None:
        super().__init__()
        if margin <= 0:
            raise ValueError(
                f"TripletMarginWithDistanceLoss: expected margin to be greater than 0, got {margin} instead"
            )
        if reduction not in ("none", "mean", "sum"):
            raise ValueError(f"TripletMarginWithDistanceLoss: {reduction} is not a valid value for reduction")
        self.distance_function: Distance = distance_function or F.pairwise_distance
        self.margin, self.swap, self.reduction = margin, swap, reduction

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        near, far = self.distance_function(anchor, positive), self.distance_function(anchor, negative)
        if self.swap:
            far = far.minimum(self.distance_function(positive, negative))
        losses = (near - far + self.margin).clamp(min=0)
        return losses if self.reduction == "none" else losses.sum() if self.reduction == "sum" else losses.mean()


class AdaptiveOutput(tuple[Tensor, Tensor]):
    """What an adaptive softmax gives for targets."""

    @property
    def output(self) -> Tensor:
        return self[0]

    @property
    def loss(self) -> Tensor:
        return self[1]


class AdaptiveLogSoftmaxWithLoss(_layers.AdaptiveLogSoftmaxWithLoss):
    __doc__ = _layers.AdaptiveLogSoftmaxWithLoss.__doc__
    __module__ = "swiftnn.nn"

    @property
    def cutoffs(self) -> list[int]:
        return [*self.__dict__["cutoffs"], self.n_classes]

    @property
    def shortlist_size(self) -> int:
        return int(self.cutoffs[0])

    @property
    def n_clusters(self) -> int:
        return len(self.cutoffs) - 1

    @property
    def head_size(self) -> int:
        return self.shortlist_size + self.n_clusters

    def forward(self, input: Tensor, target: Tensor) -> Any:  # type: ignore[override]
        return AdaptiveOutput(super().forward(input, target))

    def log_prob(self, input: Tensor) -> Tensor:
        """The logarithms of the probabilities of all classes."""
        result: Tensor = super().forward(input)[0]
        return result

    def predict(self, input: Tensor) -> Tensor:
        """The most probable class of each row."""
        return self.log_prob(input).argmax(1)
