"""Layers that PyTorch does not have, written with PyTorch."""

import torch
from torch import Tensor, nn


class PositionalEncoding(nn.Module):
    def __init__(self, d_model, dropout=0.1, max_len=5000, batch_first=False):
        super().__init__()
        self.options = (d_model, dropout, max_len, batch_first)
        speeds = 10000.0 ** (-torch.arange(0, d_model, 2, dtype=torch.float64) / d_model)
        angles = torch.arange(max_len, dtype=torch.float64)[:, None] * speeds
        self.register_buffer("pe", torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :d_model])

    def table(self) -> Tensor:
        return self.pe

    def forward(self, input: Tensor, offset: int = 0) -> Tensor:
        _, dropout, _, batch_first = self.options
        length = input.shape[1 if input.dim() == 3 and batch_first else 0]
        rows = self.table()[offset : offset + length]
        rows = rows if batch_first or input.dim() == 2 else rows[:, None]
        return nn.functional.dropout(input + rows, dropout, self.training)

    def extra_repr(self) -> str:
        return "{}, dropout={}, max_len={}, batch_first={}".format(*self.options)


class LearnedPositionalEncoding(PositionalEncoding):
    def __init__(self, d_model, dropout=0.0, max_len=512, batch_first=False):
        super().__init__(d_model, dropout, max_len, batch_first)
        del self.pe
        self.weight = nn.Parameter(0.02 * torch.randn(max_len, d_model))

    def table(self) -> Tensor:
        return self.weight


def rotary_embedding(input, positions=None, offset=0, base=10000.0, interleaved=False, dim=None):
    dim = input.shape[-1] if dim is None else dim
    places = torch.arange(input.shape[-2]) if positions is None else positions
    speeds = base ** (-torch.arange(0, dim, 2, dtype=torch.float64) / max(dim, 1))
    turn = torch.polar(torch.ones((), dtype=torch.float64), (places + offset).double()[..., None] * speeds)
    x = input[..., :dim].double()
    a, b = (x[..., 0::2], x[..., 1::2]) if interleaved else x.chunk(2, -1) if dim else (x, x)
    turned = torch.complex(a.contiguous(), b.contiguous()) * turn
    parts = (turned.real, turned.imag)
    rows = torch.stack(parts, -1).flatten(-2) if interleaved else torch.cat(parts, -1)
    return torch.cat([rows, input[..., dim:].double()], -1).to(input.dtype)


class RotaryEmbedding(nn.Module):
    def __init__(self, dim=None, base=10000.0, interleaved=False):
        super().__init__()
        self.options = (dim, base, interleaved)

    def forward(self, input: Tensor, positions: Tensor | None = None, offset: int = 0) -> Tensor:
        dim, base, interleaved = self.options
        return rotary_embedding(input, positions, offset, base, interleaved, dim)

    def extra_repr(self) -> str:
        return "{}, base={}, interleaved={}".format(*self.options)


class KeyValueCache(nn.Module):
    def forward(self, key: Tensor, value: Tensor, position: int | None = None) -> tuple[Tensor, Tensor]:
        return key, value
