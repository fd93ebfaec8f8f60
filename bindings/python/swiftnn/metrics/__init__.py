"""What judges predictions: scikit-learn's metrics, batch after batch or all at once."""

from swiftnn.metrics._metrics import (
    Accuracy,
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
)
from swiftnn.metrics.metric import Metric

__all__ = ["Accuracy", "MeanAbsoluteError", "MeanSquaredError", "Metric", "RootMeanSquaredError"]
