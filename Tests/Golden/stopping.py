#!/usr/bin/env python3
"""Writes stopping.json and the C table of stopping rules: what other implementations say of the same measurements.

Keras and Lightning are written down from their documentation; slopes are SciPy's, smoothing is pandas' formula for
ewm(adjust=True), and the Gaussian process is conditioned by dense linear algebra of SciPy, over contrasts, which know
nothing of the constant. Needs numpy and scipy.
"""

import json
import math
from pathlib import Path

import numpy as np
from scipy import linalg, stats

HERE = Path(__file__).parent
C_TABLE = HERE.parent / "CTests" / "stopping_cases.inc"


class Keras:
    """keras.callbacks.EarlyStopping: 'an absolute change of less than min_delta will count as no improvement'; training
    stops after patience epochs without; with a baseline, only what beats it too starts the count anew."""

    def __init__(self, patience=3, min_delta=0, mode="min", baseline=None, start_from_epoch=0):
        self.sign = -1 if mode == "max" else 1
        self.patience, self.delta, self.start = patience, min_delta, start_from_epoch
        self.baseline, self.best, self.wait = baseline, math.inf * self.sign, 0

    def improves(self, value, reference):
        return self.sign * value < self.sign * reference - self.delta

    def observe(self, epoch, value):
        if epoch < self.start:
            return False, False
        self.wait += 1
        if self.improves(value, self.best):
            self.best = value
            if self.baseline is None or self.improves(value, self.baseline):
                self.wait = 0
            return True, False
        return False, self.wait >= self.patience


class Lightning:
    """lightning.pytorch.callbacks.EarlyStopping, in the order in which it looks: not finite, stopping_threshold ('once
    the monitored quantity reaches this threshold'), divergence_threshold ('as soon as the monitored quantity becomes
    worse'), min_delta and patience. What is better is the best here also where training stops at it."""

    def __init__(
        self, patience=3, min_delta=0, mode="min", check_finite=True, stopping_threshold=None, divergence_threshold=None
    ):
        self.sign = -1 if mode == "max" else 1
        self.patience, self.delta, self.finite = patience, min_delta, check_finite
        self.goal, self.limit = stopping_threshold, divergence_threshold
        self.best, self.wait = math.inf * self.sign, 0

    def observe(self, epoch, value):
        if self.finite and not math.isfinite(value):
            return False, True
        better = self.sign * value < self.sign * self.best - self.delta
        self.wait = 0 if better else self.wait + 1
        if better:
            self.best = value
        if self.goal is not None and self.sign * value <= self.sign * self.goal:
            return better, True
        if self.limit is not None and self.sign * value > self.sign * self.limit:
            return better, True
        return better, not better and self.wait >= self.patience


class Lexicographic:
    """Several metrics in the order of their importance. A state is better where, of the first metric that is not level
    with its reference within the tolerance, it is better. References of level metrics keep the better value."""

    def __init__(self, signs, tolerances, patience):
        self.signs, self.tolerances, self.patience = signs, tolerances, patience
        self.references, self.wait = None, 0

    def observe(self, epoch, *values):
        costs = [sign * value for sign, value in zip(self.signs, values)]
        compared = zip(costs, self.references or [], self.tolerances)
        outcome = [0 if abs(c - r) <= t else -1 if c < r else 1 for c, r, t in compared]
        decided = next((i for i, o in enumerate(outcome) if o), None)
        if self.references is None:
            self.references = costs
        elif decided is not None and outcome[decided] < 0:
            kept = [min(c, r) for c, r in zip(costs[:decided], self.references)]
            self.references = kept + costs[decided:]
        else:
            self.wait += 1
            return False, self.wait >= self.patience
        self.wait = 0
        return True, False


class Relative:
    """Better by a share of the best so far."""

    def __init__(self, share, patience):
        self.share, self.patience, self.best, self.wait = share, patience, None, 0

    def observe(self, epoch, value):
        better = self.best is None or value < self.best - abs(self.best) * self.share
        self.best, self.wait = (value, 0) if better else (self.best, self.wait + 1)
        return better, not better and self.wait >= self.patience


