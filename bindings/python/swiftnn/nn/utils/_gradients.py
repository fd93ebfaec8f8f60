"""Gradients kept small, and a look at their sizes."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._reports import Report, Row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from swiftnn.nn.module import Module

    TensorsLike = Tensor | Iterable[Tensor]


def _listed(tensors: TensorsLike) -> list[Tensor]:
    return [tensors] if isinstance(tensors, Tensor) else list(tensors)


def get_total_norm(
    tensors: TensorsLike, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: bool | None = None
) -> Tensor:
    """The norm of all elements of all tensors."""
    return _C.total_norm(_listed(tensors), float(norm_type), error_if_nonfinite)


def clip_grad_norm_(
    parameters: TensorsLike,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """Scales all gradients together so that their norm is at most max_norm, and returns the norm that they had."""
    return _C.clip_norm(_listed(parameters), float(max_norm), float(norm_type), error_if_nonfinite)


def clip_grads_with_norm_(
    parameters: TensorsLike, max_norm: float, total_norm: Tensor, foreach: bool | None = None
) -> None:
    """Scales all gradients by the norm that get_total_norm returned."""
    _C.clip_with_norm(_listed(parameters), float(max_norm), total_norm)


def clip_grad_value_(parameters: TensorsLike, clip_value: float, foreach: bool | None = None) -> None:
    """Moves every element of the gradients into -clip_value…clip_value."""
    _C.clip_value(_listed(parameters), float(clip_value))


def clip_grad_each_norm_(parameters: TensorsLike, max_norm: float, norm_type: float = 2.0) -> None:
    """Scales the gradient of each parameter by itself so that its norm is at most max_norm."""
    _C.clip_each(_listed(parameters), float(max_norm), float(norm_type))


def adaptive_clip_grad_(parameters: TensorsLike, clip_factor: float = 0.01, eps: float = 1e-3) -> None:
    """Scales the gradient of each unit to at most clip_factor times the norm of its weights (Brock 2021)."""
    _C.clip_adaptive(_listed(parameters), clip_factor, eps)


class GradientRow(Row):
    """A parameter, its norm, its gradient's norm, and what that says."""

    name: str
    norm: float
    gradient_norm: float
    gradient_size: float
    zeros: float
    verdict: str


class GradientReport(Report):
    """Rows for the parameters."""

    _row = GradientRow

    @property
    def problems(self) -> list[GradientRow]:
        """Rows of gradients that vanish, explode, are dead or not finite."""
        return [row for row in self.rows if row.verdict not in ("fine", "no gradient")]

    def plot(self, axes: Any = None) -> Any:
        """Norms of parameters and gradients, with matplotlib."""
        import matplotlib.pyplot as plt  # type: ignore[import-not-found, unused-ignore]

        axes = axes or plt.subplots()[1]
        names = [row.name for row in self.rows]
        axes.semilogy(names, [row.norm for row in self.rows], "o-", label="parameter")
        axes.semilogy(names, [row.gradient_norm for row in self.rows], "o-", label="gradient")
        axes.tick_params(axis="x", rotation=90)
        axes.set_ylabel("norm")
        axes.legend()
        return axes


def plot_gradient_norms(reports: Sequence[GradientReport], axes: Any = None) -> Any:
    """How the norms of gradients went from one report to the next, a line for each parameter, with matplotlib."""
    import matplotlib.pyplot as plt

    axes = axes or plt.subplots()[1]
    for name in dict.fromkeys(row.name for report in reports for row in report):
        norms = [{row.name: row.gradient_norm for row in report}.get(name, float("nan")) for report in reports]
        axes.semilogy(norms, label=name)
    axes.set_xlabel("report")
    axes.set_ylabel("norm of the gradient")
    axes.legend()
    return axes


def gradient_report(
    parameters: Module | Iterable[tuple[str, Tensor]],
    vanishing: float = 1e-7,
    exploding: float = 1e3,
    dead: float = 1.0,
) -> GradientReport:
    """The norms of parameters and gradients. The root of the mean square of a gradient below vanishing or above
    exploding, and a share of zeros of at least dead, are said by name."""
    from swiftnn.nn.module import Module

    named = list(parameters.named_parameters() if isinstance(parameters, Module) else parameters)
    names, tensors = [name for name, _ in named], [tensor for _, tensor in named]
    return GradientReport(*_C.gradient_report(names, tensors, vanishing, exploding, dead))
