"""scikit-learn's functions that judge predicted classes."""

from __future__ import annotations

from swiftnn.metrics._inputs import Labels, judge, like, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ZERO_DIVISIONS = {"warn": None}


def _pair(y_true: Any, y_pred: Any) -> tuple[Labels, dict[str, bool]]:
    labels = Labels(y_true, y_pred)
    return labels, {"multilabel": True} if labels.tensors[0].ndim == 2 else {}


def accuracy_score(y_true: Any, y_pred: Any, *, normalize: bool = True, sample_weight: Any = None) -> float:
    """The share of examples whose class is right, or their number; with many labels, of those with all labels right."""
    labels, many = _pair(y_true, y_pred)
    return number("Accuracy", labels.tensors, sample_weight, normalize=normalize, **many)


def balanced_accuracy_score(y_true: Any, y_pred: Any, *, sample_weight: Any = None, adjusted: bool = False) -> float:
    """The mean of the shares of each class that are found."""
    labels, _ = _pair(y_true, y_pred)
    return number("BalancedAccuracy", labels.tensors, sample_weight, adjusted=adjusted)


def confusion_matrix(
    y_true: Any, y_pred: Any, *, labels: Any = None, sample_weight: Any = None, normalize: Any = None
) -> Any:
    """How many examples of the class of a row were said to be of the class of a column."""
    pair, _ = _pair(y_true, y_pred)
    chosen = None if labels is None else pair.numbers(labels)
    result = judge("ConfusionMatrix", pair.tensors, sample_weight, labels=chosen, normalize=normalize or "none")[0]
    return like(result, y_true, y_pred)


def cohen_kappa_score(
    y1: Any,
    y2: Any,
    *,
    labels: Any = None,
    weights: Any = None,
    sample_weight: Any = None,
    replace_undefined_by: float = float("nan"),
) -> float:
    """Agreement beyond chance: 1 is perfect, 0 what chance gives."""
    pair, _ = _pair(y1, y2)
    chosen = None if labels is None else pair.numbers(labels)
    return number(
        "CohenKappa",
        pair.tensors,
        sample_weight,
        labels=chosen,
        weights=weights or "none",
        replace_undefined_by=replace_undefined_by,
    )


def matthews_corrcoef(y_true: Any, y_pred: Any, *, sample_weight: Any = None) -> float:
    """The correlation of predicted and actual classes, from -1 to 1."""
    labels, _ = _pair(y_true, y_pred)
    return number("MatthewsCorrCoef", labels.tensors, sample_weight)


def _averaged(
    metric: str,
    y_true: Any,
    y_pred: Any,
    labels: Any,
    pos_label: Any,
    average: Any,
    weights: Any,
    zero_division: Any,
    **options: Any,
) -> list[Any]:
    pair, many = _pair(y_true, y_pred)
    if average == "binary":
        options["pos_label"] = _positive(pair, pos_label)
    elif pos_label not in (None, 1):
        import warnings

        warnings.warn(f"pos_label {pos_label!r} is not used with average {average!r}", UserWarning, stacklevel=3)
    if labels is not None:
        options["labels"] = pair.numbers(labels)
    results = judge(
        metric,
        pair.tensors,
        weights,
        average="none" if average is None else average,
        zero_division=_ZERO_DIVISIONS.get(zero_division, zero_division),
        **many,
        **options,
    )
    return [result.item() if result.ndim == 0 else like(result, y_true, y_pred) for result in results]


def _positive(pair: Labels, label: Any) -> int:
    if pair.words is not None and label not in pair.words and len(pair.words) == 2:
        raise ValueError(f"pos_label={label} is not a valid label. It should be one of {pair.words}")
    return pair.number(label)


def precision_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: Any = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """Of the examples said to be of a class, the share that are."""
    return _averaged("Precision", y_true, y_pred, labels, pos_label, average, sample_weight, zero_division)[0]