def smoothed(values, smoothing):
    """pandas.Series(values).ewm(alpha=1 - smoothing, adjust=True).mean()"""
    weights = [[smoothing ** (t - i) for i in range(t + 1)] for t in range(len(values))]
    return [float(np.average(values[: t + 1], weights=w)) for t, w in enumerate(weights)]


class Slope:
    def __init__(self, window, min_slope, sign, patience=1):
        self.window, self.least, self.sign, self.patience = window, min_slope, sign, patience
        self.points, self.best, self.wait = [], math.inf, 0

    def observe(self, epoch, value):
        self.points = (self.points + [(epoch, value)])[-self.window :]
        better = self.sign * value < self.best
        self.best = min(self.best, self.sign * value)
        if len(self.points) < self.window:
            return better, False, None
        slope = stats.linregress(*zip(*self.points)).slope
        self.wait = 0 if self.sign * slope < -self.least else self.wait + 1
        return better, self.wait >= self.patience, slope


POWERS, DELAYS, NOISES = [0.5, 1, 2, 4], [1, 4, 16, 64], [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]


def gain_probability(epochs, costs, target, horizon):
    """Freeze-thaw's covariance ((b + 2) / (x + x' + b))^a with noise r, around a constant of which nothing is known."""
    x, y = np.array(epochs) - epochs[0] + 1.0, np.array(costs)
    n, ahead = len(x), x[-1] + 1 + np.arange(horizon)
    contrasts = linalg.null_space(np.ones((1, n)))
    logs, probabilities = [], []
    for a in POWERS:
        for b in DELAYS:
            for r in NOISES:

                def k(u, v, a=a, b=b):
                    return ((b + 2) / (u[:, None] + v[None, :] + b)) ** a

                c = k(x, x) + r * np.eye(n)
                within = contrasts.T @ c @ contrasts
                z = contrasts.T @ y
                scale = z @ linalg.solve(within, z, assume_a="pos") / (n - 1)
                logs.append(stats.multivariate_normal(cov=scale * within).logpdf(z))
                # The best linear unbiased prediction and its error, from one bordered system.
                system = np.block([[c, np.ones((n, 1))], [np.ones((1, n)), np.zeros((1, 1))]])
                right = np.vstack([k(x, ahead), np.ones((1, horizon))])
                weights = linalg.solve(system, right)
                mean = weights[:n].T @ y
                variance = np.diag(k(ahead, ahead)) + r - np.sum(weights * right, axis=0)
                probabilities.append(stats.norm.cdf((target - mean) / np.sqrt(scale * variance)))
    weights = np.exp(np.array(logs) - max(logs))
    return float(max(weights @ np.array(probabilities) / weights.sum()))


class Process:
    def __init__(self, sign=1, min_delta=0, horizon=20, threshold=0.05, min_epochs=5, window=100):
        self.sign, self.delta, self.horizon, self.threshold = sign, min_delta, horizon, threshold
        self.least, self.window, self.points, self.best = min_epochs, window, [], math.inf

    def observe(self, epoch, value):
        cost = self.sign * value
        self.points = (self.points + [(epoch, cost)])[-self.window :]
        better = cost < self.best
        self.best = min(self.best, cost)
        if len(self.points) < self.least:
            return better, False, None
        p = gain_probability(*map(list, zip(*self.points)), self.best - self.delta, self.horizon)
        return better, p < self.threshold, p


cases = []


def case(rule, reference, series, epochs=None, seen=None, **options):
    """`seen`: the numbers that the reference sees, where they are others than those of the rule."""
    length = len(next(iter(series.values())))
    epochs = list(epochs or range(length))
    rows = list(zip(*(seen or series).values()))
    verdicts = [reference.observe(epoch, *row) for epoch, row in zip(epochs, rows)]
    cases.append(
        {
            "rule": rule,
            "options": options,
            "epochs": epochs,
            "values": {name: [number(v) for v in values] for name, values in series.items()},
            "best": [bool(v[0]) for v in verdicts],
            "stop": [bool(v[1]) for v in verdicts],
            # Slope or probability, where the rule tells it as its reason.
            "numbers": [float(v[2]) if len(v) > 2 and v[1] else None for v in verdicts],
        }
    )


