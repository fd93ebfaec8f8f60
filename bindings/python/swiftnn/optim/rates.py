"""Learning rates for whole models: how to find one, and how to give one to each group of layers."""

from __future__ import annotations

from swiftnn import _C
from swiftnn.optim.engine import EngineOptimizer, unwrapped

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from swiftnn._C import Tensor
    from swiftnn.optim.optimizer import Optimizer


class RateRange:
    """How the loss went while the rate rose."""

    def __init__(
        self,
        rates: list[float],
        losses: list[float],
        smoothed: list[float],
        steepest: float,
        tenth_of_lowest: float,
    ) -> None:
        self.rates, self.losses, self.smoothed = rates, losses, smoothed
        self.steepest, self.tenth_of_lowest = steepest, tenth_of_lowest

    @property
    def suggestion(self) -> float:
        """The rate where the smoothed loss falls fastest, or a tenth of that with the least where it does not fall."""
        return self.steepest if self.steepest == self.steepest else self.tenth_of_lowest

    def __repr__(self) -> str:
        return f"RateRange({len(self.rates)} rates, suggestion={self.suggestion:.3g})"

    def plot(self, axes: Any = None) -> Any:
        """The curve, with matplotlib."""
        import matplotlib.pyplot as plt  # type: ignore[import-not-found, unused-ignore]

        axes = axes or plt.subplots()[1]
        axes.semilogx(self.rates, self.losses, alpha=0.3, label="loss")
        axes.semilogx(self.rates, self.smoothed, label="smoothed")
        for rate, name in ((self.steepest, "steepest"), (self.tenth_of_lowest, "lowest / 10")):
            axes.axvline(rate, linestyle=":", label=f"{name}: {rate:.2g}")
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss")
        axes.legend()
        return axes


def lr_range_test(
    closure: Callable[[], Any],
    optimizer: Optimizer,
    start_lr: float = 1e-7,
    end_lr: float = 10.0,
    num_iter: int = 100,
    mode: str = "exp",
    smooth: float = 0.98,
    diverge: float = 4.0,
    keep: Iterable[Tensor] = (),
) -> RateRange:
    """Trains with a rising rate until the loss rises. closure computes the loss of a batch, calls backward and returns
    it. Afterwards parameters, gradients, the optimizer's state and the tensors keep, as model.buffers(), are what they
    were."""
    if mode not in ("exp", "linear"):
        raise ValueError(f"mode must be one of exp, linear, got '{mode}'")
    inner = unwrapped(optimizer)
    if not isinstance(inner, EngineOptimizer):
        raise TypeError(f"lr_range_test expects an optimizer of the engine, not {type(optimizer).__name__}")
    return RateRange(
        *_C.rate_range_test(
            inner._core,
            lambda: float(closure()),
            list(keep),
            start_lr,
            end_lr,
            num_iter,
            mode == "exp",
            smooth,
            diverge,
        )
    )


def discriminative_groups(groups: Sequence[Any], lr: float, decay: float = 2.6) -> list[dict[str, Any]]:
    """Parameter groups for an optimizer: the last of the modules, or lists of parameters, has lr, and each other the
    rate of the next divided by decay."""
    rates = _C.discriminative_rates(lr, len(groups), decay)
    return [
        {"params": list(group.parameters() if hasattr(group, "parameters") else group), "lr": rate}
        for group, rate in zip(groups, rates)
    ]


def scale_lr(lr: float, batch_size: int, base_batch_size: int = 256, rule: str = "linear") -> float:
    """The rate for batches of another size: in proportion to the size ("linear"), or to its root ("sqrt")."""
    if rule not in ("linear", "sqrt"):
        raise ValueError(f"rule must be one of linear, sqrt, got '{rule}'")
    return _C.scaled_rate(lr, batch_size, base_batch_size, rule == "sqrt")