def recall_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: Any = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """Of the examples of a class, the share that are found."""
    return _averaged("Recall", y_true, y_pred, labels, pos_label, average, sample_weight, zero_division)[0]


def f1_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: Any = 1,
    average: Any = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """The harmonic mean of precision and recall."""
    return _averaged("F1Score", y_true, y_pred, labels, pos_label, average, sample_weight, zero_division)[0]


def fbeta_score(
    y_true: Any,
    y_pred: Any,
    *,
    beta: float,
    labels: Any = None,
    pos_label: Any = 1,
    average: Any = "binary",
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> Any:
    """The harmonic mean of precision and recall, with recall beta times as important."""
    return _averaged(
        "FBetaScore", y_true, y_pred, labels, pos_label, average, sample_weight, zero_division, beta=float(beta)
    )[0]


def precision_recall_fscore_support(
    y_true: Any,
    y_pred: Any,
    *,
    beta: float = 1.0,
    labels: Any = None,
    pos_label: Any = 1,
    average: Any = None,
    sample_weight: Any = None,
    zero_division: Any = "warn",
) -> tuple[Any, Any, Any, Any]:
    """Precision, recall, F score and, without an average, how many examples of each class there are."""
    results = _averaged(
        "PrecisionRecallFScore",
        y_true,
        y_pred,
        labels,
        pos_label,
        average,
        sample_weight,
        zero_division,
        beta=float(beta),
    )
    precision, recall, score, *support = results
    return precision, recall, score, support[0] if support else None


def classification_report(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    target_names: Any = None,
    sample_weight: Any = None,
    digits: int = 2,
    output_dict: bool = False,
    zero_division: Any = "warn",
) -> Any:
    """Precision, recall, F1 and support of each class and their means, as text or as a dict."""
    pair, many = _pair(y_true, y_pred)
    present = list(range(pair.tensors[0].shape[1])) if many else pair.present()
    chosen = present if labels is None else pair.numbers(labels)
    names = [str(name) for name in (pair.names(chosen) if target_names is None else target_names)]
    if len(names) != len(chosen):
        raise ValueError(f"Number of classes, {len(chosen)}, does not match size of target_names, {len(names)}")
    is_accuracy = not many and set(chosen) >= set(present)

    def judged(average: str) -> list[list[Any]]:
        options: dict[str, Any] = {"zero_division": _ZERO_DIVISIONS.get(zero_division, zero_division), **many}
        results = judge("PrecisionRecallFScore", pair.tensors, sample_weight, average=average, labels=chosen, **options)
        return [result.reshape(-1).tolist() for result in results]

    rows = dict(zip(names, zip(*judged("none"))))
    support = sum(row[3] for row in rows.values())
    averages: dict[str, tuple[Any, ...]] = {}
    for average in ("micro", "macro", "weighted"):
        name = "accuracy" if average == "micro" and is_accuracy else f"{average} avg"
        averages[name] = (*(part[0] for part in judged(average)), support)
    if output_dict:
        keys = ("precision", "recall", "f1-score", "support")
        report: dict[str, Any] = {name: dict(zip(keys, map(float, row))) for name, row in {**rows, **averages}.items()}
        if is_accuracy:
            report["accuracy"] = report["accuracy"]["precision"]
        return report
    return _report_text(rows, averages, digits)


def _report_text(rows: dict[str, Any], averages: dict[str, Any], digits: int) -> str:
    width = max(*map(len, rows), len("weighted avg"), digits)
    text = f"{'':>{width}s}  {'precision':>9} {'recall':>9} {'f1-score':>9} {'support':>9}\n\n"

    def line(name: str, row: tuple[Any, ...]) -> str:
        numbers = [f"{number:>9.{digits}f}" for number in row[:3]]
        if name == "accuracy":
            numbers[:2] = [" " * 9] * 2
        return f"{name:>{width}s}  {' '.join(numbers)} {row[3]:>9}\n"

    text += "".join(line(name, row) for name, row in rows.items()) + "\n"
    return text + "".join(line(name, row) for name, row in averages.items())
