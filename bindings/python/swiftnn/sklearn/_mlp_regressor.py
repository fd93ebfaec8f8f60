"""A perceptron for numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data

from swiftnn.sklearn._arrays import Array
from swiftnn.sklearn._mlp import MLP


class MLPRegressor(RegressorMixin, MLP):
    """A multi-layer perceptron for one or several numbers; loss="poisson" for counts.

    Parameters, attributes and errors are those of sklearn.neural_network.MLPRegressor, and so are the random numbers:
    with the same random_state, solvers "sgd" and "adam" take the same steps. "lbfgs" is the engine's own.
    """

    _parameter_constraints: dict[str, list[Any]] = {
        **MLP._parameter_constraints,
        "loss": [StrOptions({"squared_error", "poisson"})],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.max_fun = max_fun

    def _output_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _validate_input(self, X: Any, y: Any, incremental: bool, reset: bool) -> tuple[Any, Array]:
        X, y = validate_data(
            self, X, y, accept_sparse=["csr", "csc"], multi_output=True, y_numeric=True, dtype=(np.float64, np.float32),
            reset=reset,
        )  # fmt: skip
        return X, column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    @available_if(MLP._has_steps)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Goes through the examples once."""
        self._validate_params()
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> Array:
        """The numbers."""
        return self._numbers_of(self._checked_outputs(X))

    def _numbers_of(self, outputs: Array) -> Array:
        return outputs.ravel() if outputs.shape[1] == 1 else outputs

    def _score(self, X: Any, y: Array, sample_weight: Array | None) -> float:
        outputs = self._outputs(X)
        if not np.isfinite(outputs).all():
            return np.nan
        return float(r2_score(y, self._numbers_of(outputs), sample_weight=sample_weight))
