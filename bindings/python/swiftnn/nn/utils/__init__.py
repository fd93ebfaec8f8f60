"""Helpers around the parameters of a model, and sequences of different lengths."""

from swiftnn.nn.utils._vectors import parameters_to_vector, vector_to_parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn.nn.utils import parametrizations, parametrize, rnn
    from swiftnn.nn.utils._gradients import (
        adaptive_clip_grad_,
        clip_grad_each_norm_,
        clip_grad_norm_,
        clip_grad_value_,
        clip_grads_with_norm_,
        get_total_norm,
        gradient_report,
        plot_gradient_norms,
    )
    from swiftnn.nn.utils._noise import mc_dropout, monte_carlo
    from swiftnn.nn.utils._norms import remove_spectral_norm, remove_weight_norm, spectral_norm, weight_norm

__all__ = [
    "adaptive_clip_grad_",
    "clip_grad_each_norm_",
    "clip_grad_norm_",
    "clip_grad_value_",
    "clip_grads_with_norm_",
    "get_total_norm",
    "gradient_report",
    "mc_dropout",
    "monte_carlo",
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "plot_gradient_norms",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]


def __getattr__(name: str) -> object:
    """What few programs need is imported when it is asked for."""
    import importlib

    if name in ("parametrizations", "parametrize", "rnn"):
        return importlib.import_module(f"swiftnn.nn.utils.{name}")
    if name in ("mc_dropout", "monte_carlo"):
        return getattr(importlib.import_module("swiftnn.nn.utils._noise"), name)
    if name in __all__:
        file = "_gradients" if "grad" in name or name == "get_total_norm" else "_norms"
        return getattr(importlib.import_module(f"swiftnn.nn.utils.{file}"), name)
    raise AttributeError(f"module 'swiftnn.nn.utils' has no attribute '{name}'")
