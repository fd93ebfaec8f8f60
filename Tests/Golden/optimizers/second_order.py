from typing import Any

from optimizers import trajectory

VALLEY: dict[str, Any] = {"problem": "valley", "closure": True, "shapes": [(4,), (2, 3)], "steps": 10}
SEARCH = {"line_search_fn": "strong_wolfe"}

for search in ({}, SEARCH):
    trajectory("LBFGS", lr=0.01 if not search else 1.0, **search, **VALLEY)
    trajectory("LBFGS", lr=1e-3 if not search else 0.5, history_size=3, **search, **VALLEY)
    trajectory("LBFGS", lr=1e-3 if not search else 1.0, max_iter=4, max_eval=9, **search, **VALLEY)
trajectory("LBFGS", lr=1.0, tolerance_grad=50.0, **SEARCH, **VALLEY)
trajectory("LBFGS", lr=1.0, tolerance_change=0.05, **SEARCH, **VALLEY)
trajectory("LBFGS", lr=1.0, max_eval=3, **SEARCH, **VALLEY)
trajectory("LBFGS", lr=0.1, closure=True)
trajectory("LBFGS", lr=1e-4, maximize=True, max_iter=2, **VALLEY)

trajectory("Newton", lr=1.0, **VALLEY)
trajectory("Newton", lr=0.5, damping=10.0, **VALLEY)
trajectory("HessianFree", lr=1.0, **VALLEY)
trajectory("HessianFree", lr=0.5, damping=10.0, max_iter=5, tolerance=0.01, **VALLEY)
