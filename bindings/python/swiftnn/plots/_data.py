"""The numbers of pictures, from what users have."""

from __future__ import annotations

from typing import Any

from swiftnn import as_tensor, float64
from swiftnn._history import History


def numbers(values: Any) -> list[Any]:
    """Anything that makes a tensor, as a list."""
    found: list[Any] = as_tensor(values, dtype=float64).detach().tolist()
    return found


def curves(history: History, names: list[str] | None) -> list[tuple[str, list[int], list[float]]]:
    """Names, epochs and values: loss and val_loss where there are any, else all but lr."""
    losses = [name for name in history.names if name in ("loss", "val_loss")]
    names = names or losses or [name for name in history.names if name != "lr"]
    if not names:
        raise ValueError("learning_curves: the history has no values")
    found = []
    for name in names:
        rows = [row for row in history if name in row]
        if not rows:
            raise ValueError(f"learning_curves: the history has no value '{name}'")
        found.append((name, [row.epoch for row in rows], [row[name] for row in rows]))
    return found


def rates(source: Any, steps: int) -> tuple[list[int], list[list[float]]]:
    """Steps, and the rates of each group: of a history, a schedule or a list of rates."""
    if isinstance(source, History):
        rows = [row for row in source if "lr" in row]
        if not rows:
            raise ValueError("rates: the history has no value 'lr'")
        return [row.step for row in rows], [[row["lr"] for row in rows]]
    if hasattr(source, "at"):
        found = [source.at(step) for step in range(steps + 1)]
        return list(range(steps + 1)), [list(group) for group in zip(*found)]
    values = numbers(source)
    return list(range(len(values))), [values]


def points(function: str, x: Any, y: Any, area: Any, y_true: Any, scores: Any) -> tuple[Any, Any, float | None]:
    """Points of a curve and its area: those given, or those of swiftnn.metrics for labels and scores."""
    if (x is None or y is None) == (y_true is None or scores is None):
        raise TypeError(f"{function}: takes either the points of the curve, or y_true and scores")
    if y_true is None:
        return x, y, None if area is None else float(area)
    from swiftnn import metrics

    if function == "roc_curve":
        x, y, _ = metrics.roc_curve(y_true, scores)
        area = metrics.roc_auc_score(y_true, scores)
    else:
        y, x, _ = metrics.precision_recall_curve(y_true, scores)
        area = metrics.average_precision_score(y_true, scores)
    return x, y, float(area)
