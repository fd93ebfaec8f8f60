"""Pictures by matplotlib."""

from __future__ import annotations

from typing import Any

from swiftnn._history import History
from swiftnn.plots import _data


def _axes(ax: Any, title: str | None, xlabel: str, ylabel: str) -> Any:
    if ax is None:
        from matplotlib import pyplot as plt  # type: ignore[import-not-found, unused-ignore]

        ax = plt.subplots(layout="constrained")[1]
    ax.set(xlabel=xlabel, ylabel=ylabel)
    if title is not None:
        ax.set_title(title)
    ax.grid(True, alpha=0.3)
    return ax


def learning_curves(
    history: History, names: list[str] | None = None, *, ax: Any = None, title: str | None = None, log: bool = False
) -> Any:
    """Values of a history over its epochs: "loss" and "val_loss", or names. Validation is dashed in the same colour."""
    curves = _data.curves(history, names)
    ax = _axes(ax, title, "epoch", curves[0][0] if len(curves) == 1 else "")
    colours: dict[str, str] = {}
    for name, epochs, values in curves:
        base = name.removeprefix("val_")
        colours.setdefault(base, f"C{len(colours)}")
        ax.plot(epochs, values, "--" if base != name else "-", color=colours[base], label=name)
    if log:
        ax.set_yscale("log")
    ax.legend()
    return ax


def rates(source: Any, steps: int = 100, *, ax: Any = None, title: str | None = None, log: bool = False) -> Any:
    """Learning rates over steps: "lr" of a history, a schedule from step 0 to `steps`, or numbers."""
    places, groups = _data.rates(source, steps)
    ax = _axes(ax, title, "step", "learning rate")
    for number, values in enumerate(groups):
        ax.plot(places, values, label=f"group {number}")
    if log:
        ax.set_yscale("log")
    if len(groups) > 1:
        ax.legend()
    return ax


def _named(name: str | None, word: str, area: float | None) -> str:
    parts = ([name] if name else []) + ([] if area is None else [f"{word} {area:.3f}"])
    return f"{parts[0]} ({parts[1]})" if len(parts) == 2 else "".join(parts)


def roc_curve(
    fpr: Any = None,
    tpr: Any = None,
    auc: float | None = None,
    *,
    y_true: Any = None,
    scores: Any = None,
    name: str | None = None,
    ax: Any = None,
    title: str | None = None,
) -> Any:
    """True positive rates over false positive rates: from points, or from labels and scores by swiftnn.metrics."""
    x, y, area = _data.points("roc_curve", fpr, tpr, auc, y_true, scores)
    ax = _axes(ax, title, "false positive rate", "true positive rate")
    if not any(line.get_label() == "chance" for line in ax.lines):
        ax.plot([0, 1], [0, 1], "--", color="grey", linewidth=1, label="chance")
    ax.plot(_data.numbers(x), _data.numbers(y), label=_named(name, "AUC", area))
    ax.set_aspect("equal")
    ax.legend()
    return ax


def precision_recall_curve(
    precision: Any = None,
    recall: Any = None,
    average_precision: float | None = None,
    *,
    y_true: Any = None,
    scores: Any = None,
    name: str | None = None,
    ax: Any = None,
    title: str | None = None,
) -> Any:
    """Precisions over recalls, in steps: from points, or from labels and scores by swiftnn.metrics."""
    x, y, area = _data.points("precision_recall_curve", recall, precision, average_precision, y_true, scores)
    ax = _axes(ax, title, "recall", "precision")
    ax.plot(_data.numbers(x), _data.numbers(y), drawstyle="steps-post", label=_named(name, "AP", area))
    ax.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.02), aspect="equal")
    if name or area is not None:
        ax.legend()
    return ax


def confusion_matrix(
    matrix: Any,
    names: list[str] | None = None,
    *,
    normalize: bool = False,
    ax: Any = None,
    title: str | None = None,
) -> Any:
    """A matrix of counts as a heat map with numbers: true classes along the rows, predicted ones along the columns."""
    counts = _data.numbers(matrix)
    if normalize:
        counts = [[value / (sum(row) or 1) for value in row] for row in counts]
    ax = _axes(ax, title, "predicted", "true")
    ax.grid(False)
    most = max(max(row) for row in counts) or 1
    image = ax.imshow(counts, cmap="Blues", vmin=0, vmax=1 if normalize else most)
    for i, row in enumerate(counts):
        for j, value in enumerate(row):
            text = f"{value:.2f}" if normalize else f"{value:.6g}"
            share = value / (1 if normalize else most)
            ax.text(j, i, text, ha="center", va="center", color="white" if share > 0.55 else "black")
    names = names or [str(i) for i in range(len(counts))]
    ax.set_xticks(range(len(names)), names)
    ax.set_yticks(range(len(names)), names)
    ax.figure.colorbar(image, ax=ax)
    return ax


def residuals(y_true: Any, y_pred: Any, *, ax: Any = None, title: str | None = None, bins: int = 30) -> Any:
    """True less predicted numbers over the predicted, with their histogram at the side."""
    predicted = _data.numbers(y_pred)
    missed = [a - b for a, b in zip(_data.numbers(y_true), predicted, strict=True)]
    ax = _axes(ax, title, "predicted", "actual - predicted")
    ax.scatter(predicted, missed, s=14, alpha=0.6)
    ax.axhline(0, color="black", linewidth=1)
    side = ax.inset_axes((1.02, 0, 0.2, 1), sharey=ax)
    side.hist(missed, bins=bins, orientation="horizontal")
    side.tick_params(labelleft=False)
    return ax
