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


def reference_of(operation: str):
    """What the cases of an operation are compared with."""
    import table

    return next(case.reference for case in table.CASES if case.operation == operation and case.reference)


class Operated(nn.Module):
    """A layer that calls an operation with arguments given beforehand."""

    operation = ""
    names: tuple[str, ...] = ()

    def __init__(self, *arguments, **options):
        super().__init__()
        self.options = dict(zip(self.names, arguments, strict=False)) | options

    def forward(self, *inputs, **call) -> Tensor:
        return reference_of(self.operation)(*inputs, **call, **self.options)


class ContrastiveLoss(Operated):
    operation, names = "contrastive_loss", ("margin", "similar", "reduction")


class TripletMiningLoss(Operated):
    operation, names = "triplet_mining_loss", ("margin", "mining", "p", "reduction")


class InfoNCELoss(Operated):
    operation, names = "info_nce_loss", ("temperature", "symmetric", "reduction")


class NTXentLoss(Operated):
    operation, names = "nt_xent_loss", ("temperature", "reduction")


class SequenceMSELoss(Operated):
    operation, names = "sequence_mse_loss", ("batch_first", "reduction")


class SequenceCrossEntropyLoss(Operated):
    operation = "sequence_cross_entropy"

    def __init__(self, weight=None, **options):
        super().__init__(**options)
        self.register_buffer("weight", weight)

    def forward(self, *inputs, **call) -> Tensor:
        return super().forward(*inputs, weight=self.weight, **call)


class Perplexity(Operated):
    operation = "perplexity"


class DistillationLoss(Operated):
    operation, names = "distillation_loss", ("alpha", "temperature", "ignore_index", "reduction")


class WeightedLoss(Operated):
    operation, names = "weighted_loss", ("weights",)


class UncertaintyLoss(nn.Module):
    def __init__(self, num_tasks, classification=()):
        super().__init__()
        self.log_variances = nn.Parameter(torch.zeros(num_tasks))
        self.classification = classification

    def forward(self, losses: list[Tensor]) -> Tensor:
        return reference_of("uncertainty_loss")(losses, self.log_variances, self.classification)

    def extra_repr(self) -> str:
        listed = f", classification={tuple(self.classification)}" if self.classification else ""
        return f"{len(self.log_variances)}{listed}"


class GradNorm(nn.Module):
    def __init__(self, num_tasks, alpha=1.5):
        super().__init__()
        self.alpha = alpha
        self.weights = nn.Parameter(torch.ones(num_tasks))
        self.register_buffer("initial_losses", torch.zeros(num_tasks))

    def forward(self, losses: list[Tensor]) -> Tensor:
        all_losses = torch.cat([loss.reshape(1) for loss in losses])
        if self.training:
            with torch.no_grad():
                self.weights *= len(losses) / self.weights.sum()
                self.initial_losses.copy_(all_losses)
        return (all_losses * self.weights.detach()).sum()

    def extra_repr(self) -> str:
        return f"{len(self.weights)}, alpha={self.alpha}"


class StochasticDepth(nn.Module):
    def __init__(self, p, mode):
        super().__init__()
        self.p, self.mode = p, mode

    def forward(self, input: Tensor) -> Tensor:
        return input * (0 if self.training and self.p == 1 else 1)

    def extra_repr(self) -> str:
        return f"p={self.p}, mode={self.mode}"


class Zoneout(nn.Module):
    def __init__(self, p=0.1):
        super().__init__()
        self.p = p

    def forward(self, input: Tensor, previous: Tensor) -> Tensor:
        return reference_of("zoneout")(input, previous, self.p, self.training)

    def extra_repr(self) -> str:
        return f"p={self.p}"


class DropConnectLinear(nn.Linear):
    def __init__(self, in_features, out_features, p=0.5, bias=True):
        super().__init__(in_features, out_features, bias)
        self.p = p

    def extra_repr(self) -> str:
        bias = self.bias is not None
        return f"in_features={self.in_features}, out_features={self.out_features}, p={self.p}, bias={bias}"


class VariationalLinear(nn.Module):
    def __init__(self, in_features, out_features, bias=True, threshold=3.0):
        super().__init__()
        linear = nn.Linear(in_features, out_features, bias)
        self.weight, self.log_sigma2 = linear.weight, nn.Parameter(torch.full((out_features, in_features), -10.0))
        self.bias, self.threshold = linear.bias, threshold

    def forward(self, input: Tensor) -> Tensor:
        call = reference_of("variational_linear")
        return call(input, self.weight, self.log_sigma2, self.bias, self.training, self.threshold)

    def extra_repr(self) -> str:
        outputs, inputs = self.weight.shape
        bias = self.bias is not None
        return f"in_features={inputs}, out_features={outputs}, bias={bias}, threshold={self.threshold}"


class ConcreteDropout(nn.Module):
    def __init__(self, p=0.1, temperature=0.1):
        super().__init__()
        self.p, self.temperature = p, temperature
        self.p_logit = nn.Parameter(torch.tensor([p]).logit())

    def forward(self, input: Tensor) -> Tensor:
        return input

    def extra_repr(self) -> str:
        return f"p={self.p}, temperature={self.temperature}"
