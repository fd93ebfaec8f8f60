"""Estimators for scikit-learn, trained by SwiftNN: its perceptrons, and any module of one's own."""

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise ImportError("swiftnn.sklearn needs scikit-learn 1.6 or later: pip install scikit-learn") from error

from swiftnn.sklearn._mlp_classifier import MLPClassifier
from swiftnn.sklearn._mlp_regressor import MLPRegressor
from swiftnn.sklearn._net import NeuralNet
from swiftnn.sklearn._net_classifier import NeuralNetClassifier
from swiftnn.sklearn._net_regressor import NeuralNetRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "NeuralNet", "NeuralNetClassifier", "NeuralNetRegressor"]
