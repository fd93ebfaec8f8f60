from table import FLOATS, T, V, boolean, case, float32, int64

STEPS = V([[False, False], [False, False], [False, True], [True, True]], boolean)
LENGTHS = V([3, 2], int64)


def is_real(input, padding_mask, lengths, batch_first):
    import torch

    if padding_mask is not None:
        return ~padding_mask
    if lengths is None:
        return torch.ones(input.shape[:2], dtype=torch.bool)
    rows = torch.arange(input.shape[1 if batch_first else 0]) < lengths[:, None]
    return rows if batch_first else rows.T


def mse(input, target, padding_mask=None, lengths=None, batch_first=False, reduction="mean"):
    import torch

    real = is_real(input, padding_mask, lengths, batch_first)
    losses = (input - target).square().flatten(2).mean(2) if input.dim() > 2 else (input - target).square()
    losses = torch.where(real, losses, 0.0)
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.sum() / real.sum()


def entropy(
    input, target, padding_mask=None, lengths=None, batch_first=False, weight=None, ignore_index=-100,
    label_smoothing=0.0, reduction="mean",
):  # fmt: skip
    import torch
    import torch.nn.functional as F

    real = is_real(input, padding_mask, lengths, batch_first)
    target = torch.where(real, target, ignore_index)
    losses = F.cross_entropy(
        input.flatten(0, 1), target.flatten(), weight=weight, ignore_index=ignore_index, reduction=reduction,
        label_smoothing=label_smoothing,
    )  # fmt: skip
    return losses.reshape(target.shape) if reduction == "none" else losses


def perplexity(*arguments, **named):
    return entropy(*arguments, **named).exp()


CLASSES = V([[0, 1], [2, 0], [1, 2], [0, 0]], int64)
WEIGHT = T(3, low=0.2, high=2.0, grad=False)
ROWS, ROW_CLASSES = V([[False, False, True], [False, True, True]], boolean), V([[0, 2, 1], [1, 0, 2]], int64)
for reduction in ("none", "mean", "sum"):
    options = {"reduction": reduction, "reference": mse}
    case("sequence_mse_loss", T(4, 2, 3), T(4, 2, 3), STEPS, **options)
    case("sequence_mse_loss", T(4, 2), T(4, 2), lengths=LENGTHS, **options)
    case("sequence_mse_loss", T(2, 3, 2, 2), T(2, 3, 2, 2), ROWS, batch_first=True, **options)
    case("sequence_mse_loss", T(2, 3, 2), T(2, 3, 2), lengths=V([1, 3], int64), batch_first=True, **options)
    options["reference"] = entropy
    case("sequence_cross_entropy", T(4, 2, 3), CLASSES, STEPS, **options)
    case("sequence_cross_entropy", T(4, 2, 3), CLASSES, lengths=LENGTHS, weight=WEIGHT, **options)
    case("sequence_cross_entropy", T(2, 3, 3), ROW_CLASSES, ROWS, None, True, None, 0, 0.1, **options)
case("sequence_mse_loss", T(4, 2, 3), T(4, 2, 3), reference=mse)
case("sequence_mse_loss", T(3, 2, 0), T(3, 2, 0), reduction="none", reference=mse)
case("sequence_cross_entropy", T(4, 2, 3), CLASSES, reference=entropy)
for dtype in FLOATS:
    case("sequence_mse_loss", T(4, 2, dtype=dtype), T(4, 2, dtype=dtype), STEPS, reference=mse)
    case("sequence_cross_entropy", T(4, 2, 3, dtype=dtype), CLASSES, STEPS, reference=entropy)
case("perplexity", T(4, 2, 3), CLASSES, STEPS, reference=perplexity)
case("perplexity", T(2, 3, 3), ROW_CLASSES, lengths=V([3, 1], int64), batch_first=True, reference=perplexity)
case("perplexity", T(4, 2, 3, dtype=float32), CLASSES, label_smoothing=0.2, reference=perplexity)


def distillation(
    input, teacher, target=None, alpha=0.5, temperature=2.0, ignore_index=-100, reduction="mean"
):  # fmt: skip
    import torch
    import torch.nn.functional as F

    axis = 0 if input.dim() == 1 else 1
    p, q = (teacher / temperature).softmax(axis), (input / temperature).log_softmax(axis)
    losses = (1 - alpha) * temperature**2 * F.kl_div(q, p, reduction="none").sum(axis)
    counts = torch.ones(losses.shape, dtype=torch.bool)
    if target is not None:
        losses = losses + alpha * F.cross_entropy(input, target, ignore_index=ignore_index, reduction="none")
        if not target.is_floating_point():
            counts = target != ignore_index
    losses = torch.where(counts, losses, 0.0)
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.sum() / counts.sum()


STUDENT = [T(3, 4), T(3, 4, low=-1.0)]
for reduction in ("none", "mean", "sum"):
    case("distillation_loss", *STUDENT, V([1, 0, 3], int64), reduction=reduction, reference=distillation)
    case("distillation_loss", *STUDENT, V([1, 0, 3], int64), 0.3, 4.0, 0, reduction, reference=distillation)
case("distillation_loss", *STUDENT, alpha=0.0, reference=distillation)
case("distillation_loss", *STUDENT, V([1, 0, 3], int64), 1.0, 1.5, reference=distillation)
case("distillation_loss", *STUDENT, T(3, 4, low=0.0, high=1.0, grad=False), reference=distillation)
case("distillation_loss", T(2, 3, 2), T(2, 3, 2), V([[0, 1], [2, 2]], int64), reference=distillation)
case("distillation_loss", T(4), T(4), V(2, int64), reference=distillation)
