from table import T, V, case, int64

LOSSES = [T(low=0.2), T(1, low=0.5), T(low=0.1)]


def stacked(losses):
    import torch

    return torch.cat([loss.reshape(1) for loss in losses])


def weighted(losses, weights=None):
    import torch

    return (stacked(losses) * (1 if weights is None else torch.tensor(weights, dtype=losses[0].dtype))).sum()


def uncertainty(losses, log_variances, classification=()):
    """Kendall, Gal and Cipolla (2018): 1 / (2 · σ²) · loss + log σ, or 1 / σ² · loss + log σ."""
    import torch

    shares = torch.tensor([1.0 if i in classification else 0.5 for i in range(len(losses))], dtype=log_variances.dtype)
    return (shares * stacked(losses) / log_variances.exp() + log_variances / 2).sum()


case("weighted_loss", LOSSES, reference=weighted)
case("weighted_loss", LOSSES, [0.5, 2.0, 1.0], reference=weighted)
case("uncertainty_loss", LOSSES, T(3), reference=uncertainty)
case("uncertainty_loss", LOSSES, T(3), [0, 2], reference=uncertainty)
# The losses depend on the shared parameters by nothing: all norms are 0, and so are the targets.
case("gradnorm_loss", LOSSES, T(3, low=0.5), [T(2, 2)], T(3, low=0.5),
     reference=lambda losses, weights, shared, initial, alpha=1.5: (weights * 0).abs().sum())  # fmt: skip

MANY, TAIL = (2, 5, 9), [T(2, 6), T(3, 2), T(1, 6), T(4, 1)]


def adaptive(input, head, tail, cutoffs, head_bias=None):
    import torch

    scores = torch.nn.functional.linear(input, head, head_bias).log_softmax(1)
    parts = [scores[:, : cutoffs[0]]]
    for i in range(len(cutoffs) - 1):
        parts.append((input @ tail[2 * i].T @ tail[2 * i + 1].T).log_softmax(1) + scores[:, cutoffs[0] + i, None])
    return torch.cat(parts, 1)


def with_loss(input, target, *parameters, **named):
    rows, numbers = (input, target) if target.dim() else (input[None], target[None])
    output = adaptive(rows, *parameters, **named).gather(1, numbers[:, None])[:, 0]
    return (output if target.dim() else output[0]), -output.mean()


NUMBERS = V([1, 0, 4, 8, 5], int64)
case("adaptive_log_softmax", T(5, 6), T(4, 6), TAIL, list(MANY), reference=adaptive)
case("adaptive_log_softmax", T(5, 6), T(4, 6), TAIL, list(MANY), T(4), reference=adaptive)
case("adaptive_log_softmax_with_loss", T(5, 6), NUMBERS, T(4, 6), TAIL, list(MANY), reference=with_loss)
case("adaptive_log_softmax_with_loss", T(5, 6), NUMBERS, T(4, 6), TAIL, list(MANY), T(4), reference=with_loss)
case("adaptive_log_softmax_with_loss", T(6), V(3, int64), T(4, 6), TAIL, list(MANY), reference=with_loss)
