"""Training as a whole: when it ends, and what stands at the end of a model."""

from swiftnn.training._head import Head
from swiftnn.training._heads import Binary, BoundedRegression, Multiclass, MultiLabel, PositiveRegression, Regression
from swiftnn.training._rules import EarlyStopping, GaussianProcessStopping, SlopeStopping
from swiftnn.training._stopping import StoppingRule, Verdict

__all__ = [
    "Binary",
    "BoundedRegression",
    "EarlyStopping",
    "GaussianProcessStopping",
    "Head",
    "MultiLabel",
    "Multiclass",
    "PositiveRegression",
    "Regression",
    "SlopeStopping",
    "StoppingRule",
    "Verdict",
]
