"""Helpers around the parameters of a model."""

from swiftnn.nn.utils import rnn
from swiftnn.nn.utils._vectors import parameters_to_vector, vector_to_parameters

__all__ = ["parameters_to_vector", "rnn", "vector_to_parameters"]
