"""Perceptrons with scikit-learn's names: its own checks, and its own perceptrons with the same random numbers."""

import pickle

import numpy as np
import pandas
import pytest
import scipy.sparse
from sklearn import datasets, neural_network
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from swiftnn import sklearn as ours

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

# What scikit-learn itself skips: for a switch of SciPy that is not set, and for a method that perceptrons do not have.
NOT_FOR_US = ("check_array_api_input", "check_classifiers_multilabel_output_format_decision_function")


def checks(*estimators):
    for estimator in estimators:
        for made, check in estimator_checks_generator(estimator, legacy=True):
            name = getattr(check, "func", check).__name__
            if name not in NOT_FOR_US:
                yield pytest.param(made, check, id=f"{type(estimator).__name__}-{name}")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "estimator, check",
    [*checks(ours.MLPClassifier(), ours.MLPRegressor(), ours.NeuralNetClassifier(), ours.NeuralNetRegressor())],
)
def test_checks_of_scikit_learn(estimator, check):
    check(estimator)


def scaled(data):
    X, y = data
    return StandardScaler().fit_transform(X), y


def wine():
    return scaled(datasets.load_wine(return_X_y=True))


def cancer():
    return scaled(datasets.load_breast_cancer(return_X_y=True))


def digits():
    return datasets.load_digits(return_X_y=True)


def diabetes():
    X, y = scaled(datasets.load_diabetes(return_X_y=True))
    return X, y / 100


def several():
    X, y = diabetes()
    return X, np.stack([y, y * 2 + 1, X[:, 0]], 1)


def labels():
    return datasets.make_multilabel_classification(random_state=0)


def pair(kind, X, y, sample_weight=None, **options):
    options = {"hidden_layer_sizes": (20, 10), "max_iter": 15, "random_state": 1, **options}
    return [getattr(library, kind)(**options).fit(X, y, sample_weight) for library in (ours, neural_network)]


