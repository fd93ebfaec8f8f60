"""The search for the operation that makes the first NaN."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def _stack() -> str:
    import sys
    import traceback

    return "".join(traceback.format_stack(sys._getframe(1)))


class set_detect_anomaly:
    """Switches anomaly mode, at once and for a `with`.

    While it is on, recorded operations remember where they were called. With check_nan, the first that returns NaN in a
    backward pass raises an error with its name, after a warning with the traceback of its call; an operation that makes
    NaN of numbers going forward is named by a warning.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self.prev: tuple[bool, bool] = _C._set_anomaly(bool(mode), bool(check_nan), _stack)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> None:
        _C._set_anomaly(*self.prev, _stack)


class detect_anomaly:
    """A `with` in which anomaly mode is on; also a decorator."""

    def __init__(self, check_nan: bool = True) -> None:
        self.check_nan = check_nan
        self._previous: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        self._previous.append(_C._set_anomaly(True, self.check_nan, _stack))

    def __exit__(self, *exception: object) -> None:
        _C._set_anomaly(*self._previous.pop(), _stack)

    def __call__(self, function: Any) -> Any:
        import functools

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with detect_anomaly(self.check_nan):
                return function(*args, **kwargs)

        return wrapper


def is_anomaly_enabled() -> bool:
    """Whether anomaly mode is on in this thread."""
    return bool(_C._anomaly()[0])


def is_anomaly_check_nan_enabled() -> bool:
    """Whether anomaly mode looks for NaN."""
    return bool(_C._anomaly()[1])
