"""Metrics of the golden table give scikit-learn's numbers, at once and in batches, and go on from what was gathered."""

import json
import math
import warnings
from pathlib import Path

import numpy as np
import pytest

import swiftnn
from swiftnn import metrics

TABLE = json.loads((Path(__file__).parents[1] / "Golden" / "metrics.json").read_text())


def array(entry):
    values = [float(value) if isinstance(value, str) else value for value in entry["values"]]
    return np.array(values, dtype=entry["dtype"]).reshape(entry["shape"])


DATA = {name: [None if part is None else array(part) for part in parts] for name, parts in TABLE["data"].items()}
CASES = [
    pytest.param(case, id=f"{number}-{case['metric']}-{case['data'].replace(' ', '_')}")
    for number, case in enumerate(TABLE["cases"])
]


def made(case):
    options = {}
    for name, value in case["options"].items():
        held = next(iter(value.values())) if isinstance(value, dict) else value
        options[name] = float(held) if isinstance(value, dict) and "float" in value else held
    return getattr(metrics, case["metric"])(**options)


def results(metric):
    computed = metric.compute()
    return computed if isinstance(computed, tuple) else (computed,)


@pytest.mark.parametrize("case", CASES)
def test_case(case):
    outputs, targets, weights = DATA[case["data"]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole, parts = made(case), made(case)
        whole.update(outputs, targets, weights)
        for cut in np.array_split(np.arange(len(targets)), 3):
            parts.update(outputs[cut], targets[cut], None if weights is None else weights[cut])
            parts, before = made(case), parts
            parts.load_state_dict(before.state_dict())
        expected = [array(entry) for entry in case["results"]]
        got, in_parts = results(whole), results(parts)
    assert len(got) == len(expected)
    for one, other, wanted in zip(got, in_parts, expected):
        assert str(one.dtype).endswith(wanted.dtype.name)
        assert list(one.shape) == list(wanted.shape)
        np.testing.assert_allclose(np.asarray(one), wanted, rtol=1e-12, atol=1e-14)
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()


def test_all_metrics_have_cases():
    from swiftnn import _C

    assert {name for name, *_ in _C.entries(_C.METRICS)} == {case["metric"] for case in TABLE["cases"]}
    assert math.isnan(swiftnn.nan)