def number(value):
    return value if math.isfinite(value) else repr(value)


def curve(seed, length=30, start=2.0, end=0.5, rate=0.15, noise=0.03, rise=0.0):
    t = np.arange(length)
    values = end + (start - end) * np.exp(-rate * t) + rise * np.maximum(t - length / 2, 0)
    return [round(float(v), 4) for v in values + noise * np.random.default_rng(seed).standard_normal(length)]


def table():
    loss, over, noisy = curve(1), curve(2, rise=0.05), curve(3, noise=0.2)
    accuracy = [round(1 - v / 2, 4) for v in curve(4)]
    for patience in (0, 1, 2, 5):
        case("EarlyStopping", Keras(patience), {"val_loss": over}, patience=patience)
        case("EarlyStopping", Lightning(max(patience, 1)), {"val_loss": noisy}, patience=max(patience, 1))
    case("EarlyStopping", Keras(min_delta=0.05), {"val_loss": loss}, min_delta=0.05)
    case("EarlyStopping", Keras(mode="max"), {"val_accuracy": accuracy}, monitor="val_accuracy")
    case("EarlyStopping", Keras(mode="max", patience=4), {"gain": accuracy}, monitor="gain", mode="max", patience=4)
    case("EarlyStopping", Keras(mode="min"), {"dice_loss": over}, monitor="dice_loss")
    case("EarlyStopping", Keras(baseline=0.9, patience=6), {"val_loss": loss}, baseline=0.9, patience=6)
    case("EarlyStopping", Keras(baseline=0.2, patience=6), {"val_loss": loss}, baseline=0.2, patience=6)
    case("EarlyStopping", Keras(start_from_epoch=8), {"val_loss": over}, start_from_epoch=8)
    case("EarlyStopping", Lightning(stopping_threshold=loss[9]), {"val_loss": loss}, stopping_threshold=loss[9])
    goal, limit = {"stopping_threshold": 0.6}, {"patience": 99, "divergence_threshold": 1.0}
    case("EarlyStopping", Lightning(mode="max", **goal), {"auc": accuracy}, monitor="auc", **goal)
    case("EarlyStopping", Lightning(**limit), {"val_loss": over}, **limit)
    holes = loss[:6] + [math.nan, 0.5, math.inf, 0.4, -math.inf, 0.3]
    case("EarlyStopping", Lightning(), {"val_loss": holes}, check_finite=True)
    case(
        "EarlyStopping", Lightning(check_finite=False, patience=2), {"val_loss": holes}, check_finite=False, patience=2
    )
    case("EarlyStopping", Relative(0.1, 2), {"val_loss": loss}, min_delta=0.1, min_delta_mode="rel", patience=2)
    below = [round(v - 3, 4) for v in loss]
    case("EarlyStopping", Relative(0.05, 3), {"val_loss": below}, min_delta=0.05, min_delta_mode="rel")
    for smoothing in (0.3, 0.9):
        case("EarlyStopping", Keras(), {"val_loss": noisy}, seen={"s": smoothed(noisy, smoothing)}, smoothing=smoothing)
    pair = {"val_f1": [round(v, 2) for v in accuracy], "val_loss": noisy}
    tolerances, both = [0.02, 0.01], "val_f1, val_loss"
    case("EarlyStopping", Lexicographic([-1, 1], tolerances, 3), pair, monitor=both, min_delta=tolerances)
    case("EarlyStopping", Lexicographic([-1, 1], [0, 0], 4), pair, monitor=both, patience=4, mode="max,min")
    three = {"a": [round(v, 1) for v in over], "b": [round(v, 1) for v in noisy], "c": loss}
    reference = Lexicographic([1, 1, 1], [0.15] * 3, 5)
    case("EarlyStopping", reference, three, monitor="a,b,c", min_delta=0.15, patience=5)
    drift = {"a": [1, 1.01, 1.02, 1.03, 1.04, 1.05], "b": [6, 5, 4, 3, 2, 1]}
    tolerances = [0.025, 0]
    case("EarlyStopping", Lexicographic([1, 1], tolerances, 2), drift, monitor="a,b", min_delta=tolerances, patience=2)

    case("SlopeStopping", Slope(10, 0, 1), {"val_loss": over})
    case("SlopeStopping", Slope(5, 0.01, 1), {"val_loss": loss}, window=5, min_slope=0.01)
    options = {"window": 4, "min_slope": 0.02, "patience": 3}
    case("SlopeStopping", Slope(4, 0.02, -1, 3), {"accuracy": accuracy}, monitor="accuracy", **options)
    uneven = [2 * t + t % 3 // 2 for t in range(30)]
    case("SlopeStopping", Slope(6, 0, 1), {"val_loss": over}, epochs=uneven, window=6)

    case("GaussianProcessStopping", Process(), {"val_loss": over})
    case("GaussianProcessStopping", Process(threshold=1), {"val_loss": loss}, threshold=1)
    options = {"threshold": 1, "horizon": 5, "min_delta": 0.1, "window": 12}
    case("GaussianProcessStopping", Process(**options), {"val_loss": noisy}, **options)
    options = {"threshold": 1, "min_epochs": 3}
    case("GaussianProcessStopping", Process(-1, **options), {"val_acc": accuracy[:15]}, monitor="val_acc", **options)
    case("GaussianProcessStopping", Process(threshold=1), {"val_loss": loss[:12]}, epochs=range(5, 65, 5), threshold=1)
    case("GaussianProcessStopping", Process(min_delta=0.02), {"val_loss": curve(5, 60, noise=0.005)}, min_delta=0.02)


def c_value(value):
    if isinstance(value, bool):
        return f"snn_bool({str(value).lower()})"
    if isinstance(value, str):
        return f'snn_string("{value}")'
    if isinstance(value, list):
        return f"snn_floats((const double[]){{{', '.join(map(repr, value))}}}, {len(value)})"
    return f"snn_{'int' if isinstance(value, int) else 'float'}({value!r})"


def c_number(value):
    return {"nan": "NAN", "inf": "INFINITY", "-inf": "-INFINITY", None: "NAN"}.get(value, repr(value))


def c_case(number, one):
    lines = [f"case {number}:", f'  run_rule(run, "{one["rule"]}");']
    lines += [f'  run_option(run, "{name}", {c_value(value)});' for name, value in one["options"].items()]
    names = ", ".join(f'"{name}"' for name in one["values"])
    values = ", ".join(c_number(value) for row in zip(*one["values"].values()) for value in row)
    flags = ["".join(str(int(flag)) for flag in one[which]) for which in ("best", "stop")]
    epochs, numbers = ", ".join(map(str, one["epochs"])), ", ".join(map(c_number, one["numbers"]))
    given = f"(const char* const[]){{{names}}}, (const double[]){{{values}}}"
    lines.append(f"  run_watch(run, {len(one['epochs'])}, {len(one['values'])}, {given});")
    lines.append(f'  run_expect(run, {len(one["epochs"])}, (const int64_t[]){{{epochs}}}, "{flags[0]}", "{flags[1]}",')
    lines.append(f"             (const double[]){{{numbers}}});")
    return "\n".join([*lines, "  return true;"])


if __name__ == "__main__":
    table()
    lines = ",\n".join(json.dumps(one, allow_nan=False) for one in cases)
    (HERE / "stopping.json").write_text('{"cases": [\n' + lines + "\n]}\n")
    texts = ["// Generated by Tests/Golden/stopping.py: do not edit.", *map(c_case, range(len(cases)), cases)]
    C_TABLE.write_text("\n".join(texts) + "\n")
    print(f"stopping.json: {len(cases)} cases")
