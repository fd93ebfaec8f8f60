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
