"""A module for classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    check_classification_targets,
    type_of_target,
    unique_labels,
)
from sklearn.utils.validation import column_or_1d, validate_data

import swiftnn
from swiftnn import nn
from swiftnn.sklearn._arrays import Array, as_tensor
from swiftnn.sklearn._net import NeuralNet
from swiftnn.sklearn._parts import dtype_of
from swiftnn.training import Binary, Multiclass, MultiLabel

# Whose targets are numbers of the shape of the outputs, not the numbers of classes.
_OF_NUMBERS = (Binary, MultiLabel, nn.BCEWithLogitsLoss, nn.BCELoss)


class NeuralNetClassifier(ClassifierMixin, NeuralNet):
    __doc__ = f"""A module for classes, or for several labels at once.

    The criterion gets outputs of shape (examples, classes) and the numbers of the classes; with Binary,
    BCEWithLogitsLoss and BCELoss, and for labels, outputs and targets of shape (examples, labels).

    {(NeuralNet.__doc__ or "").partition("targets of its own.")[2].strip()}
    """

    def fit(self, X: Any, y: Any) -> Any:
        """Trains for max_epochs epochs."""
        goes_on = bool(self.warm_start) and hasattr(self, "module_")
        return self._fit(*self._validated(X, y, True, goes_on), self.max_epochs, goes_on)

    def partial_fit(self, X: Any, y: Any, classes: Any = None) -> Any:
        """Goes through the examples once. The first call is told all classes that may come."""
        is_first = _check_partial_fit_first_call(self, classes)
        return self._fit(*self._validated(X, y, is_first, True), 1, not is_first)

    def predict(self, X: Any) -> Array:
        """The classes, or 0 and 1 for each label."""
        found = self._probabilities(X)
        if self._is_multilabel:
            return (found > 0.5).astype(int)
        classes: Array = self.classes_[found.argmax(1)]
        return classes

    def predict_proba(self, X: Any) -> Array:
        """The probabilities of the classes, in the order of classes_."""
        return self._probabilities(X)

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of the probabilities."""
        found: Array = np.log(self._probabilities(X))
        return found

    def _probabilities(self, X: Any) -> Array:
        found = self._predictions(X)
        if self._is_multilabel or (found.ndim == 2 and found.shape[1] > 1) or len(self.classes_) == 1:
            return found
        positive = found.reshape(len(found), 1)
        return np.hstack([1 - positive, positive])

    def _validated(self, X: Any, y: Any, reset: bool, keeps_classes: bool) -> tuple[Any, Array]:
        X, y = validate_data(self, X, y, allow_nd=True, multi_output=True, reset=reset)
        check_classification_targets(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        labels = unique_labels(y)
        if not (keeps_classes and hasattr(self, "classes_")):
            self.classes_ = labels
        if len(unknown := np.setdiff1d(labels, self.classes_)):
            raise ValueError(f"y has classes {unknown}, which are not among those known: {self.classes_}")
        self._is_multilabel = type_of_target(y).startswith("multilabel")
        return X, y

    def _default_criterion(self) -> Any:
        return MultiLabel if self._is_multilabel else Multiclass

    def _takes_numbers(self) -> bool:
        return isinstance(self.criterion_, _OF_NUMBERS)

    def _out_features(self) -> int:
        return 1 if self._takes_numbers() and not self._is_multilabel else len(self.classes_)

    def _targets(self, y: Array) -> swiftnn.Tensor:
        if self._is_multilabel:
            return as_tensor(y.astype(np.float64)).to(dtype_of(self.module_))
        numbers = np.searchsorted(self.classes_, y)
        if not self._takes_numbers():
            return as_tensor(numbers)
        if len(self.classes_) > 2:
            raise ValueError(f"{type(self.criterion_).__name__} is for two classes, got {len(self.classes_)}")
        return as_tensor(numbers.astype(np.float64).reshape(-1, 1)).to(dtype_of(self.module_))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
