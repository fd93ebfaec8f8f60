"""Ctrl-C while the engine trains."""

from __future__ import annotations

import signal
import threading

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType


class Interruption:
    """Inside of this, the first Ctrl-C calls `stop`, and KeyboardInterrupt comes at the end; the second comes at once.

    Where the program has a handler of its own, or on other threads than the first, nothing is changed.
    """

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._pressed = False
        self._replaces = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._pressed:
            raise KeyboardInterrupt
        self._pressed = True
        self._stop()

    def __enter__(self) -> None:
        is_first = threading.current_thread() is threading.main_thread()
        self._replaces = is_first and signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if self._replaces:
            signal.signal(signal.SIGINT, self._handle)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._replaces:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self._pressed and kind is None:
            raise KeyboardInterrupt