def equal(a, b, tolerance=1e-9):
    """Everything that training leaves."""
    for mine, theirs in zip([*a.coefs_, *a.intercepts_], [*b.coefs_, *b.intercepts_], strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_allclose(mine, theirs, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(a.loss_curve_, b.loss_curve_, rtol=tolerance)
    np.testing.assert_allclose(a.loss_, b.loss_, rtol=tolerance)
    for name in ("n_iter_", "t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(a, name) == getattr(b, name)
    for name in ("best_loss_", "validation_scores_", "best_validation_score_"):
        mine, theirs = getattr(a, name), getattr(b, name)
        assert (mine is None) == (theirs is None)
        if mine is not None:
            np.testing.assert_allclose(mine, theirs, rtol=tolerance)


CASES = {
    "digits": (digits, {}),
    "digits-sgd": (digits, {"solver": "sgd", "learning_rate_init": 0.01}),
    "invscaling": (cancer, {"solver": "sgd", "learning_rate": "invscaling", "learning_rate_init": 0.1, "power_t": 0.3}),
    "adaptive": (
        wine,
        {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.5, "tol": 1e-2, "max_iter": 300},
    ),
    "without-nesterov": (cancer, {"solver": "sgd", "momentum": 0.8, "nesterovs_momentum": False}),
    "without-momentum": (cancer, {"solver": "sgd", "momentum": 0, "shuffle": False}),
    "full-momentum": (wine, {"solver": "sgd", "momentum": 1}),
    "identity": (cancer, {"activation": "identity", "alpha": 0.1}),
    "logistic": (wine, {"activation": "logistic", "alpha": 3.0}),
    "tanh": (wine, {"activation": "tanh", "batch_size": 7}),
    "early": (cancer, {"early_stopping": True, "batch_size": 32, "validation_fraction": 0.3, "max_iter": 60}),
    "moments": (wine, {"beta_1": 0, "beta_2": 0.5, "epsilon": 1e-3, "learning_rate_init": 0.01}),
    "patience": (wine, {"n_iter_no_change": 2, "tol": 0.1, "max_iter": 100}),
    "endless": (wine, {"n_iter_no_change": np.inf, "tol": 0.1}),
    "one-layer": (wine, {"hidden_layer_sizes": 5}),
    "no-layer": (wine, {"hidden_layer_sizes": ()}),
    "labels": (labels, {}),
    "labels-early": (labels, {"early_stopping": True}),
    "generator": (wine, {"random_state": np.random.RandomState}),
    "diabetes": (diabetes, {}),
    "diabetes-sgd": (diabetes, {"solver": "sgd"}),
    "diabetes-early": (diabetes, {"early_stopping": True}),
    "poisson": (diabetes, {"loss": "poisson"}),
    "several": (several, {}),
    "several-early": (several, {"early_stopping": True}),
    "several-poisson": (lambda: (several()[0], np.abs(several()[1])), {"loss": "poisson", "solver": "sgd"}),
}


def is_regression(data):
    return data[1].dtype.kind == "f"


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_takes_the_steps_of_scikit_learn(name, weighted):
    make, options = CASES[name]
    X, y = data = make()
    weights = np.random.default_rng(0).uniform(0, 2, len(y)) if weighted else None
    kind = "MLPRegressor" if is_regression(data) else "MLPClassifier"
    fitted = []
    for library in (ours, neural_network):
        own = {**options, "random_state": np.random.RandomState(5)} if name == "generator" else options
        given = {"hidden_layer_sizes": (20, 10), "max_iter": 15, "random_state": 1, **own}
        fitted.append(getattr(library, kind)(**given).fit(X, y, weights))
    a, b = fitted
    equal(a, b)
    np.testing.assert_allclose(a.predict(X), b.predict(X), rtol=1e-9)
    assert a.score(X, y, weights) == pytest.approx(b.score(X, y, weights), rel=1e-9)
    if kind == "MLPClassifier":
        np.testing.assert_allclose(a.predict_proba(X), b.predict_proba(X), rtol=1e-7, atol=1e-12)
        np.testing.assert_array_equal(a.classes_, b.classes_)


def test_float32():
    X, y = digits()
    a, b = pair("MLPClassifier", X.astype(np.float32), y)
    equal(a, b, 1e-4)
    assert a.predict_proba(X.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(a.predict_log_proba(X), np.log(a.predict_proba(X)))


@pytest.mark.parametrize("form", [scipy.sparse.csr_matrix, scipy.sparse.csc_matrix])
def test_sparse(form):
    X, y = wine()
    a, b = pair("MLPClassifier", form(X), y, early_stopping=True)
    equal(a, b)
    np.testing.assert_array_equal(a.predict(form(X)), b.predict(X))


def test_lists_names_and_strings():
    X, y = wine()
    frame = pandas.DataFrame(X, columns=[f"column {i}" for i in range(X.shape[1])])
    a, b = pair("MLPClassifier", frame, np.array(["one", "two", "three"])[y])
    equal(a, b)
    assert list(a.feature_names_in_) == list(frame.columns)
    assert list(a.predict(frame)) == list(b.predict(frame))
    equal(*pair("MLPClassifier", X.tolist(), y.tolist()))


@pytest.mark.parametrize("options", [{"solver": "adam"}, {"solver": "sgd", "learning_rate": "invscaling"}])
def test_partial_fit(options):
    X, y = wine()

    def trained(library):
        model = library.MLPClassifier((8,), random_state=2, **options)
        model.partial_fit(X[:100], y[:100], classes=[0, 1, 2])
        for _ in range(5):
            model.partial_fit(X, y)
        model = pickle.loads(pickle.dumps(model))  # goes on where it stands
        model.coefs_[0] *= 0.5  # is heeded
        return model.partial_fit(X[:50], y[:50], np.arange(50.0))

    equal(trained(ours), trained(neural_network))


def test_partial_fit_of_numbers():
    X, y = diabetes()
    fitted = [library.MLPRegressor(random_state=0) for library in (ours, neural_network)]
    for model in fitted:
        for start in range(0, 400, 100):
            model.partial_fit(X[start : start + 100], y[start : start + 100])
    equal(*fitted)


def test_warm_start():
    X, y = wine()
    fitted = pair("MLPClassifier", X, y, warm_start=True)
    equal(*(model.fit(X, y).set_params(alpha=0.1).fit(X, y) for model in fitted))
    message = "warm_start can only be used where `y` has the same classes"
    with pytest.raises(ValueError, match=message):
        fitted[0].fit(X[:100], y[:100])


def test_warm_start_keeps_the_best_weights():
    """Where scikit-learn's own leaves those of the last epoch."""
    X, y = wine()
    model = ours.MLPClassifier((20,), random_state=1, warm_start=True, early_stopping=True).fit(X, y)
    before = [part.copy() for part in model.coefs_]
    model.set_params(solver="sgd", learning_rate_init=1e-4, alpha=1e5, n_iter_no_change=50, max_iter=5)
    model.fit(X, y)
    assert len(model.loss_curve_) == len(model.validation_scores_) and model.n_iter_ == 5
    for old, new in zip(before, model.coefs_, strict=True):
        np.testing.assert_array_equal(old, new)


WRONG = {
    "alpha": -1,
    "activation": "gelu",
    "batch_size": 0,
    "beta_1": 1.0,
    "epsilon": 0,
    "hidden_layer_sizes": (3, -1),
    "learning_rate": "falling",
    "learning_rate_init": 0.0,
    "max_fun": 0,
    "max_iter": 0,
    "momentum": 2,
    "n_iter_no_change": 0,
    "shuffle": 3,
    "tol": -1,
    "validation_fraction": 1.0,
    "verbose": -1,
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_of_scikit_learn(name):
    X, y = wine()
    texts = []
    for library in (ours, neural_network):
        with pytest.raises(ValueError) as caught:
            library.MLPClassifier(**{name: WRONG[name]}).fit(X, y)
        texts.append(str(caught.value))
    assert sorted(texts[0]) == sorted(texts[1])  # alternatives come in any order


def test_other_errors():
    X, y = wine()
    with pytest.raises(ValueError, match="solver"):
        ours.MLPClassifier(solver="newton").fit(X, y)
    with pytest.raises(ValueError, match="loss"):
        ours.MLPRegressor(loss="mse").fit(X, y)
    with pytest.raises(AttributeError, match="partial_fit"):
        ours.MLPRegressor(solver="lbfgs").partial_fit(X, y)
    with pytest.raises(ValueError, match="partial_fit does not support early_stopping=True"):
        ours.MLPClassifier(early_stopping=True).partial_fit(X, y, classes=[0, 1, 2])
    with pytest.raises(ValueError, match="classes not in"):
        ours.MLPClassifier().partial_fit(X, y, classes=[0, 1])
    with pytest.raises(ValueError, match="validation set is too small"):
        ours.MLPClassifier(early_stopping=True, validation_fraction=0.05).fit(X[::10], y[::10])
    with pytest.raises(ValueError, match="non-finite parameter weights"):
        ours.MLPRegressor(solver="sgd", learning_rate_init=1e100, max_iter=5).fit(X, y * 1e200)
    with pytest.raises(ZeroDivisionError, match="Weights sum to zero"):
        ours.MLPClassifier(batch_size=50, shuffle=False).fit(X, y, np.arange(len(y)) > 60)
    with pytest.warns(UserWarning, match="Got `batch_size` less than 1 or larger than sample size"):
        ours.MLPClassifier(batch_size=1000, max_iter=2).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"Maximum iterations \(2\) reached"):
        ours.MLPClassifier(max_iter=2).fit(X, y)
    with pytest.warns(ConvergenceWarning, match="lbfgs failed to converge after 2 iteration"):
        ours.MLPClassifier(solver="lbfgs", max_iter=2).fit(X, y)


def test_interruption_keeps_what_was_learned():
    X, y = wine()

    model = ours.MLPClassifier(random_state=0)
    model.partial_fit(X, y, classes=[0, 1, 2])
    before = model.coefs_[0].copy()
    step = type(model._solver).step

    def interrupted(solver):
        step(solver)
        raise KeyboardInterrupt

    model._solver.step = interrupted.__get__(model._solver)
    with pytest.warns(UserWarning, match="Training interrupted by user"):
        model.partial_fit(X, y)
    assert (model.coefs_[0] != before).any() and model.predict(X).shape == y.shape


@pytest.mark.parametrize("solver", ["adam", "lbfgs"])
def test_read_only_weights(solver):
    """As joblib.load gives them with mmap_mode."""
    X, y = wine()
    model = ours.MLPClassifier((5,), random_state=0, solver=solver, warm_start=True, max_iter=3).fit(X, y)
    other = pickle.loads(pickle.dumps(model))
    for part in [*other.coefs_, *other.intercepts_]:
        part.flags.writeable = False
    np.testing.assert_array_equal(model.predict_proba(X), other.predict_proba(X))
    np.testing.assert_array_equal(model.fit(X, y).predict_proba(X), other.fit(X, y).predict_proba(X))


def test_verbose(capsys):
    X, y = wine()
    texts = []
    for library in (ours, neural_network):
        library.MLPClassifier((5,), random_state=0, verbose=True, tol=0.05, early_stopping=True).fit(X, y)
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] and "Stopping." in texts[0]


@pytest.mark.parametrize(
    "make, loss", [(wine, None), (cancer, None), (diabetes, "squared_error"), (diabetes, "poisson")]
)
def test_lbfgs_finds_the_one_minimum(make, loss):
    """Without hidden layers there is one: that of logistic, linear and Poisson regression."""
    X, y = make()
    options = {} if loss is None else {"loss": loss}
    kind = "MLPClassifier" if loss is None else "MLPRegressor"
    options |= {"solver": "lbfgs", "hidden_layer_sizes": (), "alpha": 1.0, "tol": 1e-7, "max_iter": 2000}
    a, b = pair(kind, X, y, **options)
    assert a.loss_ <= b.loss_ * (1 + 1e-6)
    np.testing.assert_allclose(a.coefs_[0], b.coefs_[0], atol=2e-3)


@pytest.mark.parametrize("make", [digits, cancer, wine])
def test_lbfgs_learns_as_well(make):
    X, y = make()
    a, b = pair("MLPClassifier", X[::2], y[::2], solver="lbfgs", alpha=1.0, max_iter=60)
    assert a.score(X[::2], y[::2]) >= b.score(X[::2], y[::2])
    assert a.score(X[1::2], y[1::2]) >= b.score(X[1::2], y[1::2]) - 0.01


def test_lbfgs_of_weighted_numbers():
    X, y = several()
    weights = np.random.default_rng(1).uniform(0, 2, len(y))
    a, b = pair("MLPRegressor", X, y, weights, solver="lbfgs", max_iter=300, activation="tanh")
    assert a.n_iter_ <= 300 and a.score(X, y, weights) >= b.score(X, y, weights) - 0.01


def test_works_with_the_tools_of_scikit_learn():
    X, y = datasets.load_wine(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), ours.MLPClassifier((10,), random_state=0, learning_rate_init=0.01))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.95
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-4, 1e3], "mlpclassifier__max_iter": [30]}, cv=3)
    assert search.fit(X, y).best_params_["mlpclassifier__alpha"] == 1e-4
    copied = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(copied.predict_proba(X), search.predict_proba(X))
    again = clone(pipeline)
    assert again.get_params()["mlpclassifier__hidden_layer_sizes"] == (10,)
    assert again.set_params(mlpclassifier__alpha=2.0)[-1].alpha == 2.0


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
def test_parameters_and_defaults_are_those_of_scikit_learn(kind):
    assert getattr(ours, kind)().get_params() == getattr(neural_network, kind)().get_params()


def test_says_that_scikit_learn_is_missing(run_python):
    program = """
import sys
sys.modules["sklearn"] = None
import swiftnn
try:
    swiftnn.sklearn
except ImportError as error:
    print(error)
"""
    assert run_python(program) == "swiftnn.sklearn needs scikit-learn 1.6 or later: pip install scikit-learn"
    assert run_python("import sys, swiftnn; print('sklearn' in sys.modules)") == "False"
