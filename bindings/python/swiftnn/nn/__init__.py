"""Layers, losses and what models are built from."""

from swiftnn.nn import functional, init, parameter, utils
from swiftnn.nn._layers import *  # noqa: F403
from swiftnn.nn.containers import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from swiftnn.nn.layer import RNNBase
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Buffer, Parameter

__all__ = [
    "Buffer",
    "Module",
    "ModuleDict",
    "ModuleList",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "RNNBase",
    "Sequential",
    "functional",
    "init",
    "parameter",
    "utils",
]
