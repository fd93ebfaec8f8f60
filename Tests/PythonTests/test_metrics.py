"""Functions of swiftnn.metrics beside scikit-learn's, classes as objects, and what is refused."""

import copy
import inspect
import itertools
import pickle
import threading

import numpy as np
import pytest
from sklearn import metrics as sk

import swiftnn
from swiftnn import metrics

RANDOM = np.random.default_rng(7)
WORDS = np.array(["cat", "dog", "owl"])
TWO, FOUR = RANDOM.integers(0, 2, 60), RANDOM.integers(0, 4, 80)
GUESSED = np.where(RANDOM.random(80) < 0.6, FOUR, RANDOM.integers(0, 4, 80))
SCORES = (RANDOM.random(60) + 0.4 * TWO).round(1) / 2
SHARES = RANDOM.dirichlet(np.ones(4), 80)
MANY = RANDOM.integers(0, 2, (30, 3))
MANY_SCORES = (RANDOM.random((30, 3)) + 0.4 * MANY).round(1)
REALS = RANDOM.normal(size=(40, 2))
NEAR = REALS + RANDOM.normal(size=(40, 2)) / 3
WEIGHTS = {len(y): RANDOM.random(len(y)) for y in (TWO, FOUR, MANY, REALS)}
AVERAGES = [None, "micro", "macro", "weighted"]

CALLS = [
    ("accuracy_score", FOUR, GUESSED, {}),
    ("accuracy_score", FOUR, GUESSED, {"normalize": False}),
    ("accuracy_score", WORDS[TWO], WORDS[1 - TWO % 2], {}),
    ("accuracy_score", MANY, MANY[:, ::-1], {}),
    ("balanced_accuracy_score", FOUR, GUESSED, {"adjusted": True}),
    ("confusion_matrix", FOUR, GUESSED, {"labels": [2, 1]}),
    ("confusion_matrix", WORDS[FOUR % 3], WORDS[GUESSED % 3], {"labels": ["owl", "cat", "dog"]}),
    ("confusion_matrix", FOUR, GUESSED, {"normalize": "pred"}),
    ("cohen_kappa_score", FOUR, GUESSED, {"weights": "linear"}),
    ("cohen_kappa_score", WORDS[FOUR % 3], WORDS[GUESSED % 3], {"labels": ["owl", "cat"]}),
    ("matthews_corrcoef", FOUR, GUESSED, {}),
    ("precision_score", WORDS[TWO], WORDS[GUESSED[:60] % 2], {"pos_label": "dog"}),
    ("recall_score", WORDS[FOUR % 3], WORDS[GUESSED % 3], {"labels": ["owl", "cat"], "average": "macro"}),
    *(("precision_score", FOUR, GUESSED, {"average": average}) for average in AVERAGES),
    *(("recall_score", FOUR, GUESSED, {"average": average}) for average in AVERAGES),
    *(("f1_score", FOUR.astype(float), GUESSED.astype(float), {"average": average}) for average in AVERAGES),
    *(("fbeta_score", FOUR, GUESSED, {"average": average, "beta": 2}) for average in AVERAGES),
    *(("precision_recall_fscore_support", FOUR, GUESSED, {"average": average}) for average in AVERAGES),
    *(("f1_score", MANY, MANY[:, ::-1], {"average": average}) for average in AVERAGES),
    ("classification_report", FOUR, GUESSED, {}),
    ("classification_report", WORDS[FOUR % 3], WORDS[GUESSED % 3], {"digits": 3}),
    ("classification_report", FOUR, GUESSED, {"labels": [1, 2], "target_names": ["one", "another"]}),
    ("classification_report", FOUR, GUESSED, {"output_dict": True}),
    ("mean_squared_error", REALS, NEAR, {}),
    ("mean_squared_error", REALS, NEAR, {"multioutput": "raw_values"}),
    ("root_mean_squared_error", REALS[:, 0], NEAR[:, 0], {}),
    ("mean_absolute_error", REALS, NEAR, {"multioutput": [0.25, 0.75]}),
    ("r2_score", REALS, NEAR, {"multioutput": "variance_weighted"}),
    ("log_loss", FOUR, SHARES, {}),
    ("log_loss", FOUR + 5, SHARES, {"labels": [5, 6, 7, 8]}),
    ("log_loss", WORDS[TWO], SCORES, {"normalize": False}),
    ("top_k_accuracy_score", FOUR, SHARES, {"k": 2}),
    ("top_k_accuracy_score", WORDS[FOUR % 3], SHARES[:, :3], {"k": 1, "normalize": False}),
    ("top_k_accuracy_score", TWO, SCORES, {"k": 1}),
    ("top_k_accuracy_score", TWO, 3 * SCORES - 1, {"k": 1}),
    ("roc_curve", TWO, SCORES, {}),
    ("roc_curve", WORDS[TWO], SCORES, {"pos_label": "dog", "drop_intermediate": False}),
    ("roc_curve", FOUR, SHARES[:, 2], {"pos_label": 2}),
    ("precision_recall_curve", TWO, SCORES, {"drop_intermediate": True}),
    ("precision_recall_curve", 2 * TWO - 1, SCORES, {}),
    ("roc_auc_score", TWO, SCORES, {}),
    ("roc_auc_score", WORDS[TWO], SCORES, {"max_fpr": 0.3}),
    ("roc_auc_score", 3 - TWO, SCORES, {}),
    *(("roc_auc_score", FOUR, SHARES, {"multi_class": "ovr", "average": average}) for average in AVERAGES),
    *(("roc_auc_score", WORDS[TWO % 3], SCORES, {"average": average}) for average in AVERAGES),
    *(("roc_auc_score", MANY, MANY_SCORES, {"average": average}) for average in AVERAGES),
    *(("average_precision_score", MANY, MANY_SCORES, {"average": average}) for average in AVERAGES),
    *(("average_precision_score", 2 * FOUR, SHARES, {"average": average}) for average in AVERAGES),
    ("average_precision_score", TWO, SCORES, {"pos_label": 0}),
]


