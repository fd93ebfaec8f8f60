"""Pictures of training and of predictions.

The functions without a prefix draw with matplotlib, into `ax` or a figure of their own, and return the Axes. Those
that begin with svg_ draw the same with the engine and need nothing: they write an SVG file, or return its text.
"""

from swiftnn.plots._engine import (
    svg_confusion_matrix,
    svg_learning_curves,
    svg_lines,
    svg_precision_recall_curve,
    svg_rates,
    svg_residuals,
    svg_roc_curve,
)
from swiftnn.plots._matplotlib import (
    confusion_matrix,
    learning_curves,
    precision_recall_curve,
    rates,
    residuals,
    roc_curve,
)

__all__ = [
    "confusion_matrix",
    "learning_curves",
    "precision_recall_curve",
    "rates",
    "residuals",
    "roc_curve",
    "svg_confusion_matrix",
    "svg_learning_curves",
    "svg_lines",
    "svg_precision_recall_curve",
    "svg_rates",
    "svg_residuals",
    "svg_roc_curve",
]
