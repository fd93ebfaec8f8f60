"""What stopping rules share; they judge in the engine."""

from __future__ import annotations

import json
from typing import NamedTuple

from swiftnn import _C
from swiftnn._signatures import LazySignature

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class Verdict(NamedTuple):
    """What a rule says behind an epoch."""

    is_best: bool
    """The model as it is now is the best so far."""
    reason: str | None
    """Why training should end; None while it should go on."""


class StoppingRule:
    """Says when training has nothing more to gain, from what validation measures."""

    _entry: tuple[str, int]  # name and id in the registry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._given = args, kwargs
        self._core = _C.StoppingRule(self._entry[0], args, kwargs)

    def observe(self, values: Mapping[str, Any], epoch: int) -> Verdict:
        """Takes in what was measured behind an epoch, by name: {"val_loss": 0.5}."""
        return Verdict(*self._core.observe(dict(values), epoch))

    def reset(self) -> None:
        """Forgets everything."""
        self._core.reset()

    def state_dict(self) -> dict[str, Any]:
        """All that is remembered."""
        state: dict[str, Any] = json.loads(self._core.state())
        return state

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Goes on from what state_dict() returned."""
        self._core.load(json.dumps(dict(state_dict)))

    def __repr__(self) -> str:
        args, kwargs = self._given
        given = [repr(value) for value in args] + [f"{name}={value!r}" for name, value in kwargs.items()]
        return f"{type(self).__name__}({', '.join(given)})"

    def __getstate__(self) -> tuple[Any, dict[str, Any]]:
        return self._given, self.state_dict()

    def __setstate__(self, state: tuple[Any, dict[str, Any]]) -> None:
        (args, kwargs), remembered = state
        StoppingRule.__init__(self, *args, **kwargs)
        self.load_state_dict(remembered)


def make_rule(name: str, doc: str, number: int) -> type[StoppingRule]:
    """The class of a rule of the registry."""
    namespace = {
        "__doc__": doc,
        "__module__": "swiftnn.training",
        "__qualname__": name,
        "_entry": (name, number),
        "__signature__": LazySignature(_C.STOPPING_RULES, number),
    }
    return type(name, (StoppingRule,), namespace)
