"""The base of fitted transforms."""

from __future__ import annotations

from swiftnn import _C
from swiftnn._C import Tensor
from swiftnn._signatures import LazySignature, bind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


class Transform:
    """Base of the transforms of the registry. What one has learned are attributes with scikit-learn's names: mean_."""

    _entry: tuple[str, int]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._core = _C.new_transform(self._entry[0], args, kwargs)
        self._given = dict(bind(_C.fields(_C.TRANSFORMS, self._entry[1]), args, kwargs))

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learns from data, and forgets what it learned before."""
        self._core.fit(_tensor(X), False)
        return self

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Goes on learning, from data that come in parts."""
        self._core.fit(_tensor(X), True)
        return self

    def transform(self, X: Any) -> Tensor:
        """Data, changed as it has learned."""
        return self._core.apply(_tensor(X), False)

    def fit_transform(self, X: Any, y: Any = None) -> Tensor:
        """Learns from data and changes them."""
        return self.fit(X).transform(X)

    def inverse_transform(self, X: Any) -> Tensor:
        """What transform() gave, changed back."""
        return self._core.apply(_tensor(X), True)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The options."""
        return dict(self._given)

    def state_dict(self) -> dict[str, Tensor]:
        """What it has learned, to be saved with a model."""
        return self._core.state()

    def load_state_dict(self, state_dict: dict[str, Tensor]) -> None:
        """Takes up what state_dict() returned."""
        self._core.load(state_dict)

    def __getattr__(self, name: str) -> Any:
        if name.endswith("_") and not name.startswith("_"):
            state = self._core.state()
            if name == "n_samples_seen_" and name in state:
                counts = state[name].tolist()
                return counts[0] if len(set(counts)) == 1 else state[name]
            if name in state:
                return state[name]
            if listed := [state[key] for key in state if key.startswith(f"{name}.")]:
                return listed
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._given, self.state_dict())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"


def _restored(cls: type[Transform], given: dict[str, Any], state: dict[str, Tensor]) -> Transform:
    transform = cls(**given)
    transform.load_state_dict(state)
    return transform


def _tensor(data: Any) -> Tensor:
    return data if isinstance(data, Tensor) else _C.as_tensor(data)


def make_transform(name: str, doc: str, number: int) -> type[Transform]:
    """The class of a transform of the registry."""
    namespace = {
        "__doc__": doc,
        "__module__": "swiftnn.preprocessing",
        "__qualname__": name,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.TRANSFORMS, number),
    }
    return type(name, (Transform,), namespace)
