"""Modules as estimators of scikit-learn, trained by Trainer."""

import pickle

import numpy as np
import pytest
from sklearn import datasets
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

import swiftnn as torch
from swiftnn import nn
from swiftnn.sklearn import NeuralNet, NeuralNetClassifier, NeuralNetRegressor
from swiftnn.training import Binary, EarlyStopping, Multiclass, Penalty, PositiveRegression, Trainer
from swiftnn.utils.data import DataLoader, TensorDataset


def cancer():
    X, y = datasets.load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X).astype(np.float32), y


def diabetes():
    X, y = datasets.load_diabetes(return_X_y=True)
    return StandardScaler().fit_transform(X), y / 100


class Network(nn.Module):
    def __init__(self, in_features, out_features, hidden=8, dropout=0.2):
        super().__init__()
        self.hidden = nn.Linear(in_features, hidden)
        self.drop = nn.Dropout(dropout)
        self.output = nn.Linear(hidden, out_features)

    def forward(self, x):
        return self.output(self.drop(self.hidden(x).relu()))


def weights(net):
    return {name: value.numpy().copy() for name, value in net.module_.state_dict().items()}


def same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name])


def test_equals_a_trainer_by_hand():
    X, y = cancer()
    seed = int(np.random.RandomState(3).randint(np.iinfo(np.int32).max))
    torch.manual_seed(seed)
    head, module = Multiclass(), Network(30, 2)
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    trainer = Trainer(module, head, optimizer)
    data = TensorDataset(torch.as_tensor(X), torch.as_tensor(y))
    trainer.fit(DataLoader(data, 50, shuffle=True), epochs=4, progress=False)

    net = NeuralNetClassifier(
        Network,
        optimizer=torch.optim.SGD,
        optimizer__momentum=0.9,
        lr=0.05,
        batch_size=50,
        max_epochs=4,
        random_state=3,
    )
    net.fit(X, y)
    same(weights(net), {name: value.numpy() for name, value in module.state_dict().items()})
    assert [row["loss"] for row in net.history_] == trainer.history["loss"]
    np.testing.assert_array_equal(net.predict_proba(X), head(trainer.predict(X)).numpy())
    np.testing.assert_allclose(net.predict_log_proba(X[:9]), np.log(net.predict_proba(X[:9])))


def test_random_state_leaves_other_random_numbers_alone():
    X, y = cancer()
    torch.manual_seed(5)
    expected = torch.rand(3).tolist()
    torch.manual_seed(5)
    first = NeuralNetClassifier(Network, max_epochs=2, random_state=1).fit(X, y)
    assert torch.rand(3).tolist() == expected
    same(weights(first), weights(clone(first).fit(X, y)))
    torch.manual_seed(6)
    drawn = NeuralNetClassifier(Network, max_epochs=2).fit(X, y)
    torch.manual_seed(6)
    same(weights(drawn), weights(clone(drawn).fit(X, y)))


@pytest.mark.parametrize(
    "criterion, outputs",
    [
        (None, 2),
        (Multiclass(label_smoothing=0.1), 2),
        (nn.CrossEntropyLoss, 2),
        (Binary, 1),
        (nn.BCEWithLogitsLoss(), 1),
    ],
)
def test_criteria_for_classes(criterion, outputs):
    X, y = cancer()
    names = np.array(["bad", "good"])[y]
    net = NeuralNetClassifier(criterion=criterion, max_epochs=10, random_state=0).fit(X, names)
    assert list(net.classes_) == ["bad", "good"]
    assert net.module_(torch.as_tensor(X)).shape == (len(X), outputs)
    assert net.score(X, names) > 0.97
    found = net.predict_proba(X)
    assert found.shape == (len(X), 2)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-5)
    np.testing.assert_array_equal(net.predict(X), net.classes_[found.argmax(1)])


def test_criteria_with_what_modules_give():
    X, y = cancer()

    def log_softmax(in_features, out_features):
        return nn.Sequential(nn.Linear(in_features, out_features), nn.LogSoftmax(1))

    def sigmoid(in_features):
        return nn.Sequential(nn.Linear(in_features, 1), nn.Sigmoid())

    for module, criterion in ((log_softmax, nn.NLLLoss), (sigmoid, nn.BCELoss)):
        net = NeuralNetClassifier(module, criterion=criterion, random_state=0).fit(X, y)
        np.testing.assert_allclose(net.predict_proba(X).sum(1), 1, rtol=1e-5)
        assert net.score(X, y) > 0.97

    own = NeuralNetClassifier(nn.Linear, criterion=nn.functional.cross_entropy, random_state=0, max_epochs=5)
    own.set_params(nonlinearity=lambda outputs: outputs.softmax(1))
    np.testing.assert_allclose(own.fit(X, y).predict_proba(X).sum(1), 1, rtol=1e-5)
    with pytest.raises(ValueError, match="Binary is for two classes, got 3"):
        NeuralNetClassifier(criterion=Binary).fit(*datasets.load_iris(return_X_y=True))