def same(got, wanted):
    if isinstance(wanted, (tuple, list)):
        assert len(got) == len(wanted)
        for one, other in zip(got, wanted):
            same(one, other)
    elif isinstance(wanted, (dict, str)) or wanted is None:
        assert got == wanted or all(got[key] == pytest.approx(wanted[key], rel=1e-12) for key in wanted)
    else:
        np.testing.assert_allclose(np.asarray(got), wanted, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("name", "y_true", "y", "options"), CALLS)
@pytest.mark.parametrize("weighted", [False, True])
def test_function(name, y_true, y, options, weighted):
    weights = {"sample_weight": WEIGHTS[len(y_true)]} if weighted else {}
    wanted = getattr(sk, name)(y_true, y, **options, **weights)
    function = getattr(metrics, name)
    same(function(y_true, y, **options, **weights), wanted)
    same(function(y_true.tolist(), y.tolist(), **options, **weights), wanted)
    if y_true.dtype.kind != "U":
        got = function(swiftnn.tensor(y_true), swiftnn.tensor(y), **options, **weights)
        same(got, wanted)
        results = got if isinstance(got, tuple) else (got,)
        assert all(isinstance(part, (float, str, dict, swiftnn.Tensor, type(None))) for part in results)


@pytest.mark.parametrize("average", ["macro", "weighted"])
def test_one_against_one(average):
    options = {"multi_class": "ovo", "average": average}
    same(metrics.roc_auc_score(FOUR, SHARES, **options), sk.roc_auc_score(FOUR, SHARES, **options))
    with pytest.raises(ValueError, match="no weights"):
        metrics.roc_auc_score(FOUR, SHARES, sample_weight=WEIGHTS[80], **options)


