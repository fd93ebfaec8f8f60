"""Splits, against scikit-learn's: see Golden/splits/make.py."""

import json
from pathlib import Path

import numpy as np
import pytest

import swiftnn as torch
from swiftnn import model_selection as ms

CASES = json.loads((Path(__file__).parents[1] / "Golden" / "splits.json").read_text())


def number(numbers):
    value = 0
    for item in numbers:
        value = (value * 1000003 + int(item) + 1) % ((1 << 61) - 1)
    return value


@pytest.mark.filterwarnings("ignore:The least populated class")
@pytest.mark.parametrize("kind", sorted({case["kind"] for case in CASES}))
def test_lists_equal_those_of_scikit_learn(kind):
    for case in (case for case in CASES if case["kind"] == kind):
        n, k, uneven = case["examples"], case["labels"], case["uneven"]
        labels = [max((i * i + i // 3) % k, (i + 5) % k if uneven else 0) for i in range(n)] if k else None
        options = {
            name: value
            for name, value in case.items()
            if name not in ("kind", "examples", "labels", "uneven", "result", "error")
        }
        splitter = getattr(ms, kind)(**options)

        def run(splitter=splitter, labels=labels, n=n):
            return [part.tolist() for split in splitter.split(range(n), labels, labels) for part in split]

        if "error" in case:
            with pytest.raises(ValueError) as caught:
                run()
            assert str(caught.value) == case["error"]
        else:
            lists = run()
            assert number(map(number, lists)) == case["result"], case
            assert splitter.get_n_splits(range(n), labels, labels) == len(lists) // 2


def test_train_test_split():
    x, y = np.arange(20).reshape(10, 2), list("ababababab")
    x_train, x_test, y_train, y_test = ms.train_test_split(x, y, test_size=0.3, random_state=42)
    # numpy.random.RandomState(42).permutation(10)
    assert x_test[:, 0].tolist() == [16, 2, 10] and x_train[:, 0].tolist() == [0, 14, 4, 18, 8, 6, 12]
    assert y_test == ["a", "b", "b"] and len(y_train) == 7
    parts = ms.train_test_split(torch.arange(8), stratify=[0, 0, 0, 0, 1, 1, 1, 1], random_state=0)
    assert [len(part) for part in parts] == [6, 2] and sum(parts[1] >= 4).item() == 1
    ordered = ms.train_test_split(list(range(10)), test_size=3, shuffle=False)
    assert ordered == [[0, 1, 2, 3, 4, 5, 6], [7, 8, 9]]
    assert ms.train_test_split((1, 2, 3, 4), random_state=0)[0].__class__ is tuple
    for options in [
        {"test_size": 10},
        {"test_size": 0},
        {"test_size": 0.0},
        {"test_size": 1.5},
        {"train_size": 0.9, "test_size": 0.2},
        {"shuffle": False, "stratify": [0] * 10},
        {"random_state": -1},
        {"random_state": "x"},
    ]:
        with pytest.raises(ValueError):
            ms.train_test_split(list(range(10)), **options)
    with pytest.raises(ValueError, match="inconsistent"):
        ms.train_test_split([1, 2], [1])
    with pytest.raises(ValueError, match="At least one"):
        ms.train_test_split()


def test_three_parts():
    parts = ms.train_val_test_split(torch.arange(50), list(range(50)), random_state=1)
    assert [len(part) for part in parts] == [40, 5, 5, 40, 5, 5]
    assert sorted(torch.cat(parts[:3]).tolist()) == list(range(50))
    assert parts[0].tolist() == parts[3]
    assert ms.train_val_test_split(list(range(10)), shuffle=False)[1:] == [[8], [9]]


def test_random_states():
    first, second = ([part.tolist() for part in next(ms.ShuffleSplit().split(range(100)))] for _ in range(2))
    assert first != second


def test_mistakes():
    with pytest.raises(ValueError, match="n_splits=2 or more"):
        ms.KFold(1)
    with pytest.raises(ValueError, match="Integral"):
        ms.KFold(2.0)
    with pytest.raises(ValueError, match="no effect"):
        ms.KFold(random_state=1)
    with pytest.raises(ValueError, match="greater than the number of samples"):
        next(ms.KFold(5).split(range(3)))
    with pytest.raises(ValueError, match="groups"):
        next(ms.GroupKFold().split(range(10)))
    with pytest.raises(ValueError, match="labels"):
        next(ms.StratifiedKFold(2).split(range(10), [0, 1]))
    with pytest.raises(ValueError, match="only 1 member"):
        next(ms.StratifiedShuffleSplit().split(range(5), [0, 0, 0, 0, 1]))
    with pytest.raises(ValueError, match="Too many splits"):
        next(ms.TimeSeriesSplit(3, gap=20).split(range(20)))
