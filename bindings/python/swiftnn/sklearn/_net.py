"""What the estimators around modules share: their parts as parameters, and training by Trainer."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.model_selection import check_cv, train_test_split
from sklearn.utils import check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

import swiftnn
from swiftnn.optim import Adam
from swiftnn.sklearn._arrays import Array, as_tensor
from swiftnn.sklearn._parts import (
    dtype_of,
    is_part,
    link_of,
    made_criterion,
    made_module,
    perceptron,
)
from swiftnn.training import Trainer
from swiftnn.utils.data import DataLoader, TensorDataset

_PREDICTED_AT_ONCE = 1024


class _Signature:
    """What scikit-learn sees: parameters by name, without those of the parts."""

    def __get__(self, instance: object, owner: type) -> inspect.Signature:
        given = list(inspect.signature(owner.__init__).parameters.values())[1:]  # type: ignore[misc]
        return inspect.Signature([parameter for parameter in given if parameter.kind != parameter.VAR_KEYWORD])


class NeuralNet(BaseEstimator):
    """A module as an estimator: NeuralNetClassifier, NeuralNetRegressor, or a derived class with targets of its own.

    Args:
        module: a class or function that makes a module, or a module, of which each fit() trains a copy. Parameters with
            the names in_features and out_features are told the sizes of the data, unless module__in_features says them.
        criterion: a class, module, function or head of swiftnn.training; None: the head that belongs to the targets.
        optimizer: a class, called with the parameters of the module and lr.
        max_epochs: so many epochs each fit() trains.
        batch_size: of training.
        train_split: what validates. None: nothing; a share of the examples, a number of folds of which the first is
            taken, or a splitter of scikit-learn whose first split is taken.
        schedule: a class, called with the optimizer.
        stopping: a rule of swiftnn.training; each fit() begins with a copy.
        callbacks: as for Trainer.
        nonlinearity: what makes predictions of outputs: a function, None, or "auto", which goes by the criterion.
        dtype: of the inputs; that of the parameters unless given.
        random_state: for weights, order and dropout; None goes on with the random numbers of swiftnn.manual_seed.
        warm_start: fit() goes on with what there is.
        verbose: shows progress.
        parts: of the parts, by prefix: module__, criterion__, optimizer__, schedule__, loader__ and trainer__.
    """

    def __init__(
        self,
        module: Any = perceptron,
        *,
        criterion: Any = None,
        optimizer: Any = Adam,
        lr: float = 0.01,
        max_epochs: int = 50,
        batch_size: int = 32,
        train_split: Any = None,
        schedule: Any = None,
        stopping: Any = None,
        callbacks: Any = None,
        nonlinearity: Any = "auto",
        dtype: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: Any = False,
        **parts: Any,
    ) -> None:
        self.module = module
        self.criterion = criterion
        self.optimizer = optimizer
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.train_split = train_split
        self.schedule = schedule
        self.stopping = stopping
        self.callbacks = callbacks
        self.nonlinearity = nonlinearity
        self.dtype = dtype
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self._set_parts(parts)

    # ---- Parameters ----

    __signature__ = _Signature()

    def _set_parts(self, parts: dict[str, Any]) -> None:
        for name, value in parts.items():
            if not is_part(name):
                raise TypeError(f"{type(self).__name__}() got an unexpected keyword argument '{name}'")
            setattr(self, name, value)

    def _options(self, prefix: str) -> dict[str, Any]:
        start = f"{prefix}__"
        return {name.removeprefix(start): value for name, value in vars(self).items() if name.startswith(start)}

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """All parameters, those of the parts included."""
        return {**super().get_params(deep), **{name: value for name, value in vars(self).items() if is_part(name)}}

    def set_params(self, **params: Any) -> Any:
        """Sets parameters, those of the parts included."""
        self._set_parts({name: value for name, value in params.items() if is_part(name)})
        super().set_params(**{name: value for name, value in params.items() if not is_part(name)})
        return self

    # ---- Targets, which derived classes know ----

    def _default_criterion(self) -> Any:
        raise NotImplementedError

    def _out_features(self) -> int:
        raise NotImplementedError

    def _targets(self, y: Array) -> swiftnn.Tensor:
        raise NotImplementedError

    # ---- Training ----

    def _fit(self, X: Any, y: Array, epochs: int, goes_on: bool) -> Any:
        with self._seeded():
            if not (goes_on and hasattr(self, "module_")):
                self._make_parts(X.shape[1])
            training, validation = self._loaders(X, y)
            options = {"stopping": self.stopping, **self._options("trainer")}
            self.trainer_ = Trainer(
                self.module_, self.criterion_, self.optimizer_, schedule=self.schedule_, callbacks=self.callbacks or (),
                **copy.deepcopy(options),
            )  # fmt: skip
            try:
                self.trainer_.fit(training, validation, epochs, progress=self.verbose)
            finally:
                done = len(self.history_)
                self.history_ += [{"epoch": done + row.epoch, **row} for row in self.trainer_.history]
                self.n_iter_ = len(self.history_)
        return self

    @contextmanager
    def _seeded(self) -> Iterator[None]:
        """Draws the engine's random numbers from random_state, and leaves the default sequence as it was."""
        if self.random_state is None:
            yield
            return
        state = swiftnn.get_rng_state()
        swiftnn.manual_seed(int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max)))
        try:
            yield
        finally:
            swiftnn.set_rng_state(state)

    def _make_parts(self, in_features: int) -> None:
        self.criterion_ = made_criterion(self.criterion or self._default_criterion(), self._options("criterion"))
        self.module_ = made_module(self.module, self._options("module"), in_features, self._out_features())
        self.optimizer_ = self.optimizer(self.module_.parameters(), lr=self.lr, **self._options("optimizer"))
        self.schedule_ = self.schedule and self.schedule(self.optimizer_, **self._options("schedule"))
        self.history_: list[dict[str, float]] = []

    def _loaders(self, X: Any, y: Array) -> tuple[DataLoader[Any], DataLoader[Any] | None]:
        inputs, targets = self._inputs(X), self._targets(y)
        chosen = self._split(X, y)
        options = {"batch_size": self.batch_size, "shuffle": True, **self._options("loader")}
        if chosen is None:
            return DataLoader(TensorDataset(inputs, targets), **options), None
        training, validation = (TensorDataset(inputs[part], targets[part]) for part in map(swiftnn.as_tensor, chosen))
        return DataLoader(training, **options), DataLoader(validation, self.batch_size)

    def _split(self, X: Any, y: Array) -> tuple[Array, Array] | None:
        if self.train_split is None:
            return None
        if isinstance(self.train_split, float):
            training, validation = train_test_split(
                np.arange(len(y)), test_size=self.train_split, random_state=self.random_state,
                stratify=y if is_classifier(self) and y.ndim == 1 else None,
            )  # fmt: skip
            return training, validation
        splitter = check_cv(self.train_split, y, classifier=is_classifier(self))
        first: tuple[Array, Array] = next(iter(splitter.split(X, y)))
        return first

    def _inputs(self, X: Any) -> swiftnn.Tensor:
        return as_tensor(X).to(self.dtype or dtype_of(self.module_))

    # ---- Predicting ----

    def _predictions(self, X: Any) -> Array:
        """Of all examples, what the module gives, made to predictions."""
        check_is_fitted(self, "module_")
        X = validate_data(self, X, allow_nd=True, reset=False)
        link = link_of(self.criterion_) if self.nonlinearity == "auto" else self.nonlinearity
        self.module_.eval()
        with swiftnn.no_grad():
            parts = [self.module_(self._inputs(X[part])) for part in gen_batches(len(X), _PREDICTED_AT_ONCE)]
            outputs = swiftnn.cat(parts)
            found: Array = (link(outputs) if link else outputs).numpy()
        return found

    def __getstate__(self) -> dict[str, Any]:
        """Without the trainer: each fit makes its own."""
        return {name: value for name, value in super().__getstate__().items() if name != "trainer_"}
