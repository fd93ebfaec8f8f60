"""Pictures by the engine, as SVG."""

from __future__ import annotations

from os import PathLike
from typing import Any, TypedDict, Unpack

from swiftnn import _C
from swiftnn._history import History
from swiftnn.plots import _data

Path = str | bytes | PathLike[str] | None
_STYLES = {"auto": 0, "line": 1, "dashed": 2, "dotted": 3, "points": 4, "steps": 5}


class Options(TypedDict, total=False):
    title: str | None
    xlabel: str | None
    ylabel: str | None
    width: float
    height: float
    log_x: bool
    log_y: bool
    xlim: tuple[float, float] | None
    ylim: tuple[float, float] | None


def _options(given: Options) -> tuple[Any, ...]:
    known = Options.__annotations__
    for name in given:
        if name not in known:
            raise TypeError(f"a chart has no option '{name}', only {', '.join(known)}")
    return (
        given.get("title"),
        given.get("xlabel"),
        given.get("ylabel"),
        given.get("width", 0.0),
        given.get("height", 0.0),
        given.get("log_x", False),
        given.get("log_y", False),
        given.get("xlim"),
        given.get("ylim"),
    )


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode()


def _style(style: str) -> int:
    if style not in _STYLES:
        raise ValueError(f"style must be one of {', '.join(_STYLES)}, got '{style}'")
    return _STYLES[style]


def svg_lines(
    series: dict[str, Any], path: Path = None, *, style: str = "auto", **options: Unpack[Options]
) -> str | None:
    """Lines by name: numbers, or (x, y)."""
    rows: list[tuple[str | None, Any, Any, int, int]] = []
    for name, values in series.items():
        x, y = values if isinstance(values, tuple) else (None, values)
        rows.append((name, x, y, _style(style), 0))
    return _text(_C.chart_lines(path, rows, _options(options)))


def svg_learning_curves(
    history: History, names: list[str] | None = None, path: Path = None, **options: Unpack[Options]
) -> str | None:
    """Values of a history over its epochs: "loss" and "val_loss", or names."""
    return _text(_C.chart_history(path, history._core, names, _options(options)))


def svg_rates(source: Any, steps: int = 100, path: Path = None, **options: Unpack[Options]) -> str | None:
    """Learning rates over steps: "lr" of a history, a schedule from step 0 to `steps`, or numbers."""
    places, groups = _data.rates(source, steps)
    labels: Options = {"xlabel": "step", "ylabel": "learning rate"}
    name = "group {}" if len(groups) > 1 else ""
    rows: list[tuple[str | None, Any, Any, int, int]] = [
        (name.format(i), places, values, _style("auto"), 0) for i, values in enumerate(groups)
    ]
    return _text(_C.chart_lines(path, rows, _options({**labels, **options})))


def svg_roc_curve(
    fpr: Any = None,
    tpr: Any = None,
    auc: float | None = None,
    path: Path = None,
    *,
    y_true: Any = None,
    scores: Any = None,
    name: str | None = None,
    **options: Unpack[Options],
) -> str | None:
    """True positive rates over false positive rates: from points, or from labels and scores by swiftnn.metrics."""
    x, y, area = _data.points("roc_curve", fpr, tpr, auc, y_true, scores)
    areas = None if area is None else [area]
    return _text(_C.chart_roc(path, [(name, x, y, 0, 0)], areas, float("nan"), _options(options)))


def svg_precision_recall_curve(
    precision: Any = None,
    recall: Any = None,
    average_precision: float | None = None,
    path: Path = None,
    *,
    y_true: Any = None,
    scores: Any = None,
    positives: float | None = None,
    name: str | None = None,
    **options: Unpack[Options],
) -> str | None:
    """Precisions over recalls, in steps; positives is the share of positives, which guessing has."""
    x, y, area = _data.points("precision_recall_curve", recall, precision, average_precision, y_true, scores)
    areas = None if area is None else [area]
    chance = float("nan") if positives is None else positives
    return _text(_C.chart_precision_recall(path, [(name, x, y, 0, 0)], areas, chance, _options(options)))


def svg_confusion_matrix(
    matrix: Any,
    names: list[str] | None = None,
    path: Path = None,
    *,
    normalize: bool = False,
    **options: Unpack[Options],
) -> str | None:
    """A matrix of counts as a heat map with numbers: true classes along the rows, predicted ones along the columns."""
    return _text(_C.chart_confusion(path, matrix, names, normalize, _options(options)))


def svg_residuals(y_true: Any, y_pred: Any, path: Path = None, **options: Unpack[Options]) -> str | None:
    """True less predicted numbers over the predicted, with their histogram at the side."""
    return _text(_C.chart_residuals(path, y_true, y_pred, _options(options)))
