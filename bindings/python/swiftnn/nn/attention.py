"""Attention of several heads."""

from __future__ import annotations

from swiftnn import _C
from swiftnn.nn import _layers
from swiftnn.nn.layer import _Part

TYPE_CHECKING = False
if TYPE_CHECKING:
    from swiftnn._C import Tensor

_functions = _C.functions_of("swiftnn.nn.functional")


class NonDynamicallyQuantizableLinear(_Part):
    """The projection of the output, which the engine computes."""

    def forward(self, input: Tensor) -> Tensor:
        result: Tensor = _functions["linear"](input, self.weight, self.bias)
        return result

    def _get_name(self) -> str:
        return "NonDynamicallyQuantizableLinear"

    def extra_repr(self) -> str:
        outputs, inputs = self.weight.shape
        return f"in_features={inputs}, out_features={outputs}, bias={self.bias is not None}"


class MultiheadAttention(_layers.MultiheadAttention):
    __doc__ = _layers.MultiheadAttention.__doc__
    __module__ = "swiftnn.nn"

    _part_types = {"out_proj": NonDynamicallyQuantizableLinear}

    @property
    def head_dim(self) -> int:
        size: int = self.embed_dim // self.num_heads
        return size

    @property
    def kdim(self) -> int:
        size: int | None = self.__dict__["kdim"]
        return self.embed_dim if size is None else size

    @property
    def vdim(self) -> int:
        size: int | None = self.__dict__["vdim"]
        return self.embed_dim if size is None else size

    @property
    def _qkv_same_embed_dim(self) -> bool:
        return bool(self.kdim == self.vdim == self.embed_dim)