def test_read_only_and_strided_arrays():
    fixed = SCORES.copy()
    fixed.setflags(write=False)
    same(metrics.roc_auc_score(TWO, fixed), sk.roc_auc_score(TWO, fixed))
    same(metrics.mean_squared_error(REALS.T, NEAR.T), sk.mean_squared_error(REALS.T, NEAR.T))
    small = [y.astype(np.int16) for y in (FOUR, GUESSED)]
    same(metrics.accuracy_score(*small), sk.accuracy_score(*small))


def test_auc():
    same(metrics.auc([0, 0.5, 1], [0, 0.8, 1]), sk.auc([0, 0.5, 1], [0, 0.8, 1]))
    same(metrics.auc([3, 2, 1], [1, 2, 4]), sk.auc([3, 2, 1], [1, 2, 4]))
    for x, y in [([0, 2, 1], [0, 1, 2]), ([1], [1])]:
        with pytest.raises(ValueError):
            sk.auc(x, y)
        with pytest.raises(ValueError):
            metrics.auc(x, y)


def signatures():
    names = {call[0] for call in CALLS} | {"auc"}
    return sorted(names - {"log_loss", "precision_recall_fscore_support"})


@pytest.mark.parametrize("name", signatures())
def test_signatures_are_those_of_scikit_learn(name):
    ours, theirs = (inspect.signature(getattr(module, name)).parameters for module in (metrics, sk))
    assert [(p.name, p.kind) for p in ours.values()] == [(p.name, p.kind) for p in theirs.values()]
    defaults = [(p.default, theirs[p.name].default) for p in ours.values()]
    assert all(a == b or (a != a and b != b) for a, b in defaults)


WARNINGS = [
    ("precision_score", [0, 1], [0, 0], {}),
    ("recall_score", [0, 0], [0, 1], {}),
    ("f1_score", [0, 0], [0, 0], {}),
    ("roc_curve", [0, 0], [0.5, 1], {}),
    ("precision_recall_curve", [0, 0], [0.5, 1], {}),
    ("average_precision_score", [0, 0], [0.5, 1], {}),
    ("roc_auc_score", [1, 1], [0.5, 1], {}),
    ("r2_score", [1.0], [2.0], {}),
    ("balanced_accuracy_score", [0, 0], [0, 1], {}),
    ("confusion_matrix", [0, 0], [0, 0], {}),
    ("top_k_accuracy_score", [0, 1, 2], np.eye(3), {"k": 3}),
    ("log_loss", [0, 1], [[0.5, 0.4], [0.5, 0.5]], {}),
]


@pytest.mark.parametrize(("name", "y_true", "y", "options"), WARNINGS)
def test_warns_where_scikit_learn_does(name, y_true, y, options):
    with pytest.warns(UserWarning):
        wanted = getattr(sk, name)(y_true, y, **options)
    with pytest.warns(UserWarning):
        same(getattr(metrics, name)(y_true, y, **options), wanted)


