"""Training as a whole: when it ends, and what stands at the end of a model."""

from swiftnn.training._rules import EarlyStopping, GaussianProcessStopping, SlopeStopping
from swiftnn.training._stopping import StoppingRule, Verdict

__all__ = ["EarlyStopping", "GaussianProcessStopping", "SlopeStopping", "StoppingRule", "Verdict"]
