"""Losses of distances, likelihoods and margins."""

from table import FLOATS, T, V, case, int64


def margins(x, target, p=1):
    """PyTorch's has no second derivative."""
    right = x.gather(1, target[:, None])
    others = torch_ones(x).scatter(1, target[:, None], 0)
    return (((1 - right + x).clamp(min=0) ** p * others).sum(1) / x.shape[1]).mean()


def all_margins(x, target):
    total = 0
    for row, labels in zip(x, target, strict=True):
        chosen = labels.tolist()
        chosen = chosen[: chosen.index(-1)] if -1 in chosen else chosen
        for i in set(range(len(row))) - set(chosen):
            total = total + sum((1 - row[j] + row[i]).clamp(min=0) for j in chosen)
    return total / x.numel()


def torch_ones(x):
    return x.detach() * 0 + 1


REDUCTIONS = ("none", "mean", "sum")
SIGNS = V([1.0, -1.0, 1.0], grad=False)

for reduction in REDUCTIONS:
    for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
        case(name, T(3, 4), T(3, 4), reduction=reduction)
    case("soft_margin_loss", T(3, 4), T(3, 4, grad=False), reduction=reduction)
    for name in ("mse_loss", "l1_loss", "huber_loss"):
        case(name, T(3, 4), T(3, 4), reduction=reduction, weight=T(3, 4, low=0.2, high=2.0))
    case("binary_cross_entropy", T(3, 4, low=0.1, high=0.9), T(3, 4, low=0.1, high=0.9), reduction=reduction)
    case(
        "binary_cross_entropy",
        T(3, 4, low=0.1, high=0.9),
        T(3, 4, low=0.1, high=0.9),
        T(4, low=0.1, grad=False),
        reduction=reduction,
    )
    case("binary_cross_entropy_with_logits", T(3, 4), T(3, 4, low=0.0, high=1.0), reduction=reduction)
    case(
        "binary_cross_entropy_with_logits", T(3, 4), T(3, 4, low=0.0, high=1.0), T(4, grad=False), reduction=reduction,
        pos_weight=T(4, low=0.5, grad=False),
    )  # fmt: skip
    case("poisson_nll_loss", T(3, 4), T(3, 4, low=0.1, high=3.0, away=[1.0]), True, True, reduction=reduction)
    case("gaussian_nll_loss", T(3, 4), T(3, 4), T(3, 4, low=0.2, high=2.0), reduction=reduction)
    case("hinge_embedding_loss", T(3, away=[1.0]), SIGNS, reduction=reduction)
    case("margin_ranking_loss", T(3), T(3), SIGNS, 0.3, reduction=reduction)
    case("cosine_embedding_loss", T(3, 4), T(3, 4), SIGNS, 0.2, reduction=reduction)
    case("triplet_margin_loss", T(3, 4), T(3, 4), T(3, 4), reduction=reduction)
    case("multi_margin_loss", T(3, 4), V([1, 0, 3], int64), reduction=reduction, second=False)
    case(
        "multi_margin_loss",
        T(3, 4),
        V([1, 0, 3], int64),
        2,
        0.7,
        T(4, low=0.2, high=2.0, grad=False),
        reduction=reduction,
        second=False,
    )
    case(
        "multilabel_margin_loss", T(2, 4), V([[3, 0, -1, 1], [2, -1, -1, -1]], int64), reduction=reduction, second=False
    )
    case("multilabel_soft_margin_loss", T(3, 4), T(3, 4, low=0.0, high=1.0), reduction=reduction)
for reduction in (*REDUCTIONS, "batchmean"):
    case("kl_div", T(3, 4, low=-3.0, high=-0.1), T(3, 4, low=0.1, high=0.9), reduction=reduction)
    case("kl_div", T(3, 4, low=-3.0, high=-0.1), T(3, 4, low=-3.0, high=-0.1), reduction=reduction, log_target=True)

case("mse_loss", T(3, 1), T(4))
case("mse_loss", T(0, 2), T(0, 2))
case("smooth_l1_loss", T(3, 4), T(3, 4), beta=0.3)
case("smooth_l1_loss", T(3, 4), T(3, 4), beta=0.0)
case("huber_loss", T(3, 4), T(3, 4), delta=0.4)
for name in ("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"):
    for dtype in FLOATS:
        case(name, T(5, dtype=dtype), T(5, dtype=dtype), reduction="none", halves=False)
case("binary_cross_entropy", V([0.0, 1.0, 1.0]), V([1.0, 0.0, 1.0], grad=False), differences=False, second=False)
case("binary_cross_entropy", V([0.0, 1.0, 0.0, 1.0], grad=False), V([0.0, 1.0, 1.0, 0.0], grad=False), reduction="none")
case("binary_cross_entropy_with_logits", V([100.0, -100.0]), V([0.0, 0.0]))
case("poisson_nll_loss", T(3, low=0.2), T(3, low=0.1, high=3.0), False, eps=0.1)
case("gaussian_nll_loss", T(3, 4), T(3, 4), T(3, low=0.2, high=2.0), True)
case("gaussian_nll_loss", T(3, 4), T(3, 4), T(3, 1, low=0.2, high=2.0), eps=0.5, differences=False)
case("gaussian_nll_loss", T(3, 4), T(3, 4), 0.7)
case("cosine_embedding_loss", T(4), T(4), V(1.0, grad=False))
case("triplet_margin_loss", T(3, 4), T(3, 4), T(3, 4), 2.0, 1.5, 1e-3, True)
case("multi_margin_loss", T(4), V(2, int64), second=False)
case("multilabel_margin_loss", T(4), V([1, 3, -1, 0], int64), second=False)
case("multilabel_soft_margin_loss", T(3, 4), T(3, 4, low=0.0, high=1.0), T(4, low=0.2, high=2.0, grad=False))
for p in (1, 2):
    case("multi_margin_loss", T(3, 4), V([1, 0, 3], int64), p, reference=margins)
case("multilabel_margin_loss", T(2, 4), V([[3, 0, -1, 1], [2, -1, -1, -1]], int64), reference=all_margins)
case("multi_margin_loss", T(), V(0, int64), second=False)
case("multilabel_margin_loss", T(), V(0, int64), second=False)
case("multi_margin_loss", T(5), V([1], int64), reduction="none", second=False)
