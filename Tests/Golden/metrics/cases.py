"""The cases of metrics, options of each over the data it is for, and what scikit-learn says is right."""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import data
import numpy as np
from sklearn import metrics as sk

WEIGHTS = [" reals", " wholes", " zeros"]
NAN = math.nan


@dataclass
class Case:
    metric: str
    options: dict
    data: str
    reference: Callable


def in_doubles(reference: Callable) -> Callable:
    return lambda outputs, targets, weights: reference(outputs.astype(np.float64), targets, weights)


def over(names: list[str], weights: list[str] | None = None) -> Iterator[str]:
    """All of the data; without a word about weights, once without and once with one kind of them, in turns."""
    for position, name in enumerate(names):
        for weight in ["", WEIGHTS[position % 3]] if weights is None else weights:
            yield name + weight


def judged(function: Callable, **fixed: object) -> Callable:
    """scikit-learn's function with the weights."""
    return lambda outputs, targets, weights: function(targets, outputs, sample_weight=weights, **fixed)


def accuracies() -> Iterator[Case]:
    for normalize, name in itertools.product([True, False], over(data.LABELS)):
        yield Case("Accuracy", {"normalize": normalize}, name, judged(sk.accuracy_score, normalize=normalize))
    for name in over(data.MULTILABEL):
        yield Case("Accuracy", {"multilabel": True}, name, judged(sk.accuracy_score))
    for threshold, logits in [(0.5, False), (0.25, False), (0.5, True), (0.75, True)]:
        limit = math.log(threshold / (1 - threshold)) if logits else threshold
        for name in over(["scores", "ties", "float32"], ["", " reals"]):
            options = {"threshold": threshold, "logits": logits}
            yield Case(
                "Accuracy", options, name, lambda o, t, w, at=limit: sk.accuracy_score(t, o > at, sample_weight=w)
            )
    for name in over(data.CLASS_SCORES):
        yield Case("Accuracy", {}, name, lambda o, t, w: sk.accuracy_score(t, o.argmax(1), sample_weight=w))
        for k, normalize in itertools.product([1, 2, 3], [True, False]):
            reference = judged(sk.top_k_accuracy_score, k=k, normalize=normalize)
            yield Case("TopKAccuracy", {"k": k, "normalize": normalize}, name, reference)
    for adjusted, name in itertools.product([False, True], over(data.LABELS)):
        yield Case(
            "BalancedAccuracy", {"adjusted": adjusted}, name, judged(sk.balanced_accuracy_score, adjusted=adjusted)
        )


def labels_of(name: str) -> list[list[int] | None]:
    return [None] + ([[2, 0], [3, 9, 1]] if name.startswith(("four", "strangers")) else [])


def precisions() -> Iterator[Case]:
    functions = {
        "Precision": (sk.precision_score, {}),
        "Recall": (sk.recall_score, {}),
        "F1Score": (sk.f1_score, {}),
        "FBetaScore": (sk.fbeta_score, {"beta": 0.5}),
    }
    for (metric, (function, own)), division in itertools.product(functions.items(), [0.0, 1.0, NAN]):
        for name in over(["two", "signs", "one class", "no positive", "single"], ["", " zeros"]):
            options = {**own, "zero_division": division}
            yield Case(metric, options, name, judged(function, **options))
        names = ["four", "strangers", "no positive", "single"]
        for average, name in itertools.product(["micro", "macro", "weighted"], over(names)):
            for labels in labels_of(name):
                options = {**own, "average": average, "zero_division": division}
                if labels is not None:
                    options["labels"] = labels
                yield Case(metric, options, name, judged(function, **options))
    for average, beta, name in itertools.product(
        ["none", "micro", "macro", "weighted"], [1.0, 0.0, 2.0, math.inf], over(["four", "strangers", "gaps"])
    ):
        sk_average = None if average == "none" else average
        reference = judged(sk.precision_recall_fscore_support, beta=beta, average=sk_average)
        options = {"average": average, "beta": beta}
        yield Case("PrecisionRecallFScore", options, name, without_none(reference))
    for average, name in itertools.product(["none", "micro", "macro", "weighted"], over(data.MULTILABEL)):
        reference = judged(sk.precision_recall_fscore_support, average=None if average == "none" else average)
        yield Case("PrecisionRecallFScore", {"average": average, "multilabel": True}, name, without_none(reference))
    for name in over(["signs"]):
        yield Case("Precision", {"pos_label": -1}, name, judged(sk.precision_score, pos_label=-1))


def without_none(reference: Callable) -> Callable:
    return lambda *given: tuple(part for part in reference(*given) if part is not None)


