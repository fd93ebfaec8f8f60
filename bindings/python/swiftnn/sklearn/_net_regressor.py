"""A module for numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import validate_data

import swiftnn
from swiftnn.sklearn._arrays import Array, as_tensor
from swiftnn.sklearn._net import NeuralNet
from swiftnn.sklearn._parts import dtype_of
from swiftnn.training import Regression


class NeuralNetRegressor(RegressorMixin, NeuralNet):
    __doc__ = f"""A module for one or several numbers.

    The criterion gets outputs and targets of shape (examples, numbers).

    {(NeuralNet.__doc__ or "").partition("targets of its own.")[2].strip()}
    """

    def fit(self, X: Any, y: Any) -> Any:
        """Trains for max_epochs epochs."""
        return self._fit(*self._validated(X, y, True), self.max_epochs, bool(self.warm_start))

    def partial_fit(self, X: Any, y: Any) -> Any:
        """Goes through the examples once."""
        return self._fit(*self._validated(X, y, not hasattr(self, "module_")), 1, True)

    def predict(self, X: Any) -> Array:
        """The numbers, with the axes and the precision that y had."""
        found = self._predictions(X).astype(self._dtype, copy=False)
        return found.reshape(len(found)) if self._is_flat else found

    def _validated(self, X: Any, y: Any, reset: bool) -> tuple[Any, Array]:
        X, y = validate_data(self, X, y, allow_nd=True, multi_output=True, y_numeric=True, reset=reset)
        self._is_flat, self._dtype = y.ndim == 1, y.dtype if y.dtype.kind == "f" else np.dtype(np.float64)
        self.n_outputs_ = 1 if self._is_flat else y.shape[1]
        return X, y

    def _default_criterion(self) -> Any:
        return Regression

    def _out_features(self) -> int:
        return self.n_outputs_

    def _targets(self, y: Array) -> swiftnn.Tensor:
        return as_tensor(y.astype(np.float64, copy=False).reshape(len(y), -1)).to(dtype_of(self.module_))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
