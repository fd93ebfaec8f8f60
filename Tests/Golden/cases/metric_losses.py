from table import FLOATS, T, V, case, int64

REDUCTIONS = ("none", "mean", "sum")


def reduced(losses, reduction):
    return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()


def contrastive(input1, input2, target, margin=1.0, similar=1, reduction="mean"):
    """Hadsell, Chopra and LeCun (2006)."""
    target = target.to(input1.dtype)
    y = 1 - target if similar == 1 else target
    distance = (input1 - input2).norm(dim=-1)
    return reduced((1 - y) * distance**2 / 2 + y * (margin - distance).clamp(min=0) ** 2 / 2, reduction)


PAIRS = [T(4, 3, low=0.0, high=1.0), T(4, 3, low=0.2, high=1.1), V([1, 0, 0, 1], int64)]
for reduction in REDUCTIONS:
    case("contrastive_loss", *PAIRS, reduction=reduction, reference=contrastive)
    case("contrastive_loss", *PAIRS, 1.5, 0, reduction, reference=contrastive)
case("contrastive_loss", T(2, 4, 3), T(2, 4, 3), V([[1.0, 0, 0, 1], [0, 0.5, 1, 0]], grad=False), reference=contrastive)
case("contrastive_loss", T(0, 3), T(0, 3), V([], grad=False), reduction="sum", reference=contrastive)
for dtype in FLOATS:
    case("contrastive_loss", T(3, dtype=dtype), T(3, dtype=dtype), V(1, int64), 4.0, reference=contrastive)


def mined(input, target, margin=1.0, mining="hard", p=2.0, reduction="mean"):
    """Every triplet looked at on its own."""
    import torch

    n, labels = len(input), target.tolist()
    d = [[(input[i] - input[k]).norm(p) if i != k else input.new_zeros(()) for k in range(n)] for i in range(n)]
    like = [[k for k in range(n) if k != i and labels[k] == labels[i]] for i in range(n)]
    other = [[k for k in range(n) if labels[k] != labels[i]] for i in range(n)]
    zero, found = 0 * input.sum(), {}
    for i in range(n):
        if mining == "hard" and like[i] and other[i]:
            found[i] = (max(d[i][k] for k in like[i]) - min(d[i][k] for k in other[i]) + margin).clamp(min=0)
        for k in like[i] if mining != "hard" and other[i] else []:
            if mining == "semihard":
                farther = [d[i][m] for m in other[i] if d[i][m] > d[i][k]]
                far = min(farther) if farther else max(d[i][m] for m in other[i])
                found[i, k] = (d[i][k] - far + margin).clamp(min=0)
            else:
                costs = {(i, k, m): d[i][k] - d[i][m] + margin for m in other[i]}
                found |= {key: cost for key, cost in costs.items() if cost > 0}
    if reduction == "none":
        axes = {"hard": 1, "semihard": 2, "all": 3}[mining]
        keys = torch.cartesian_prod(*[torch.arange(n)] * axes).reshape(-1, axes).tolist()
        flat = [found.get(tuple(key) if axes > 1 else key[0], zero) for key in keys]
        return torch.stack(flat).reshape([n] * axes)
    total = sum(found.values(), zero)
    return total / max(len(found), 1) if reduction == "mean" else total


LABELS = V([0, 1, 0, 2, 1, 0], int64)
for mining in ("hard", "semihard", "all"):
    for reduction in REDUCTIONS:
        case("triplet_mining_loss", T(6, 3), LABELS, 0.7, mining, reduction=reduction, reference=mined)
    case("triplet_mining_loss", T(6, 3), LABELS, mining=mining, p=1.0, reference=mined)
    case("triplet_mining_loss", T(3, 2), V([1, 1, 1], int64), mining=mining, reference=mined)
case("triplet_mining_loss", T(6, 3, dtype=FLOATS[0]), LABELS, 2.0, reference=mined)


def info_nce(input, positive, negatives=None, temperature=0.1, symmetric=False, reduction="mean"):
    import torch
    import torch.nn.functional as F

    q, k = F.normalize(input), F.normalize(positive)
    if negatives is None:
        scores, own = q @ k.T / temperature, torch.arange(len(q))
        losses = F.cross_entropy(scores, own, reduction="none")
        if symmetric:
            losses = (losses + F.cross_entropy(scores.T, own, reduction="none")) / 2
        return reduced(losses, reduction)
    others = F.normalize(negatives, dim=-1).expand(len(q), -1, -1)
    unlike = torch.einsum("nd,nmd->nm", q, others)
    scores = torch.cat([(q * k).sum(1, keepdim=True), unlike], 1) / temperature
    return reduced(F.cross_entropy(scores, torch.zeros(len(q), dtype=torch.int64), reduction="none"), reduction)


QUERIES = [T(4, 3), T(4, 3, low=-1.0)]
for reduction in REDUCTIONS:
    case("info_nce_loss", *QUERIES, temperature=0.5, reduction=reduction, reference=info_nce)
    case("info_nce_loss", *QUERIES, temperature=0.5, symmetric=True, reduction=reduction, reference=info_nce)
case("info_nce_loss", *QUERIES, T(5, 3), 0.7, reference=info_nce)
case("info_nce_loss", *QUERIES, T(4, 2, 3), 0.7, reduction="none", reference=info_nce)
case("info_nce_loss", *QUERIES, reference=info_nce)


def nt_xent(input, other=None, temperature=0.5, reduction="mean"):
    """The loss of SimCLR, as its formula stands: one ordered pair of views after another."""
    import torch
    import torch.nn.functional as F

    z = F.normalize(input if other is None else torch.cat([input, other]))
    n = len(z) // 2
    losses = []
    for i in range(2 * n):
        scores = torch.stack([z[i] @ z[k] for k in range(2 * n)]) / temperature
        rest = torch.cat([scores[:i], scores[i + 1 :]])
        losses.append(rest.logsumexp(0) - scores[(i + n) % (2 * n)])
    return reduced(torch.stack(losses), reduction)


for reduction in REDUCTIONS:
    case("nt_xent_loss", *QUERIES, reduction=reduction, reference=nt_xent)
case("nt_xent_loss", T(6, 4), temperature=0.2, reference=nt_xent)