def confusions() -> Iterator[Case]:
    for normalize, name in itertools.product(["none", "true", "pred", "all"], over(data.LABELS)):
        for labels in labels_of(name):
            way = None if normalize == "none" else normalize
            options = {"normalize": normalize} | ({} if labels is None else {"labels": labels})
            yield Case("ConfusionMatrix", options, name, judged(sk.confusion_matrix, normalize=way, labels=labels))
    for weighting, name in itertools.product(["none", "linear", "quadratic"], over(data.LABELS)):
        way = None if weighting == "none" else weighting
        for labels in labels_of(name):
            options = {"weights": weighting} | ({} if labels is None else {"labels": labels})
            yield Case("CohenKappa", options, name, judged(sk.cohen_kappa_score, weights=way, labels=labels))
    for name in over(data.LABELS):
        yield Case("MatthewsCorrCoef", {}, name, judged(sk.matthews_corrcoef))


def errors() -> Iterator[Case]:
    functions = {
        "MeanSquaredError": sk.mean_squared_error,
        "RootMeanSquaredError": sk.root_mean_squared_error,
        "MeanAbsoluteError": sk.mean_absolute_error,
    }
    names = list(over(data.NUMBERS + data.COLUMNS))
    # All of its weights are zero.
    names = [name for name in names if name != "one number zeros"]
    for (metric, function), way, name in itertools.product(functions.items(), ["raw_values", "uniform_average"], names):
        yield Case(metric, {"multioutput": way}, name, judged(function, multioutput=way))
    for (metric, function), name in itertools.product(functions.items(), over(["columns"])):
        reference = judged(function, multioutput=[0.5, 0.25, 2.0])
        yield Case(metric, {"output_weights": [0.5, 0.25, 2.0]}, name, reference)
    ways = ["raw_values", "uniform_average", "variance_weighted"]
    for way, finite, name in itertools.product(ways, [True, False], names):
        options = {"multioutput": way, "force_finite": finite}
        yield Case("R2Score", options, name, judged(sk.r2_score, **options))
    for name in over(data.NUMBERS, [""]):
        yield Case("Residuals", {}, name, lambda outputs, targets, weights: (targets - outputs, outputs))


def losses() -> Iterator[Case]:
    for normalize, name in itertools.product([True, False], over(["ties", "float32", *data.CLASS_SCORES])):
        outputs, targets, _ = data.DATA[name]
        if outputs.ndim == 1 and (outputs.min() < 0 or outputs.max() > 1):
            raise ValueError(f"{name} are no probabilities")
        labels = np.unique(targets).tolist()
        reference = in_doubles(judged(sk.log_loss, normalize=normalize, labels=labels))
        yield Case("LogLoss", {"normalize": normalize}, name, reference)
    for name in over(["scores"]):
        yield Case("LogLoss", {"logits": True}, name, lambda o, t, w: sk.log_loss(t, sigmoid(o), sample_weight=w))
    for name in over(["classes of three"]):
        yield Case("LogLoss", {"logits": True}, name, lambda o, t, w: sk.log_loss(t, softmax(o), sample_weight=w))
        yield Case("LogLoss", {"labels": [0, 1, 2]}, name, judged(sk.log_loss))


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x)
    return powers / powers.sum(1, keepdims=True)


def curves() -> Iterator[Case]:
    for drop, name in itertools.product([True, False], over(data.SCORES)):
        options = {"drop_intermediate": drop}
        yield Case("ROCCurve", options, name, judged(sk.roc_curve, **options))
        yield Case("PrecisionRecallCurve", options, name, judged(sk.precision_recall_curve, **options))
        options = {"pos_label": 0, **options}
        yield Case("ROCCurve", options, name, judged(sk.roc_curve, **options))
    for name in over(data.SCORES):
        yield Case("AUROC", {}, name, judged(sk.roc_auc_score))
        yield Case("AveragePrecision", {}, name, judged(sk.average_precision_score))
        if not name.startswith("all"):
            yield Case("AveragePrecision", {"pos_label": 0}, name, judged(sk.average_precision_score, pos_label=0))
            for limit in [0.2, 0.5, 1.0]:
                yield Case("AUROC", {"max_fpr": limit}, name, judged(sk.roc_auc_score, max_fpr=limit))
    for average, name in itertools.product(["macro", "micro", "weighted", "none"], over(data.LABEL_SCORES)):
        way = None if average == "none" else average
        yield Case("AUROC", {"average": average}, name, judged(sk.roc_auc_score, average=way))
        yield Case("AveragePrecision", {"average": average}, name, judged(sk.average_precision_score, average=way))
    for average, name in itertools.product(["macro", "micro", "weighted", "none"], over(data.CLASS_SCORES)):
        way = None if average == "none" else average
        reference = judged(sk.roc_auc_score, average=way, multi_class="ovr")
        yield Case("AUROC", {"average": average}, name, reference)
        yield Case("AveragePrecision", {"average": average}, name, judged(sk.average_precision_score, average=way))
    for average, name in itertools.product(["macro", "weighted"], data.CLASS_SCORES):
        reference = judged(sk.roc_auc_score, average=average, multi_class="ovo")
        yield Case("AUROC", {"average": average, "multi_class": "ovo"}, name, reference)


def load() -> list[Case]:
    parts = [accuracies, precisions, confusions, errors, losses, curves]
    # Weights that are all zero have no mean.
    return [case for part in parts for case in part() if not case.data.startswith("single zeros")]