@pytest.mark.parametrize("zero_division", [0, 1, np.nan, "warn"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_zero_division(zero_division):
    for name, average in itertools.product(["precision_score", "recall_score", "f1_score"], AVERAGES):
        options = {"average": average, "zero_division": zero_division, "labels": [0, 1, 2, 9]}
        given = ([0, 0, 1, 2], [0, 0, 0, 0])
        same(getattr(metrics, name)(*given, **options), getattr(sk, name)(*given, **options))


REFUSED = [
    ("accuracy_score", [], [], {}),
    ("accuracy_score", [0, 1], [0], {}),
    ("accuracy_score", [0, 1], [0.5, 1], {}),
    ("accuracy_score", [0, 1], [float("nan"), 1], {}),
    ("accuracy_score", ["a", "b"], [0, 1], {}),
    ("precision_score", [0, 1, 2], [0, 1, 1], {}),
    ("precision_score", [0, 2], [0, 2], {}),
    ("precision_score", ["a", "b"], ["a", "b"], {"pos_label": "c"}),
    ("precision_score", [0, 1], [0, 1], {"average": "most"}),
    ("precision_score", [0, 1], [0, 1], {"zero_division": 0.5}),
    ("confusion_matrix", [0, 1], [0, 1], {"labels": []}),
    ("confusion_matrix", [0, 1], [0, 1], {"labels": [4, 5]}),
    ("mean_squared_error", [0.0, 1.0], [0.0], {}),
    ("mean_squared_error", [[0.0, 1.0]], [[0.0]], {}),
    ("mean_squared_error", [0.0, float("inf")], [0.0, 1.0], {}),
    ("mean_squared_error", [], [], {}),
    ("mean_squared_error", [[0.0, 1.0]], [[0.0, 1.0]], {"multioutput": [1.0, 2.0, 3.0]}),
    ("log_loss", [0, 0], [0.5, 0.5], {}),
    ("log_loss", [0, 1, 2], [[0.5, 0.5]] * 3, {}),
    ("log_loss", [0, 1], [1.5, 0.5], {}),
    ("log_loss", [0, 3], [0.5, 0.5], {"labels": [0, 1]}),
    ("roc_curve", [0, 1, 2], [0.1, 0.2, 0.3], {}),
    ("roc_curve", [3, 4], [0.1, 0.2], {}),
    ("roc_curve", ["a", "b"], [0.1, 0.2], {}),
    ("roc_curve", [0, 1], [0.1, float("nan")], {}),
    ("roc_auc_score", [0, 1, 2], np.eye(3), {}),
    ("roc_auc_score", [0, 1, 2], 2 * np.eye(3), {"multi_class": "ovr"}),
    ("roc_auc_score", [0, 1, 1], np.eye(3), {"multi_class": "ovr"}),
    ("roc_auc_score", [0, 1], [0.1, 0.2], {"max_fpr": 1.5}),
    ("average_precision_score", [0, 1], [0.1, 0.2], {"pos_label": 3}),
    ("top_k_accuracy_score", [0, 1, 2], [[0.5, 0.5]] * 3, {}),
]


@pytest.mark.parametrize(("name", "y_true", "y", "options"), REFUSED)
def test_refuses_what_scikit_learn_refuses(name, y_true, y, options):
    with pytest.raises((ValueError, TypeError)):
        getattr(sk, name)(y_true, y, **options)
    with pytest.raises((ValueError, RuntimeError, TypeError)):
        getattr(metrics, name)(y_true, y, **options)


def test_messages_name_both_numbers():
    with pytest.raises(RuntimeError, match=r"Accuracy: .*\[2\].*got \[3\]"):
        metrics.Accuracy().update([1, 2, 3], [1, 2])
    with pytest.raises(RuntimeError, match=r"MeanSquaredError: .*\[2\], got \[3\]"):
        metrics.MeanSquaredError().update([1.0, 2.0, 3.0], [1.0, 2.0])
    with pytest.raises(RuntimeError, match=r"weights of shape \[2\] or \[2\], got \[3\]"):
        metrics.Accuracy().update([1, 2], [1, 2], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="first at position 1"):
        metrics.AUROC().update([0.5, float("nan")], [0, 1])
    with pytest.raises(ValueError, match="the weights sum to zero"):
        metrics.Accuracy()([1], [1], [0.0])


def test_images_have_classes_along_the_second_axis():
    scores, targets = RANDOM.normal(size=(2, 3, 4, 5)), RANDOM.integers(0, 3, (2, 4, 5))
    same(metrics.Accuracy()(scores, targets), (scores.argmax(1) == targets).mean())
    flat = np.moveaxis(scores, 1, -1).reshape(-1, 3)
    wanted = sk.top_k_accuracy_score(targets.ravel(), flat, k=2)
    same(metrics.TopKAccuracy()(scores, targets), wanted)
    exact = np.exp(flat) / np.exp(flat).sum(1, keepdims=True)
    same(metrics.LogLoss(logits=True)(scores, targets), sk.log_loss(targets.ravel(), exact))
    # A weight for each picture counts for all of its points.
    both = metrics.Accuracy()(scores, targets, [1.0, 3.0])
    same(both, np.average((scores.argmax(1) == targets).mean((1, 2)), weights=[1, 3]))


def test_after_an_error_nothing_has_changed():
    metric = metrics.Precision(average="macro")
    metric.update(GUESSED, FOUR)
    before = metric.state_dict()
    for given in [([1, 2], [1]), ([0.5], [float("nan")]), ([1], [1], [float("nan")])]:
        with pytest.raises((RuntimeError, ValueError)):
            metric.update(*given)
    with pytest.raises(ValueError, match="gathered"):
        metric.load_state_dict({"gathered": [swiftnn.zeros(3)]})
    assert [t.tolist() for t in metric.state_dict()["gathered"]] == [t.tolist() for t in before["gathered"]]


@pytest.mark.parametrize("name", metrics._metrics.__dict__.keys() & set(metrics.__all__))
def test_class(name):
    cls = getattr(metrics, name)
    metric = cls(2.0) if name == "FBetaScore" else cls()
    assert cls.__doc__ and name in repr(metric)
    assert list(inspect.signature(cls).parameters) == [
        f[0] for f in swiftnn._C.fields(swiftnn._C.METRICS, cls._entry[1])
    ]
    assert metric.state_dict() == {"gathered": []}
    with pytest.raises(ValueError, match="nothing to judge"):
        metric.compute()
    outputs = {"LogLoss": SCORES, "TopKAccuracy": SHARES[:60]}.get(name, GUESSED[:60] % 2)
    alone = metric(outputs, TWO)
    copies = [copy.deepcopy(metric), pickle.loads(pickle.dumps(metric))]
    for other in copies:
        same(other.compute(), alone)
    metric.reset()
    assert metric.state_dict() == {"gathered": []}
    assert isinstance(metric.prefers_more, bool)


def test_gathered_stays_as_it_was():
    metric = metrics.AUROC()
    metric.update(SCORES[:10], TWO[:10])
    before = metric.state_dict()["gathered"]
    kept = [tensor.tolist() for tensor in before]
    metric.update(SCORES[10:], TWO[10:])
    metric.reset()
    metric.update(SCORES, TWO)
    assert [tensor.tolist() for tensor in before] == kept


@pytest.mark.parametrize("metric", [metrics.Accuracy(), metrics.Precision(), metrics.AUROC()])
def test_what_was_gathered_may_get_another_shape(metric):
    metric.update(TWO, TWO)
    for tensor in metric.state_dict()["gathered"]:
        tensor.unsqueeze_(0)
    metric.update(TWO, TWO)
    assert metric.compute() == 1


def test_float32_scores_become_float64_where_such_come():
    metric = metrics.AUROC()
    metric.update(SCORES[:30].astype(np.float32), TWO[:30])
    metric.update(SCORES[30:], TWO[30:])
    mixed = np.concatenate([SCORES[:30].astype(np.float32).astype(float), SCORES[30:]])
    same(metric.compute(), sk.roc_auc_score(TWO, mixed))


def test_threads_do_not_share_a_metric_unnoticed():
    metric = metrics.AUROC()
    problems = []

    def work():
        for _ in range(30):
            try:
                metric.update(SCORES, TWO)
                metric.compute()
            except RuntimeError as error:
                problems.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(problems) <= {"another thread is using this metric"}


def test_same_bits_for_any_number_of_threads():
    before = swiftnn.get_num_threads()
    scores, targets = RANDOM.normal(size=50_000), RANDOM.integers(0, 2, 50_000)
    try:
        results = []
        for threads in (1, 3):
            swiftnn.set_num_threads(threads)
            results.append(
                (metrics.AUROC()(scores, targets).item(), metrics.MeanSquaredError()(scores, targets).item())
            )
    finally:
        swiftnn.set_num_threads(before)
    assert results[0] == results[1]


def test_no_leak(assert_no_leak):
    def run():
        metric = metrics.PrecisionRecallCurve()
        metric.update(SCORES, TWO, WEIGHTS[60])
        metric.load_state_dict(metric.state_dict())
        return metric.compute()

    assert_no_leak(run, 300)
