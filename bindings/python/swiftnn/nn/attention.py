"""Attention of several heads."""

from __future__ import annotations

from swiftnn.nn import _layers


class NonDynamicallyQuantizableLinear(_layers.Linear):
    """The projection of the output, which the engine computes."""


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
