"""Fitted transforms, against what scikit-learn made of the same data."""

import json
import math
import pickle
from pathlib import Path

import numpy as np
import pytest

import swiftnn as snn
from swiftnn import preprocessing

GOLDEN = json.loads((Path(__file__).parents[1] / "Golden" / "data.json").read_text())


def numbers(value):
    return [numbers(item) for item in value] if isinstance(value, list) else math.nan if value == "nan" else value


def close(found, expected):
    np.testing.assert_allclose(found.numpy(), np.array(numbers(expected), "f8"), rtol=1e-12, atol=1e-12)


def f64(value):
    return snn.tensor(numbers(value), dtype=snn.float64)


@pytest.mark.parametrize("case", GOLDEN["scalers"], ids=lambda case: f"{case['name']}-{case['options']}")
def test_scalers(case):
    scaler = getattr(preprocessing, case["name"])(**case["options"]).fit(f64(case["fit"]))
    data = f64(case["data"])
    close(scaler.transform(data), case["result"])
    close(scaler.inverse_transform(data), case["inverse"])
    for name, values in case["state"].items():
        close(getattr(scaler, name), values)
    parts = getattr(preprocessing, case["name"])(**case["options"])
    parts.partial_fit(f64(case["fit"][:1])).partial_fit(f64(case["fit"][1:]))
    close(parts.transform(data), case["parts"])
    again = getattr(preprocessing, case["name"])(**case["options"])
    again.load_state_dict(scaler.state_dict())
    assert again.transform(data).numpy().tobytes() == scaler.transform(data).numpy().tobytes()
    copy = pickle.loads(pickle.dumps(scaler))
    assert copy.transform(data).numpy().tobytes() == scaler.transform(data).numpy().tobytes()


@pytest.mark.parametrize("case", GOLDEN["encoders"], ids=lambda case: str(case["options"]))
def test_one_hot(case):
    encoder = preprocessing.OneHotEncoder(**case["options"]).fit(case["fit"])
    found = encoder.transform(case["data"])
    assert found.dtype == snn.float64 and found.tolist() == case["result"]
    assert [c.tolist() for c in encoder.categories_] == [[1, 2, 3], [0, 7]]
    assert encoder.inverse_transform(encoder.transform(case["fit"])).tolist() == case["fit"]


def test_unknown_categories():
    strict = preprocessing.OneHotEncoder().fit([[1], [2]])
    with pytest.raises(ValueError, match=r"unknown category 5\.0 in column 0 during transform, in row 1"):
        strict.transform([[1], [5]])
    with pytest.raises(ValueError, match="row 0 has no category for feature 0"):
        strict.inverse_transform([[0.0, 0.0]])
    lenient = preprocessing.OneHotEncoder(handle_unknown="ignore", dtype=snn.float32).fit([[1], [2]])
    assert lenient.transform([[5]]).dtype == snn.float32
    assert math.isnan(lenient.inverse_transform([[0.0, 0.0]]).item())


def test_labels():
    encoder = preprocessing.LabelEncoder().fit([7, 3, 7, -1])
    assert encoder.classes_.tolist() == [-1, 3, 7] and encoder.transform([3, 7]).tolist() == [1, 2]
    assert encoder.inverse_transform([2, 0]).tolist() == [7, -1] and encoder.inverse_transform([0]).dtype == snn.int64
    with pytest.raises(ValueError, match=r"was fitted: 4\.0"):
        encoder.transform([4])
    with pytest.raises(IndexError, match="no class 3 of 3"):
        encoder.inverse_transform([3])
    with pytest.raises(NotImplementedError):
        encoder.partial_fit([1])


@pytest.mark.parametrize("name", ["StandardScaler", "MinMaxScaler", "OneHotEncoder", "LabelEncoder"])
def test_before_fitting(name):
    transform = getattr(preprocessing, name)()
    data = [1] if name == "LabelEncoder" else [[1.0]]
    for use in (transform.transform, transform.inverse_transform):
        with pytest.raises(ValueError, match=f"{name}: must be fitted"):
            use(data)
    assert transform.state_dict() == {}
    with pytest.raises(AttributeError):
        _ = transform.mean_
    with pytest.raises(RuntimeError):
        transform.fit([[[1.0]]])


def test_mistakes_change_nothing():
    scaler = preprocessing.StandardScaler().fit([[1.0, 2.0], [3.0, 5.0]])
    before = scaler.mean_.tolist()
    for wrong in ([[1.0]], [1.0], snn.zeros(0, 2)):
        with pytest.raises(RuntimeError, match="StandardScaler"):
            scaler.partial_fit(wrong)
    with pytest.raises(RuntimeError, match="expects 2 features, as it was fitted to, got 3"):
        scaler.transform([[1.0, 2.0, 3.0]])
    assert scaler.mean_.tolist() == before and scaler.n_samples_seen_ == 2
    with pytest.raises(ValueError, match="minimum of feature_range"):
        preprocessing.MinMaxScaler(feature_range=(1, 1))
    with pytest.raises(AttributeError, match="no 'mean_'"):
        scaler.load_state_dict({"var_": snn.ones(2), "n_samples_seen_": snn.ones(2)})
    assert "feature_range" in str(preprocessing.MinMaxScaler.__signature__)


def test_saved_with_a_model(tmp_path):
    scaler = preprocessing.StandardScaler().fit(snn.randn(10, 3))
    model = snn.nn.Linear(3, 1)
    snn.save({"model": model.state_dict(), "scaler": scaler.state_dict()}, tmp_path / "a.pt")
    again = preprocessing.StandardScaler()
    again.load_state_dict(snn.load(tmp_path / "a.pt")["scaler"])
    data = snn.randn(4, 3)
    assert again.transform(data).tolist() == scaler.transform(data).tolist()
    assert scaler.transform(data).dtype == snn.float32
