"""Helpers around the parameters of a model, and sequences of different lengths."""

from swiftnn.nn.utils._vectors import parameters_to_vector, vector_to_parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn.nn.utils import rnn

__all__ = ["parameters_to_vector", "rnn", "vector_to_parameters"]


def __getattr__(name: str) -> object:
    """What few programs need is imported when it is asked for."""
    if name == "rnn":
        import importlib

        return importlib.import_module("swiftnn.nn.utils.rnn")
    raise AttributeError(f"module 'swiftnn.nn.utils' has no attribute '{name}'")
