"""Losses that call functions of Python."""

from __future__ import annotations

from swiftnn._C import Tensor
from swiftnn.nn import functional as F
from swiftnn.nn.module import Module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

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
