"""scikit-learn's functions that judge scores and probabilities."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn.metrics._inputs import Labels, column_or_table, judge, like, number, tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _classes(labels: Labels, given: Any) -> list[int]:
    return labels.present() if given is None else sorted(labels.numbers(given))


def _places(y: Tensor, classes: list[int]) -> Tensor:
    """Where each label stands among the classes."""
    import swiftnn

    known = _C.as_tensor(classes)
    places: Tensor = swiftnn.searchsorted(known, y).clamp(max=len(classes) - 1)
    if not bool((known[places] == y).all()):
        raise ValueError("y_true contains labels that are not among the given labels")
    return places


def log_loss(
    y_true: Any, y_proba: Any, *, normalize: bool = True, sample_weight: Any = None, labels: Any = None
) -> float:
    """The cross entropy: the mean of -log of the probability given to the actual class, or its sum."""
    given = Labels(y_true)
    classes = _classes(given, labels)
    if len(classes) < 2:
        raise ValueError(
            f"y_true contains only one label ({given.names(classes)}). Please provide the list of all expected class "
            "labels explicitly through the labels argument."
        )
    scores = column_or_table(tensor(y_proba))
    if scores.ndim == 1 and len(classes) == 2:
        scores = scores.reshape(-1, 1)
    if scores.ndim != 2 or (scores.shape[1] != len(classes) and scores.shape[1] != 1):
        raise ValueError(
            f"y_true and y_proba contain different number of classes: {len(classes)} vs {list(scores.shape)[1:]}"
        )
    places = _places(given.tensors[0], classes)
    return number("LogLoss", [places, scores], sample_weight, normalize=normalize)


def top_k_accuracy_score(
    y_true: Any, y_score: Any, *, k: int = 2, normalize: bool = True, sample_weight: Any = None, labels: Any = None
) -> float:
    """The share of examples whose class has one of the k greatest scores, or their number."""
    given, scores = Labels(y_true), column_or_table(tensor(y_score))
    classes = _classes(given, labels)
    places = _places(given.tensors[0], classes)
    if scores.ndim == 1:
        if len(classes) > 2:
            raise ValueError(f"y_score of shape {list(scores.shape)} has no scores of the {len(classes)} classes")
        logits = bool((scores < 0).any()) or bool((scores > 1).any())
        if k == 1:
            return number("Accuracy", [places, scores.double()], sample_weight, normalize=normalize, logits=logits)
        scores = scores.double().reshape(-1, 1) * _C.tensor([[0.0, 1.0]], dtype=_C.float64)
    elif scores.shape[1] != len(classes):
        raise ValueError(
            f"Number of classes in 'y_true' ({len(classes)}) not equal to the number of classes in 'y_score' "
            f"({scores.shape[1]}). You can provide all known classes by `labels`."
        )
    return number("TopKAccuracy", [places, scores], sample_weight, k=k, normalize=normalize)


def auc(x: Any, y: Any) -> float:
    """The area under straight lines from point to point, of any curve whose x rises or falls."""
    import swiftnn

    across, up = tensor(x).reshape(-1), tensor(y).reshape(-1)
    if across.numel() != up.numel():
        raise ValueError(f"x has {across.numel()} points and y {up.numel()}")
    if across.numel() < 2:
        raise ValueError(f"At least 2 points are needed to compute area under curve, but x has {across.numel()}")
    steps = across[1:] - across[:-1]
    if not bool((steps >= 0).all()) and not bool((steps <= 0).all()):
        raise ValueError("x is neither increasing nor decreasing")
    area: float = swiftnn.trapezoid(up.double(), across.double()).item()
    return -area if bool((steps < 0).any()) else area


def _curve(
    metric: str, y_true: Any, y_score: Any, pos_label: Any, sample_weight: Any, drop_intermediate: bool
) -> tuple[Any, ...]:
    given = Labels(y_true)
    if given.words is not None and pos_label is None:
        raise ValueError(f"y_true takes value in {given.words} and pos_label is not specified")
    options: dict[str, Any] = {"drop_intermediate": drop_intermediate}
    if pos_label is not None:
        options["pos_label"] = given.number(pos_label)
    results = judge(metric, [given.tensors[0], tensor(y_score)], sample_weight, **options)
    return tuple(like(result, y_true, y_score) for result in results)


def roc_curve(
    y_true: Any, y_score: Any, *, pos_label: Any = None, sample_weight: Any = None, drop_intermediate: bool = True
) -> tuple[Any, ...]:
    """The shares of false and of true positives, and the thresholds that give them."""
    return _curve("ROCCurve", y_true, y_score, pos_label, sample_weight, drop_intermediate)


def precision_recall_curve(
    y_true: Any, y_score: Any, *, pos_label: Any = None, sample_weight: Any = None, drop_intermediate: bool = False
) -> tuple[Any, ...]:
    """Precision and recall, which end at 1 and 0, and the thresholds that give the others."""
    return _curve("PrecisionRecallCurve", y_true, y_score, pos_label, sample_weight, drop_intermediate)


def roc_auc_score(
    y_true: Any,
    y_score: Any,
    *,
    average: Any = "macro",
    sample_weight: Any = None,
    max_fpr: float | None = None,
    multi_class: str = "raise",
    labels: Any = None,
) -> Any:
    """The area under the ROC curve: how often a positive example has a greater score than a negative one."""
    given, scores = Labels(y_true), column_or_table(tensor(y_score))
    target = given.tensors[0]
    options: dict[str, Any] = {"average": average or "none", "max_fpr": max_fpr}
    if target.ndim == 1:
        classes = _classes(given, labels)
        if scores.ndim == 2 and scores.shape[1] > 2:
            if multi_class not in ("ovr", "ovo"):
                raise ValueError("multi_class must be in ('ovo', 'ovr')")
            if len(classes) != scores.shape[1]:
                raise ValueError(
                    f"Number of classes, {len(classes)}, not equal to the number of columns in 'y_score', "
                    f"{scores.shape[1]}"
                )
            options |= {"multi_class": multi_class, "labels": classes}
        elif scores.ndim == 2:
            raise ValueError(f"y_score must be of shape (n_samples,) for two classes, got {list(scores.shape)}")
        elif labels is None and len(classes) == 2:
            target = _places(target, classes)
    result = judge("AUROC", [target, scores], sample_weight, **options)[0]
    return result.item() if result.ndim == 0 else like(result, y_true, y_score)


def average_precision_score(
    y_true: Any, y_score: Any, *, average: Any = "macro", pos_label: Any = 1, sample_weight: Any = None
) -> Any:
    """The mean of the precisions at all thresholds, weighted with the rise of recall."""
    given, scores = Labels(y_true), column_or_table(tensor(y_score))
    target = given.tensors[0]
    if target.ndim == 1 and scores.ndim == 2:
        classes = given.present()
        if len(classes) != scores.shape[1]:
            raise ValueError(
                f"y_score must have a column for each of the {len(classes)} classes, got {scores.shape[1]}"
            )
        target = _places(target, classes)
    positive = given.number(pos_label)
    result = judge("AveragePrecision", [target, scores], sample_weight, average=average or "none", pos_label=positive)[
        0
    ]
    return result.item() if result.ndim == 0 else like(result, y_true, y_score)
