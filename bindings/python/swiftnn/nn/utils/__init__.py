"""Helpers around the parameters of a model."""

from swiftnn.nn.utils import parametrizations, parametrize, rnn
from swiftnn.nn.utils._norms import remove_spectral_norm, remove_weight_norm, spectral_norm, weight_norm
from swiftnn.nn.utils._vectors import parameters_to_vector, vector_to_parameters

__all__ = [
    "parameters_to_vector",
    "parametrizations",
    "parametrize",
    "remove_spectral_norm",
    "remove_weight_norm",
    "rnn",
    "spectral_norm",
    "vector_to_parameters",
    "weight_norm",
]
