"""Ways to change parameters by their gradients."""

from swiftnn.optim._optimizers import *  # noqa: F403
from swiftnn.optim.optimizer import Optimizer

__all__ = ["Optimizer"]
