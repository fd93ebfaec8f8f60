"""Layers, losses and what models are built from."""

from swiftnn.nn import functional, init, parameter, utils
from swiftnn.nn._layers import *  # noqa: F403
from swiftnn.nn.attention import MultiheadAttention
from swiftnn.nn.containers import ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Buffer, Parameter
from swiftnn.nn.transformer import (  # type: ignore[assignment]
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

__all__ = [
    "Buffer",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "Sequential",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "functional",
    "init",
    "parameter",
    "utils",
]
