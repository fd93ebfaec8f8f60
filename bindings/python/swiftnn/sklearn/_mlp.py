"""What the perceptrons for classes and for numbers share: scikit-learn's parameters and the course of its training."""

from __future__ import annotations

import warnings
from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state, gen_batches, shuffle
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

import swiftnn
from swiftnn import Tensor
from swiftnn.nn import Parameter
from swiftnn.optim import LBFGS
from swiftnn.sklearn._arrays import Array, as_tensor
from swiftnn.sklearn._perceptron import linked, losses, output, penalty, shown
from swiftnn.sklearn._solvers import SOLVERS


class MLP(BaseEstimator):
    """The estimators are MLPClassifier and MLPRegressor."""

    _parameter_constraints: dict[str, list[Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions({"identity", "logistic", "tanh", "relu"})],
        "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
    }

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Trains from the beginning, or from what the last fit() has left where warm_start says so."""
        self._validate_params()
        return self._fit(X, y, sample_weight, incremental=False)

    def _validate_input(self, X: Any, y: Any, incremental: bool, reset: bool) -> tuple[Any, Array]:
        raise NotImplementedError

    def _score(self, X: Any, y: Array, sample_weight: Array | None) -> float:
        raise NotImplementedError

    def _output_activation(self) -> str:
        raise NotImplementedError

    def _has_steps(self) -> bool:
        if self.solver not in SOLVERS:
            raise AttributeError(
                f"partial_fit is only available for stochastic optimizers. {self.solver} is not stochastic."
            )
        return True

    def _fit(self, X: Any, y: Any, sample_weight: Any, incremental: bool) -> Any:
        sizes = self.hidden_layer_sizes
        sizes = list(sizes) if hasattr(sizes, "__iter__") else [sizes]
        if np.any(np.array(sizes) <= 0):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes}.")
        if self.early_stopping and incremental:
            raise ValueError("partial_fit does not support early_stopping=True")
        is_first = not hasattr(self, "coefs_") or not (self.warm_start or incremental)
        X, y = self._validate_input(X, y, incremental, is_first)
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X)
        y = y.reshape(len(y), -1)
        self.n_outputs_ = y.shape[1]
        self._random_state = check_random_state(self.random_state)
        if is_first:
            self._initialize([X.shape[1], *sizes, self.n_outputs_], X.dtype)
        if self.solver == "lbfgs":
            self._fit_whole(X, y, sample_weight)
        else:
            self._fit_batches(X, y, sample_weight, incremental)
        if not all(np.isfinite(part).all() for part in [*self.coefs_, *self.intercepts_]):
            raise ValueError(
                "Solver produced non-finite parameter weights. The input data may contain large values and need to be "
                "preprocessed."
            )
        return self

    def _initialize(self, sizes: list[int], dtype: Any) -> None:
        self.n_iter_ = self.t_ = 0
        self.n_layers_ = len(sizes)
        self.out_activation_ = self._output_activation()
        self.coefs_: list[Array] = []
        self.intercepts_: list[Array] = []
        for inputs, outputs in pairwise(sizes):
            bound = np.sqrt((2.0 if self.activation == "logistic" else 6.0) / (inputs + outputs))
            self.coefs_.append(self._random_state.uniform(-bound, bound, (inputs, outputs)).astype(dtype, copy=False))
            self.intercepts_.append(self._random_state.uniform(-bound, bound, outputs).astype(dtype, copy=False))
        if self.solver in SOLVERS:
            self.loss_curve_: list[float] = []
            self._stale_count = 0
            self._best = self._copies()
            self.validation_scores_: Any = [] if self.early_stopping else None
            self.best_validation_score_: Any = -np.inf if self.early_stopping else None
            self.best_loss_: Any = None if self.early_stopping else np.inf

    # ---- Training ----

    def _parameters(self) -> list[Tensor]:
        """Weights, then biases."""
        return [Parameter(as_tensor(array)) for array in [*self.coefs_, *self.intercepts_]]

    def _share(self, parameters: list[Tensor]) -> None:
        """Brings parameters to where coefs_ and intercepts_ are, which then have their memory and change with them."""
        arrays = []
        with swiftnn.no_grad():
            for parameter, array in zip(parameters, [*self.coefs_, *self.intercepts_]):
                arrays.append(parameter.copy_(as_tensor(array)).detach().numpy())
        self.coefs_, self.intercepts_ = arrays[: len(self.coefs_)], arrays[len(self.coefs_) :]

    def _copies(self) -> list[list[Array]]:
        return [[part.copy() for part in parts] for parts in (self.coefs_, self.intercepts_)]

    def _losses(self, parameters: list[Tensor], X: Any, y: Array, sample_weight: Array | None) -> tuple[Tensor, Tensor]:
        """What is made small, and what is shown of it."""
        weights, biases = parameters[: len(self.coefs_)], parameters[len(self.coefs_) :]
        inputs, targets = as_tensor(X), as_tensor(y.astype(X.dtype, copy=False))
        each = losses(linked(inputs, weights, biases, self.activation), targets, self.out_activation_)
        seen = shown(each.detach(), self.out_activation_)
        total = float(len(y))
        if sample_weight is not None:
            total = float(sample_weight.sum())
            if total == 0:
                raise ZeroDivisionError("Weights sum to zero, can't be normalized")
            factors = as_tensor(sample_weight.astype(X.dtype, copy=False)).reshape(-1, 1)
            each, seen = each * factors, seen * factors
        decay = penalty(weights, self.alpha)
        return (each.sum() + decay) / total, (seen.sum() + decay.detach()) / total

    def _fit_whole(self, X: Any, y: Array, sample_weight: Array | None) -> None:
        parameters = self._parameters()
        self._share(parameters)
        optimizer = LBFGS(
            parameters, max_iter=self.max_iter, max_eval=self.max_fun, tolerance_grad=self.tol, history_size=10,
            line_search_fn="strong_wolfe",
        )  # fmt: skip

        def loss() -> Tensor:
            optimizer.zero_grad()
            made_small, _ = self._losses(parameters, X, y, sample_weight)
            made_small.backward()
            return made_small

        optimizer.step(loss)
        kept = optimizer.state[parameters[0]]
        self.n_iter_ = int(kept["n_iter"])
        with swiftnn.no_grad():
            self.loss_ = self._losses(parameters, X, y, sample_weight)[1].item()
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")
        if self.n_iter_ >= self.max_iter or int(kept["func_evals"]) >= self.max_fun:
            warnings.warn(
                f"lbfgs failed to converge after {self.n_iter_} iteration(s): increase max_iter={self.max_iter} or "
                f"max_fun={self.max_fun}, or scale the data.",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _fit_batches(self, X: Any, y: Array, sample_weight: Array | None, incremental: bool) -> None:
        if not incremental or not hasattr(self, "_solver"):
            self._solver = SOLVERS[self.solver](self._parameters(), self)
        self._share(self._solver.parameters)
        validation = None
        if self.early_stopping:
            X, y, sample_weight, validation = self._split(X, y, sample_weight)
        order = np.arange(X.shape[0])
        size = self._size_of_batches(len(order))
        try:
            self.n_iter_ = 0
            for _ in range(1 if incremental else self.max_iter):
                if self.shuffle:
                    order = shuffle(order, random_state=self._random_state)
                self._epoch(X, y, sample_weight, order, size)
                self._count_stale_epochs(validation)
                self._solver.epoch_ends(self.t_)
                if self._stale_count > self.n_iter_no_change and self._has_converged():
                    break
                if self.n_iter_ == self.max_iter and not incremental:
                    warnings.warn(
                        f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the optimization "
                        "hasn't converged yet.",
                        ConvergenceWarning,
                        stacklevel=4,
                    )
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=4)
        if self.early_stopping:
            self.coefs_, self.intercepts_ = self._best
            self._best = self._copies()

    def _split(self, X: Any, y: Array, sample_weight: Array | None) -> tuple[Any, ...]:
        parts = train_test_split(
            *(part for part in (X, y, sample_weight) if part is not None), random_state=self._random_state,
            test_size=self.validation_fraction, stratify=y if is_classifier(self) and self.n_outputs_ == 1 else None,
        )  # fmt: skip
        training, validation = parts[::2], parts[1::2]
        if validation[0].shape[0] < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of your dataset."
            )
        if is_classifier(self):
            validation[1] = self._label_binarizer.inverse_transform(validation[1])
        return (*training, None)[:3] + ((*validation, None)[:3],)

    def _size_of_batches(self, count: int) -> int:
        size: int = min(200, count) if self.batch_size == "auto" else self.batch_size
        if size > count:
            warnings.warn(
                "Got `batch_size` less than 1 or larger than sample size. It is going to be clipped", stacklevel=5
            )
        return min(size, count)

    def _epoch(self, X: Any, y: Array, sample_weight: Array | None, order: Array, size: int) -> None:
        parameters, count, summed = self._solver.parameters, len(order), 0.0
        for part in gen_batches(count, size):
            batch = order[part]
            weights = None if sample_weight is None else sample_weight[batch]
            self._solver.zero_grad()
            made_small, reported = self._losses(parameters, X[batch], y[batch], weights)
            made_small.backward()
            self._solver.step()
            summed += reported.item() * len(batch)
        self.n_iter_ += 1
        self.t_ += count
        self.loss_ = summed / count
        self.loss_curve_.append(self.loss_)
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")

    def _count_stale_epochs(self, validation: tuple[Any, ...] | None) -> None:
        """How many epochs in a row have not become better by tol."""
        if validation is None:
            is_stale = self.loss_ > self.best_loss_ - self.tol
            self.best_loss_ = min(self.loss_, self.best_loss_)
        else:
            score = self._score(*validation)
            self.validation_scores_.append(score)
            if self.verbose:
                print(f"Validation score: {score:f}")
            is_stale = score < self.best_validation_score_ + self.tol
            if score > self.best_validation_score_:
                self.best_validation_score_ = score
                self._best = self._copies()
        self._stale_count = self._stale_count + 1 if is_stale else 0

    def _has_converged(self) -> bool:
        remedy = self._solver.slows_down()
        if self.verbose:
            what = "Validation score" if self.early_stopping else "Training loss"
            print(
                f"{what} did not improve more than tol={self.tol:f} for {self.n_iter_no_change} consecutive epochs. "
                f"{remedy or 'Stopping.'}"
            )
        if remedy:
            self._stale_count = 0
        return not remedy

    # ---- Predicting ----

    def _outputs(self, X: Any) -> Array:
        """What the network gives for arrays that are known to fit."""
        with swiftnn.no_grad():
            weights, biases = ([as_tensor(part) for part in parts] for parts in (self.coefs_, self.intercepts_))
            last = linked(as_tensor(X.astype(self.coefs_[0].dtype, copy=False)), weights, biases, self.activation)
            result: Array = output(last, self.out_activation_).numpy()
        return result

    def _checked_outputs(self, X: Any) -> Array:
        check_is_fitted(self)
        X = validate_data(self, X, accept_sparse=["csr", "csc"], dtype=(np.float64, np.float32), reset=False)
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
