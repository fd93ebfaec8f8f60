from typing import Any

from optimizers import trajectory

VALLEY: dict[str, Any] = {"problem": "valley", "closure": True, "shapes": [(4,), (2, 3)], "steps": 10}
# Ways on which PyTorch's own numbers part when the start moves by one rounding.
SHORT = VALLEY | {"steps": 2}
SHORTEST = VALLEY | {"steps": 1}
SEARCH = {"line_search_fn": "strong_wolfe"}

trajectory("LBFGS", lr=0.01, **SHORT)
trajectory("LBFGS", lr=1e-3, history_size=3, **VALLEY)
trajectory("LBFGS", lr=1e-3, max_iter=4, max_eval=9, **VALLEY)
trajectory("LBFGS", lr=1.0, **SEARCH, **SHORTEST)
trajectory("LBFGS", lr=0.5, history_size=3, **SEARCH, **SHORT)
trajectory("LBFGS", lr=1.0, max_iter=4, max_eval=9, **SEARCH, **SHORT)
trajectory("LBFGS", lr=1.0, tolerance_grad=50.0, **SEARCH, **VALLEY)
trajectory("LBFGS", lr=1.0, tolerance_change=0.05, **SEARCH, **VALLEY)
trajectory("LBFGS", lr=1.0, max_eval=3, **SEARCH, **VALLEY)
trajectory("LBFGS", lr=0.1, closure=True)
trajectory("LBFGS", lr=1e-4, maximize=True, max_iter=2, **VALLEY)

trajectory("Newton", lr=1.0, **VALLEY)
trajectory("Newton", lr=0.5, damping=10.0, **VALLEY)
trajectory("HessianFree", lr=1.0, **VALLEY)
trajectory("HessianFree", lr=0.5, damping=10.0, max_iter=5, tolerance=0.01, **VALLEY)

# A perceptron, and a convolution before a matrix; the number behind each scales the outputs.
PERCEPTRON: dict[str, Any] = {"problem": "model", "closure": True, "shapes": [(3, 2), (3,), (2, 3), ()], "steps": 10}
IMAGES: dict[str, Any] = PERCEPTRON | {"shapes": [(2, 1, 3, 2), (2,), (2, 24), (2,), ()]}

trajectory("HessianFree", lr=1.0, curvature="gauss_newton", **PERCEPTRON)
trajectory("HessianFree", lr=0.5, curvature="gauss_newton", damping=0.1, max_iter=3, **IMAGES | {"steps": 2})
for network in (PERCEPTRON, IMAGES):
    trajectory("KFAC", lr=0.1, **network)
    trajectory("KFAC", lr=0.05, momentum=0.0, damping=0.1, inverse_interval=1, kl_clip=10.0, **network)
    trajectory("KFAC", lr=0.1, weight_decay=0.01, factor_interval=3, inverse_interval=4, kl_clip=0.1, **network)
    trajectory("KFAC", lr=0.1, factor_decay=0.5, batch_averaged=False, **network)
    trajectory("KFAC", lr=1.0, momentum=0.5, kl_clip=1.0, line_search_fn="backtracking", **network)
    trajectory("KFAC", lr=1e-3, maximize=True, **network)
trajectory("KFAC", closure=True)
