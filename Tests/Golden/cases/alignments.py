from table import T, V, case, float32, int64


def paths(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean"):
    """The sum over all paths, whose gradient is without the part of a log_softmax that PyTorch's has."""
    import torch

    losses = []
    for n in range(log_probs.shape[1]):
        states = [blank]
        for label in targets[n, : target_lengths[n]].tolist():
            states += [label, blank]
        before = {0: log_probs[0, n, blank], 1: log_probs[0, n, states[1]]}
        for t in range(1, int(input_lengths[n])):
            now = {}
            for s, label in enumerate(states):
                skips = s > 1 and label != blank and label != states[s - 2]
                ways = [before[k] for k in ([s, s - 1, s - 2] if skips else [s, s - 1]) if k in before]
                if ways:
                    now[s] = torch.stack(ways).logsumexp(0) + log_probs[t, n, label]
            before = now
        ends = [before[s] for s in (len(states) - 1, len(states) - 2) if s in before]
        losses.append(-torch.stack(ends).logsumexp(0) / (int(target_lengths[n]) if reduction == "mean" else 1))
    return torch.stack(losses).mean() if reduction == "mean" else torch.stack(losses)


PADDED, LENGTHS, TARGETS = V([[1, 2, 2], [3, 1, 0]], int64), V([5, 4], int64), V([3, 2], int64)
PLAIN = T(5, 2, 4, low=-3.0, high=-0.1, grad=False)
for reduction in ("none", "mean", "sum"):
    case("ctc_loss", PLAIN, PADDED, LENGTHS, TARGETS, reduction=reduction)
case("ctc_loss", PLAIN, V([1, 2, 2, 3, 1], int64), LENGTHS, TARGETS)
case("ctc_loss", T(5, 4, low=-3.0, high=-0.1, grad=False), V([1, 2], int64), V(5, int64), V(2, int64))
case("ctc_loss", PLAIN, V([[1, 2, 0], [3, 1, 0]], int64), LENGTHS, V([2, 0], int64), 3)
case("ctc_loss", PLAIN, PADDED, V([2, 4], int64), TARGETS, reduction="none")
case("ctc_loss", PLAIN, PADDED, V([2, 4], int64), TARGETS, reduction="none", zero_infinity=True)
case("ctc_loss", T(5, 2, 4, dtype=float32, low=-3.0, high=-0.1), PADDED, LENGTHS, TARGETS)
case("ctc_loss.lengths", PLAIN, PADDED, [5, 4], [3, 2])
OF_SOFTMAX = {"differences": False, "second": False}
for reduction in ("none", "mean"):
    case("ctc_loss", T(5, 2, 4, low=-3.0, high=-0.1), PADDED, LENGTHS, TARGETS, 0, reduction, **OF_SOFTMAX)
case("ctc_loss", T(6, 2, 4, low=-3.0, high=-0.1), PADDED, V([6, 3], int64), TARGETS, reduction="none", **OF_SOFTMAX)
case("ctc_loss.lengths", T(5, 2, 4, low=-3.0, high=-0.1), PADDED, [5, 4], [3, 2], **OF_SOFTMAX)
# Where the probabilities are as good as 0 the gradient is the true derivative, of any order.
SMALL = T(5, 2, 4, low=-63.0, high=-60.0)
for reduction in ("none", "mean"):
    case("ctc_loss", SMALL, PADDED, LENGTHS, TARGETS, 0, reduction, reference=paths)
case("ctc_loss.lengths", SMALL, PADDED, [5, 4], [3, 2], reference=paths)
