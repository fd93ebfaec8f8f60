"""Ways to change parameters by their gradients, and schedules of the learning rate."""

from swiftnn.optim._optimizers import (
    ASGD,
    KFAC,
    LAMB,
    LARS,
    LBFGS,
    SAM,
    SGD,
    AdaBound,
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    Adamax,
    AdamW,
    GradientCentralization,
    GradientNoise,
    HessianFree,
    Lion,
    Lookahead,
    Muon,
    NAdam,
    Newton,
    RAdam,
    RMSprop,
    Rprop,
)
from swiftnn.optim.optimizer import Optimizer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn.optim import lr_scheduler, swa_utils
    from swiftnn.optim.rates import discriminative_groups, lr_range_test, scale_lr

__all__ = [
    "ASGD",
    "KFAC",
    "LAMB",
    "LARS",
    "LBFGS",
    "SAM",
    "SGD",
    "AdaBound",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "GradientCentralization",
    "GradientNoise",
    "HessianFree",
    "Lion",
    "Lookahead",
    "Muon",
    "NAdam",
    "Newton",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "discriminative_groups",
    "lr_range_test",
    "lr_scheduler",
    "scale_lr",
    "swa_utils",
]


def __getattr__(name: str) -> object:
    """What few programs need is imported when it is asked for."""
    import importlib

    if name in ("lr_scheduler", "swa_utils"):
        return importlib.import_module(f"swiftnn.optim.{name}")
    if name in __all__:
        return getattr(importlib.import_module("swiftnn.optim.rates"), name)
    raise AttributeError(f"module 'swiftnn.optim' has no attribute '{name}'")
