"""What the cases of metrics judge: outputs, targets and weights by name, small and full of edges."""

import numpy as np

DATA: dict[str, tuple] = {}
_random = np.random.default_rng(20)


def add(name: str, outputs: object, targets: object) -> None:
    """The data, also with weights of reals, of whole numbers, and with zeros among them."""
    outputs, targets = np.asarray(outputs), np.asarray(targets)
    n = len(targets)
    DATA[name] = (outputs, targets, None)
    DATA[name + " reals"] = (outputs, targets, _random.random(n).round(3) + 0.125)
    DATA[name + " wholes"] = (outputs, targets, _random.integers(1, 5, n))
    DATA[name + " zeros"] = (outputs, targets, np.where(np.arange(n) % 3 == 0, 0.0, 1.5))


def draw(low: int, high: int, *shape: int) -> np.ndarray:
    return _random.integers(low, high, shape)


def noisy(targets: np.ndarray, low: int, high: int) -> np.ndarray:
    """Mostly the targets."""
    return np.where(_random.random(targets.shape) < 0.7, targets, draw(low, high, *targets.shape))


def shares(n: int, classes: int) -> np.ndarray:
    """Probabilities of classes, with ties."""
    counts = draw(1, 5, n, classes).astype(float)
    return counts / counts.sum(1, keepdims=True)


def hits(scores: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The scores with those of the targets raised, as probabilities."""
    raised = scores + 0.5 * (np.arange(scores.shape[1]) == targets[:, None]) * (_random.random((len(targets), 1)) < 0.6)
    return raised / raised.sum(1, keepdims=True)


LABELS = ["two", "signs", "four", "gaps", "strangers", "all right", "one class", "no positive", "single"]
two, four = draw(0, 2, 24), draw(0, 4, 30)
add("two", noisy(two, 0, 2), two)
add("signs", noisy(2 * two - 1, 0, 1) | 1, 2 * two - 1)
add("four", noisy(four, 0, 4), four)
gaps = np.array([-7, 2, 3, 10**12])
add("gaps", gaps[noisy(four, 0, 4)], gaps[four])
add("strangers", [0, 0, 1, 5, 5, 2], [0, 1, 1, 2, 3, 3])
add("all right", four, four)
add("one class", np.ones(5, int), np.ones(5, int))
add("no positive", np.zeros(6, int), np.zeros(6, int))
add("single", [1], [0])

MULTILABEL = ["many", "many empty"]
many = draw(0, 2, 14, 4)
add("many", noisy(many, 0, 2), many)
add("many empty", noisy(many, 0, 2) * [1, 0, 1, 1], many * [1, 1, 0, 1])

SCORES = ["scores", "ties", "chance", "best", "worst", "all positive", "all negative", "float32", "pair"]
add("scores", _random.normal(size=24).round(3) + two, two)
add("ties", (_random.random(24) + two).round(1) / 2, two)
add("chance", np.full(24, 0.5), two)
add("best", two + 0.25, two)
add("worst", 1.0 - two, two)
add("all positive", _random.random(7).round(2), np.ones(7, int))
add("all negative", _random.random(7).round(2), np.zeros(7, int))
add("float32", (_random.random(24) + 0.4 * two).astype(np.float32) / 2, two)
add("pair", [0.25, 0.75], [1, 0])

CLASS_SCORES = ["classes", "classes of three", "perfect classes"]
add("classes", hits(shares(30, 4), four), four)
three = np.arange(12) % 3
add("classes of three", hits(shares(12, 3), three), three)
add("perfect classes", np.eye(4)[four], four)

LABEL_SCORES = ["label scores", "label ties"]
add("label scores", _random.random((14, 4)).round(3) + 0.3 * many, many)
add("label ties", (_random.random((14, 4)) + 0.5 * many).round(1), many)

NUMBERS = ["numbers", "constant", "constant right", "far", "pair of numbers", "one number"]
COLUMNS = ["columns", "constant columns", "one column"]
numbers = _random.normal(size=20).round(4)
add("numbers", numbers + _random.normal(size=20).round(3) / 4, numbers)
add("constant", numbers, np.full(20, 0.5))
add("constant right", np.full(20, 0.5), np.full(20, 0.5))
add("far", 1e6 + numbers + 0.125, 1e6 + numbers)
add("pair of numbers", [1.5, 2.5], [1.0, 3.0])
add("one number", [1.5], [1.0])
columns = _random.normal(size=(10, 3)).round(4)
add("columns", columns + _random.normal(size=(10, 3)).round(3) / 2, columns)
add("constant columns", columns, np.stack([np.full(10, 2.0), np.zeros(10), columns[:, 2]], 1))
add("one column", columns[:, :1] * 0.5, columns[:, :1])