def test_finds_what_scikit_learn_finds():
    """A linear layer is logistic, ridge or Poisson regression."""
    X, y = cancer()
    rows = {"batch_size": len(X), "max_epochs": 2000, "random_state": 0, "module__dtype": torch.float64}
    strength = 20.0
    decay = Penalty("l2", strength / len(X), "lambda/2")
    own = NeuralNetClassifier(nn.Linear, criterion=Binary, trainer__penalties=[decay], **rows)
    theirs = LogisticRegression(C=1 / strength, max_iter=10000, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(own.fit(X, y).module_.weight.detach().numpy(), theirs.coef_, atol=1e-3)

    X, y = diabetes()
    rows |= {"batch_size": len(X)}
    own = NeuralNetRegressor(nn.Linear, criterion=nn.MSELoss, **rows).fit(X, y)
    np.testing.assert_allclose(own.predict(X), Ridge(1e-9).fit(X, y).predict(X), atol=1e-2)
    for criterion in (nn.PoissonNLLLoss, PositiveRegression(activation="exp")):
        own = NeuralNetRegressor(nn.Linear, criterion=criterion, **rows).fit(X, y)
        np.testing.assert_allclose(own.predict(X), PoissonRegressor(alpha=0, tol=1e-9).fit(X, y).predict(X), rtol=1e-2)


def test_several_numbers_and_labels():
    X, y = diabetes()
    both = np.stack([y, X[:, 0] * 2], 1).astype(np.float32)
    net = NeuralNetRegressor(max_epochs=30, random_state=0).fit(X, both)
    assert net.predict(X).shape == both.shape and net.predict(X).dtype == np.float32
    assert net.score(X, both) > 0.7
    assert NeuralNetRegressor(max_epochs=1).fit(X, y[:, None]).predict(X).shape == (len(X), 1)

    X, y = datasets.make_multilabel_classification(200, random_state=0)
    net = NeuralNetClassifier(max_epochs=60, random_state=0).fit(X, y)
    assert net.score(X, y) > 0.8
    np.testing.assert_array_equal(net.predict(X), net.predict_proba(X) > 0.5)


def test_images_tokens_and_modules_that_are_made():
    X, y = datasets.load_digits(return_X_y=True)
    images = (X / 16).reshape(-1, 1, 8, 8)

    def convolutions(out_features):
        return nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, out_features))

    net = NeuralNetClassifier(convolutions, max_epochs=8, random_state=0).fit(images[:900], y[:900])
    assert net.score(images[900:], y[900:]) > 0.85

    tokens = np.random.default_rng(0).integers(0, 5, (200, 6))
    made = nn.Sequential(nn.Embedding(5, 8), nn.Flatten(), nn.Linear(48, 2))
    before = made[2].weight.detach().numpy().copy()
    net = NeuralNetClassifier(made, dtype=torch.int64, random_state=0).fit(tokens, tokens[:, 0] > 2)
    assert net.score(tokens, tokens[:, 0] > 2) == 1.0
    np.testing.assert_array_equal(made[2].weight.detach().numpy(), before)  # a copy is trained


@pytest.mark.parametrize("split, held", [(0.25, 143), (5, 114), (KFold(3), 190)])
def test_validation(split, held):
    X, y = cancer()
    seen = []
    net = NeuralNetClassifier(
        Network, train_split=split, max_epochs=30, random_state=0, stopping=EarlyStopping("val_loss", patience=2),
        trainer__restore_best=True, callbacks=[lambda event: seen.append((event.kind, event.examples))],
    ).fit(X, y)  # fmt: skip
    assert ("epoch_end", len(X) - held) in seen
    assert {"loss", "accuracy", "val_loss", "val_accuracy", "lr", "epoch"} == net.history_[0].keys()
    losses = [row["val_loss"] for row in net.history_]
    assert net.n_iter_ == len(losses) < 30 and net.trainer_.end_reason
    assert losses.index(min(losses)) == net.trainer_.best[0]
    assert len(net.fit(X, y).history_) == len(losses)  # the rule begins anew


