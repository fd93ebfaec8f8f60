"""Splits of examples into those that train and those that test.

Names are scikit-learn's, and so are the lists for the same random_state.
"""

from __future__ import annotations

import swiftnn
from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from swiftnn._C import Tensor

    Indices = tuple[Tensor, Tensor]

_K_FOLD, _STRATIFIED_K_FOLD, _GROUP_K_FOLD, _LEAVE_ONE_OUT, _LEAVE_ONE_GROUP_OUT = range(5)
_SHUFFLE, _STRATIFIED_SHUFFLE, _GROUP_SHUFFLE, _TIME_SERIES = range(5, 9)


def _length(data: Any) -> int:
    return int(data.shape[0]) if hasattr(data, "shape") else len(data)


def _codes(labels: Any, name: str) -> Tensor:
    """Labels of any kind as integers in the same order."""
    if labels is None:
        raise ValueError(f"The '{name}' parameter should not be None.")
    if isinstance(labels, swiftnn.Tensor) and not labels.is_floating_point():
        return labels.flatten().to(swiftnn.int64).contiguous()
    values = labels.tolist() if hasattr(labels, "tolist") else list(labels)
    known = {value: code for code, value in enumerate(sorted(set(values)))}
    return swiftnn.tensor([known[value] for value in values], dtype=swiftnn.int64)


def _seed(random_state: int | None) -> int:
    if random_state is None:
        return int(swiftnn.randint(0, 1 << 32, ()).item())
    if isinstance(random_state, bool) or not isinstance(random_state, int):
        raise ValueError(f"random_state must be an int or None, got {random_state!r}")
    if not 0 <= random_state < 1 << 32:
        raise ValueError("Seed must be between 0 and 2**32 - 1")
    return random_state


def _share_and_count(size: float | int | None) -> tuple[float, int]:
    """A whole number is a count, any other a share; 0 stands for neither in the engine."""
    if size is None:
        return 0.0, 0
    if isinstance(size, bool) or not isinstance(size, int | float):
        raise ValueError(f"Invalid value for a size: {size!r}")
    return (size or -1.0, 0) if isinstance(size, float) else (0.0, size or -1)


class _Splitter:
    """Base of all splitters."""

    _kind: int
    _labels: str | None = None  # which argument of split() the labels are
    n_splits = 0
    n_repeats = 1
    shuffle = False
    random_state: int | None = None
    test_size: float | int | None = None
    train_size: float | int | None = None
    max_train_size: int | None = None
    gap = 0

    def _made(self, examples: int, y: Any, groups: Any) -> _C.Splits:
        labels = None if self._labels is None else _codes(y if self._labels == "y" else groups, self._labels)
        test_share, test_count = _share_and_count(self.test_size)
        train_share, train_count = _share_and_count(self.train_size)
        return _C.new_splits(
            self._kind,
            examples,
            labels,
            self.n_splits,
            self.shuffle,
            self.n_repeats,
            _seed(self.random_state) if self._is_random() else 0,
            test_share,
            train_share,
            test_count,
            train_count,
            0 if self.max_train_size is None else self.max_train_size or -1,
            self.gap,
        )

    def _is_random(self) -> bool:
        return self.shuffle

    def split(self, X: Any, y: Any = None, groups: Any = None) -> Iterator[Indices]:
        """The numbers of the examples that train, and of those that test, as int64 tensors."""
        splits = self._made(_length(X), y, groups)
        while (split := splits.next()) is not None:
            yield split

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """The number of splits."""
        return self.n_splits * self.n_repeats

    def __repr__(self) -> str:
        options = ", ".join(f"{name}={value!r}" for name, value in sorted(vars(self).items()))
        return f"{type(self).__name__}({options})"


class _Folds(_Splitter):
    def __init__(self, n_splits: int = 5, *, shuffle: bool = False, random_state: int | None = None) -> None:
        if isinstance(n_splits, bool) or not isinstance(n_splits, int):
            raise ValueError(
                f"The number of folds must be of Integral type. {n_splits} of type {type(n_splits)} was passed."
            )
        if n_splits <= 1:
            raise ValueError(
                "k-fold cross-validation requires at least one train/test split by setting n_splits=2 or more, got "
                f"n_splits={n_splits}."
            )
        if not isinstance(shuffle, bool):
            raise TypeError(f"shuffle must be True or False; got {shuffle}")
        if not shuffle and random_state is not None:
            raise ValueError(
                "Setting a random_state has no effect since shuffle is False. You should leave random_state to its "
                "default (None), or set shuffle=True."
            )
        self.n_splits, self.shuffle, self.random_state = n_splits, shuffle, random_state


class KFold(_Folds):
    """Each example is tested once."""

    _kind = _K_FOLD


class StratifiedKFold(_Folds):
    """k folds with about the same share of each class of y."""

    _kind = _STRATIFIED_K_FOLD
    _labels = "y"


class GroupKFold(_Folds):
    """k folds that take no group apart."""

    _kind = _GROUP_K_FOLD
    _labels = "groups"


