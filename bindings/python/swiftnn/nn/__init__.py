"""Layers, losses and what models are built from."""

from swiftnn import _C
from swiftnn.nn import functional, init, parameter, utils
from swiftnn.nn._layers import *  # noqa: F403
from swiftnn.nn.attention import MultiheadAttention
from swiftnn.nn.containers import (
    ModuleDict,
    ModuleList,
    ParameterDict,
    ParameterList,
    Residual,
    Sequential,
    ZoneoutCell,
)
from swiftnn.nn.layer import RNNBase
from swiftnn.nn.module import Module
from swiftnn.nn.parameter import Buffer, Parameter
from swiftnn.nn.transformer import (  # type: ignore[assignment]
    Transformer,
    TransformerDecoder,
    TransformerDecoderLayer,
    TransformerEncoder,
    TransformerEncoderLayer,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn.nn import penalties
    from swiftnn.nn.losses import (
        AdaptiveLogSoftmaxWithLoss,
        TripletMarginWithDistanceLoss,
    )

_LOSSES = ("AdaptiveLogSoftmaxWithLoss", "TripletMarginWithDistanceLoss")
for _name in _LOSSES:
    globals().pop(_name, None)  # losses.py has more than the registry

__all__ = [
    "AdaptiveLogSoftmaxWithLoss",
    "Buffer",
    "Module",
    "ModuleDict",
    "ModuleList",
    "MultiheadAttention",
    "Parameter",
    "ParameterDict",
    "ParameterList",
    "RNNBase",
    "Residual",
    "Sequential",
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
    "TripletMarginWithDistanceLoss",
    "ZoneoutCell",
    "functional",
    "init",
    "parameter",
    "penalties",
    "utils",
]

__all__ += [_name for _name, _, _ in _C.entries(_C.LAYERS) if _name in globals() and _name not in __all__]
_LAZY = ("BatchNorm", "Conv", "ConvTranspose", "InstanceNorm")
__all__ += ["LazyLinear", *(f"Lazy{_name}{_axes}d" for _name in _LAZY for _axes in (1, 2, 3))]  # noqa: F405


def __getattr__(name: str) -> object:
    """What few programs need is imported when it is asked for."""
    if name.startswith("Lazy"):
        from swiftnn.nn import lazy

        return getattr(lazy, name)
    if name in _LOSSES:
        from swiftnn.nn import losses

        return getattr(losses, name)
    if name == "penalties":
        import importlib

        return importlib.import_module("swiftnn.nn.penalties")
    raise AttributeError(f"module 'swiftnn.nn' has no attribute '{name}'")