def test_goes_on():
    X, y = cancer()
    options = {
        "schedule": torch.optim.lr_scheduler.StepLR, "schedule__step_size": 2, "schedule__gamma": 0.5,
        "optimizer__weight_decay": 1e-4, "loader__drop_last": True, "random_state": 0, "max_epochs": 3,
    }  # fmt: skip
    net = NeuralNetClassifier(Network, **options).fit(X, y)
    copied = pickle.loads(pickle.dumps(net))
    np.testing.assert_array_equal(copied.predict_proba(X), net.predict_proba(X))
    assert not hasattr(copied, "trainer_")
    for model in (net, copied):
        model.partial_fit(X, y)
        model.partial_fit(X[:50], y[:50])
    same(weights(net), weights(copied))
    assert net.history_ == copied.history_
    assert [row["lr"] for row in net.history_] == [0.01, 0.01, 0.005, 0.005, 0.0025]
    assert [row["epoch"] for row in net.history_] == list(range(5))

    net.set_params(warm_start=True).fit(X, y)
    assert net.n_iter_ == 8
    net.set_params(warm_start=False).fit(X, y)
    assert net.n_iter_ == 3


def test_partial_fit_is_told_the_classes():
    X, y = datasets.load_iris(return_X_y=True)
    net = NeuralNetClassifier(random_state=0)
    with pytest.raises(ValueError, match="classes must be passed"):
        net.partial_fit(X, y)
    net.partial_fit(X[:100], y[:100], classes=[0, 1, 2])
    assert net.predict_proba(X).shape == (150, 3)
    for _ in range(30):
        net.partial_fit(X, y)
    assert net.score(X, y) > 0.95
    with pytest.raises(ValueError, match=r"y has classes \[7\], which are not among those known"):
        net.partial_fit(X[:2], [1, 7])


def test_works_with_the_tools_of_scikit_learn():
    X, y = cancer()
    net = NeuralNetClassifier(Network, max_epochs=4, random_state=0)
    assert cross_val_score(net, X, y, cv=3).min() > 0.9
    pipeline = Pipeline([("scale", StandardScaler()), ("net", net)])
    search = GridSearchCV(pipeline, {"net__module__hidden": [1, 16], "net__lr": [1e-6, 0.02]}, cv=3).fit(X, y)
    assert search.best_params_["net__lr"] == 0.02
    assert search.best_estimator_["net"].module_.hidden.out_features == search.best_params_["net__module__hidden"]


def test_parameters():
    net = NeuralNetClassifier(Network, module__hidden=3, optimizer__eps=1e-6)
    assert net.get_params()["module__hidden"] == 3
    assert clone(net).get_params() == net.get_params()
    shown = repr(net.set_params(module__hidden=4, lr=0.5))
    for word in ("NeuralNetClassifier(lr=0.5", "module__hidden=4", "optimizer__eps=1e-06"):
        assert word in shown
    with pytest.raises(TypeError, match=r"NeuralNetClassifier\(\) got an unexpected keyword argument 'hidden'"):
        NeuralNetClassifier(Network, hidden=3)
    with pytest.raises(TypeError, match="'module__'"):
        NeuralNetClassifier(Network, module__=3)
    with pytest.raises(ValueError, match="Invalid parameter 'hidden'"):
        net.set_params(hidden=3)


def test_errors():
    X, y = cancer()
    with pytest.raises(ValueError, match="module is made already: hidden cannot be told to it"):
        NeuralNetClassifier(Network(30, 2), module__hidden=3).fit(X, y)
    with pytest.raises(ValueError, match="criterion is made already: reduction cannot be told to it"):
        NeuralNetClassifier(criterion=nn.CrossEntropyLoss(), criterion__reduction="sum").fit(X, y)
    with pytest.raises(TypeError, match="module must be a Module, or make one, not int"):
        NeuralNetClassifier(lambda in_features: 3).fit(X, y)
    with pytest.raises(TypeError, match="moo"):
        NeuralNetClassifier(Network, module__moo=3).fit(X, y)
    with pytest.raises(NotImplementedError):
        NeuralNet()._fit(X, y, 1, False)


def test_interruption_keeps_what_was_learned():
    X, y = cancer()

    def interrupt(event):
        if event.kind == "epoch_end" and event.epoch == 1:
            raise KeyboardInterrupt

    net = NeuralNetClassifier(Network, callbacks=[interrupt], random_state=0)
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, y)
    assert net.score(X, y) > 0.8 and net.n_iter_ in (1, 2)


def test_verbose_shows_progress(capsys):
    NeuralNetClassifier(Network, max_epochs=2, verbose=True).fit(*cancer())
    assert "loss" in capsys.readouterr().err