class _Repeated(_Splitter):
    shuffle = True

    def __init__(self, *, n_splits: int = 5, n_repeats: int = 10, random_state: int | None = None) -> None:
        if n_repeats <= 0:
            raise ValueError("Number of repetitions must be greater than 0.")
        _Folds(n_splits)
        self.n_splits, self.n_repeats, self.random_state = n_splits, n_repeats, random_state


class RepeatedKFold(_Repeated):
    """KFold again and again, shuffled anew."""

    _kind = _K_FOLD


class RepeatedStratifiedKFold(_Repeated):
    """StratifiedKFold again and again, shuffled anew."""

    _kind = _STRATIFIED_K_FOLD
    _labels = "y"


class LeaveOneOut(_Splitter):
    """Each example is tested by itself."""

    _kind = _LEAVE_ONE_OUT

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """The number of examples."""
        if X is None:
            raise ValueError("The 'X' parameter should not be None.")
        return _length(X)


class LeaveOneGroupOut(_Splitter):
    """Each group is tested by itself."""

    _kind = _LEAVE_ONE_GROUP_OUT
    _labels = "groups"

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        """The number of groups."""
        return len(set(_codes(groups, "groups").tolist()))


class _Shuffled(_Splitter):
    _usual = 10

    def __init__(
        self,
        n_splits: int | None = None,
        *,
        test_size: float | int | None = None,
        train_size: float | int | None = None,
        random_state: int | None = None,
    ) -> None:
        self.n_splits = self._usual if n_splits is None else n_splits
        if self.n_splits <= 0:
            raise ValueError(f"n_splits must be at least 1, got {n_splits}")
        self.test_size, self.train_size, self.random_state = test_size, train_size, random_state

    def _is_random(self) -> bool:
        return True


class ShuffleSplit(_Shuffled):
    """Random examples to test and others to train with, 10 times unless said otherwise."""

    _kind = _SHUFFLE


class StratifiedShuffleSplit(_Shuffled):
    """ShuffleSplit with about the same share of each class of y."""

    _kind = _STRATIFIED_SHUFFLE
    _labels = "y"


class GroupShuffleSplit(_Shuffled):
    """Random groups to test and others to train with, 5 times unless said otherwise."""

    _kind = _GROUP_SHUFFLE
    _labels = "groups"
    _usual = 5


class TimeSeriesSplit(_Splitter):
    """Tests what comes behind all that trains; `gap` examples between the two are left out."""

    _kind = _TIME_SERIES

    def __init__(
        self,
        n_splits: int = 5,
        *,
        max_train_size: int | None = None,
        test_size: int | None = None,
        gap: int = 0,
    ) -> None:
        _Folds(n_splits)
        self.n_splits, self.max_train_size, self.test_size, self.gap = n_splits, max_train_size, test_size, gap


def _chosen(data: Any, indices: Tensor) -> Any:
    """Some examples of tensors, arrays, tables, lists and tuples."""
    if isinstance(data, swiftnn.Tensor):
        return data[indices]
    numbers = indices.tolist()
    if hasattr(data, "iloc"):
        return data.iloc[numbers]
    if hasattr(data, "shape"):
        return data[numbers]
    return type(data)(data[i] for i in numbers) if isinstance(data, tuple) else [data[i] for i in numbers]


def _same_length(arrays: Sequence[Any]) -> int:
    if not arrays:
        raise ValueError("At least one array required as input")
    lengths = [_length(array) for array in arrays]
    if len(set(lengths)) > 1:
        raise ValueError(f"Found input variables with inconsistent numbers of samples: {lengths}")
    return lengths[0]


def train_test_split(
    *arrays: Any,
    test_size: float | int | None = None,
    train_size: float | int | None = None,
    random_state: int | None = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Each array in a part that trains and one that tests, a quarter unless said otherwise."""
    examples = _same_length(arrays)
    if test_size is None and train_size is None:
        test_size = 0.25
    kind = ShuffleSplit if stratify is None else StratifiedShuffleSplit
    if not shuffle:
        if stratify is not None:
            raise ValueError("Stratified train/test split is not implemented for shuffle=False")
        # Only the sizes count.
        splitter = kind(1, test_size=test_size, train_size=train_size, random_state=0)
        train, test = next(splitter.split(range(examples)))
        everything = swiftnn.arange(examples)
        train, test = everything[: len(train)], everything[len(train) : len(train) + len(test)]
    else:
        splitter = kind(1, test_size=test_size, train_size=train_size, random_state=random_state)
        train, test = next(splitter.split(range(examples), stratify))
    return [_chosen(array, part) for array in arrays for part in (train, test)]


def train_val_test_split(
    *arrays: Any,
    sizes: Sequence[float] = (0.8, 0.1, 0.1),
    random_state: int | None = None,
    shuffle: bool = True,
    stratify: Any = None,
) -> list[Any]:
    """Each array in parts of these shares: what trains, what validates, what tests."""
    examples = _same_length(arrays)
    classes = None if stratify is None else _codes(stratify, "stratify")
    shares = swiftnn.tensor(list(sizes), dtype=swiftnn.float64)
    parts = _C.split_parts(examples, shares, classes, shuffle, _seed(random_state) if shuffle else 0)
    return [_chosen(array, part) for array in arrays for part in parts]
