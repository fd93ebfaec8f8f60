"""Writes splits.json: what scikit-learn's splitters give, all lists of a case as one number. Needs scikit-learn.

A label of example i among k is (i * i + i // 3) % k, or the greater of that and (i + 5) % k where a case is uneven.
"""

import itertools
import json
import warnings
from pathlib import Path

from sklearn import model_selection as ms

MODULUS = (1 << 61) - 1


def number(numbers):
    """Tells lists of numbers apart."""
    value = 0
    for item in numbers:
        value = (value * 1000003 + int(item) + 1) % MODULUS
    return value


def labels(n, k, uneven):
    return [max((i * i + i // 3) % k, (i + 5) % k) if uneven else (i * i + i // 3) % k for i in range(n)]


def cases():
    for n, k, seed in itertools.product([5, 10, 37, 150, 1000], [2, 3, 5], [0, 1, 42, 4294967295]):
        yield "KFold", n, 0, False, {"n_splits": k, "shuffle": True, "random_state": seed}
    for n, k in itertools.product([5, 10, 37, 150], [2, 3, 5]):
        yield "KFold", n, 0, False, {"n_splits": k}
        yield "RepeatedKFold", n, 0, False, {"n_splits": k, "n_repeats": 3, "random_state": n}
    for n, classes, uneven, k, seed in itertools.product(
        [12, 37, 150, 700], [1, 2, 4], [False, True], [2, 3, 5], [0, 7]
    ):
        yield "StratifiedKFold", n, classes, uneven, {"n_splits": k, "shuffle": True, "random_state": seed}
        yield "StratifiedKFold", n, classes, uneven, {"n_splits": k}
        yield "RepeatedStratifiedKFold", n, classes, uneven, {"n_splits": k, "n_repeats": 2, "random_state": seed}
    for n, groups, uneven, k in itertools.product([12, 60, 250], [3, 5, 11], [False, True], [2, 3, 5]):
        yield "GroupKFold", n, groups, uneven, {"n_splits": k}
        yield "GroupKFold", n, groups, uneven, {"n_splits": k, "shuffle": True, "random_state": k}
    for n in [2, 3, 17]:
        yield "LeaveOneOut", n, 0, False, {}
    for n, groups in [(12, 3), (60, 5), (60, 11)]:
        yield "LeaveOneGroupOut", n, groups, True, {}
    sizes = [{}, {"test_size": 0.3}, {"train_size": 0.55}, {"test_size": 0.25, "train_size": 0.5}]
    sizes += [{"test_size": 5}, {"train_size": 6, "test_size": 5}, {"train_size": 7}]
    for n, size, seed in itertools.product([12, 101, 1000], sizes, [0, 3]):
        yield "ShuffleSplit", n, 0, False, {"n_splits": 3, "random_state": seed, **size}
    for n, classes, uneven, size, seed in itertools.product([31, 101, 1000], [2, 3, 5], [False, True], sizes, [0, 3]):
        yield "StratifiedShuffleSplit", n, classes, uneven, {"n_splits": 3, "random_state": seed, **size}
    for n, groups, size, seed in itertools.product([60, 250], [13, 17], sizes, [0, 3]):
        yield "GroupShuffleSplit", n, groups, True, {"n_splits": 3, "random_state": seed, **size}
    for n, k in itertools.product([10, 37, 100], [2, 3, 5]):
        yield "TimeSeriesSplit", n, 0, False, {"n_splits": k}
        yield "TimeSeriesSplit", n, 0, False, {"n_splits": k, "max_train_size": 4}
        yield "TimeSeriesSplit", n, 0, False, {"n_splits": k, "test_size": 1, "gap": 2}
        yield "TimeSeriesSplit", n, 0, False, {"n_splits": k, "test_size": 1, "gap": 1, "max_train_size": 3}


def main():
    warnings.simplefilter("ignore")
    done = []
    for kind, n, k, uneven, options in cases():
        given = labels(n, k, uneven) if k else None
        case = {"kind": kind, "examples": n, "labels": k, "uneven": uneven, **options}
        try:
            splits = list(getattr(ms, kind)(**options).split([[0.0]] * n, given, given))
            case["result"] = number(number(part) for split in splits for part in split)
        except ValueError as error:
            case["error"] = str(error)
        done.append(case)
    text = ",\n".join(json.dumps(case, separators=(",", ":")) for case in done)
    Path(__file__).parents[1].joinpath("splits.json").write_text(f"[\n{text}\n]\n")
    print(f"{len(done)} cases, {sum('error' in case for case in done)} of them errors")


main()
