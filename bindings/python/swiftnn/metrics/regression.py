"""scikit-learn's functions that judge predicted numbers."""

from __future__ import annotations

from swiftnn.metrics._inputs import judge, like, tensor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _errors(metric: str, y_true: Any, y_pred: Any, weights: Any, multioutput: Any, **options: Any) -> Any:
    if isinstance(multioutput, str):
        options["multioutput"] = multioutput
    elif multioutput is not None:
        options["output_weights"] = [float(weight) for weight in multioutput]
    result = judge(metric, [tensor(y_true), tensor(y_pred)], weights, **options)[0]
    return result.item() if result.ndim == 0 else like(result, y_true, y_pred)


def mean_squared_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average"
) -> Any:
    """The mean of (y_true - y_pred)²."""
    return _errors("MeanSquaredError", y_true, y_pred, sample_weight, multioutput)


def root_mean_squared_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average"
) -> Any:
    """The root of the mean of (y_true - y_pred)²."""
    return _errors("RootMeanSquaredError", y_true, y_pred, sample_weight, multioutput)


def mean_absolute_error(
    y_true: Any, y_pred: Any, *, sample_weight: Any = None, multioutput: Any = "uniform_average"
) -> Any:
    """The mean of |y_true - y_pred|."""
    return _errors("MeanAbsoluteError", y_true, y_pred, sample_weight, multioutput)


def r2_score(
    y_true: Any,
    y_pred: Any,
    *,
    sample_weight: Any = None,
    multioutput: Any = "uniform_average",
    force_finite: bool = True,
) -> Any:
    """The share of the spread of y_true that is explained: 1 is perfect, 0 what the mean gives."""
    return _errors("R2Score", y_true, y_pred, sample_weight, multioutput, force_finite=force_finite)
