"""Training as a whole: the loop, when it ends, and what stands at the end of a model."""

from swiftnn.training._head import Head
from swiftnn.training._heads import Binary, BoundedRegression, Multiclass, MultiLabel, PositiveRegression, Regression
from swiftnn.training._rules import EarlyStopping, GaussianProcessStopping, SlopeStopping
from swiftnn.training._stopping import StoppingRule, Verdict
from swiftnn.training._trainer import (
    Callback,
    Checkpoints,
    Clipping,
    MaxNorm,
    Penalty,
    ProximalL1,
    Trainer,
    TrainingEvent,
)

__all__ = [
    "Binary",
    "BoundedRegression",
    "Callback",
    "Checkpoints",
    "Clipping",
    "EarlyStopping",
    "GaussianProcessStopping",
    "Head",
    "MaxNorm",
    "MultiLabel",
    "Multiclass",
    "Penalty",
    "PositiveRegression",
    "ProximalL1",
    "Regression",
    "SlopeStopping",
    "StoppingRule",
    "Trainer",
    "TrainingEvent",
    "Verdict",
]
