"""Switches of gradient recording, for `with` and as decorators."""

from __future__ import annotations

from swiftnn import _C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Wrapped = TypeVar("Wrapped", bound=Callable[..., Any])

_set = _C._set_grad_enabled


class _Mode:
    """Sets the mode inside a block or a function and restores what was."""

    def __init__(self, enabled: bool) -> None:
        self.mode = enabled
        self._previous: list[bool] = []

    def __enter__(self) -> None:
        self._previous.append(_set(self.mode))

    def __exit__(self, *exception: object) -> None:
        _set(self._previous.pop())

    def clone(self) -> _Mode:
        return _Mode(self.mode)

    def __call__(self, function: Wrapped) -> Wrapped:
        import functools
        import inspect

        mode = self.mode

        if inspect.isgeneratorfunction(function):
            return _wrap_generator(function, _Mode(mode))

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            previous = _set(mode)
            try:
                return function(*args, **kwargs)
            finally:
                _set(previous)

        return wrapper  # type: ignore[return-value]


def _wrap_generator(function: Wrapped, mode: Any) -> Wrapped:
    """A generator runs in the mode between its yields; its caller does not."""
    import functools

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        generator = function(*args, **kwargs)
        request: Any = None
        step = generator.send
        while True:
            try:
                with mode:
                    response = step(request)
            except StopIteration as end:
                return end.value
            try:
                request = yield response
                step = generator.send
            except GeneratorExit:
                generator.close()
                raise
            except BaseException as error:
                request, step = error, generator.throw

    return wrapper  # type: ignore[return-value]


class _FixedMode(_Mode):
    """A mode without arguments: also a decorator without parentheses."""

    _enabled: bool

    def __new__(cls, function: Any = None) -> Any:
        mode = super().__new__(cls)
        if function is None or isinstance(function, bool):
            return mode
        _Mode.__init__(mode, cls._enabled)
        return mode(function)

    def __init__(self, function: Any = None) -> None:
        super().__init__(self._enabled)


class no_grad(_FixedMode):
    """Nothing inside is recorded, so that no gradient flows through it."""

    _enabled = False


class enable_grad(_FixedMode):
    """Operations inside are recorded again, within no_grad."""

    _enabled = True


class inference_mode:
    """As no_grad, and memory made inside belongs to no graph later on: is_inference() is true for it.

    Saving such a tensor for backward, asking for its gradient and changing it in place outside of the mode are errors.
    inference_mode(False) leaves the mode.
    """

    def __new__(cls, mode: Any = True) -> Any:
        self = super().__new__(cls)
        if isinstance(mode, bool):
            return self
        self.__init__()  # type: ignore[misc]
        return self(mode)

    def __init__(self, mode: Any = True) -> None:
        self.mode = mode if isinstance(mode, bool) else True
        self._previous: list[tuple[bool, bool]] = []

    def __enter__(self) -> None:
        inside = _C.is_inference_mode_enabled()
        # To leave the mode brings recording back; where it is not on, nothing changes.
        enabled = not self.mode if self.mode or inside else _C.is_grad_enabled()
        self._previous.append((_set(enabled), _C._set_inference_mode(self.mode)))

    def __exit__(self, *exception: object) -> None:
        enabled, inference = self._previous.pop()
        _set(enabled)
        _C._set_inference_mode(inference)

    def clone(self) -> inference_mode:
        return inference_mode(self.mode)

    def __call__(self, function: Wrapped) -> Wrapped:
        import functools
        import inspect

        mode = self.mode
        if inspect.isgeneratorfunction(function):
            return _wrap_generator(function, inference_mode(mode))

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            with inference_mode(mode):
                return function(*args, **kwargs)

        return wrapper  # type: ignore[return-value]


class set_grad_enabled(_Mode):
    """Switches recording at once, and for a block when used in a `with`."""

    def __init__(self, mode: bool) -> None:
        super().__init__(mode)
        self._before: bool | None = _set(mode)

    def __enter__(self) -> None:
        before = self._before
        self._before = None
        current = _set(self.mode)
        self._previous.append(current if before is None else before)

    def __call__(self, function: Wrapped) -> Wrapped:
        if self._before is not None:
            _set(self._before)
            self._before = None
        return super().__call__(function)
