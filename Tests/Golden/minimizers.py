#!/usr/bin/env python3
"""Writes minimizers.json: how far SciPy's L-BFGS-B gets on problems of SecondOrderTests, and the data of one of them.

The data are 120 cases and 8 features of scikit-learn's breast cancer set, standardised and rounded. Needs scipy and
scikit-learn.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_breast_cancer

DECAY = 0.01


def rosenbrock(x: np.ndarray) -> tuple[float, np.ndarray]:
    a, b = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    slope = np.zeros_like(x)
    slope[:-1] = -400 * a * x[:-1] - 2 * b
    slope[1:] += 200 * a
    return float((100 * a**2 + b**2).sum()), slope


def logistic(x: np.ndarray, features: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    z = features @ x[:-1] + x[-1]
    losses = np.logaddexp(0, z) - targets * z
    errors = (1 / (1 + np.exp(-z)) - targets) / len(z)
    slope = np.append(features.T @ errors + DECAY * x[:-1], errors.sum())
    return float(losses.mean() + DECAY / 2 * (x[:-1] ** 2).sum()), slope


def main() -> None:
    cancer = load_breast_cancer()
    features = cancer.data[:120, :8]
    features = np.round((features - features.mean(0)) / features.std(0), 3)
    targets = cancer.target[:120].astype(float)
    found = {"features": features.ravel().tolist(), "targets": targets.tolist(), "decay": DECAY, "runs": []}
    for name, function, start, rest in [
        ("rosenbrock2", rosenbrock, [-1.2, 1.0], ()),
        ("rosenbrock10", rosenbrock, [-1.2, 1.0] * 5, ()),
        ("logistic", logistic, [0.0] * 9, (features, targets)),
    ]:
        options = {"maxcor": 10, "ftol": 1e-15, "gtol": 1e-8, "maxiter": 1000}
        run = minimize(function, np.array(start), rest, method="L-BFGS-B", jac=True, options=options)
        found["runs"].append({
            "name": name, "start": start, "loss": run.fun, "iterations": int(run.nit), "evaluations": int(run.nfev),
        })  # fmt: skip
        print(name, run.fun, run.nit, run.nfev)
    Path(__file__).with_suffix(".json").write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
