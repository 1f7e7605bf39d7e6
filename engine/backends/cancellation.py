"""A cancel that a runtime can be told of while it is busy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from engine.backends.backend import Cancelled
from engine.errors import CancelledError


class Cancellation:
    """Asked like any ``Cancelled``; beside that it tells runtimes that can stop in the middle.

    ``cancel`` may be called from any thread. What it calls must be harmless when called twice.
    """

    def __init__(self) -> None:
        self._cancelled = False
        self._stops: list[Callable[[], None]] = []

    def __call__(self) -> bool:
        """True when the person no longer wants the answer."""
        return self._cancelled

    def cancel(self) -> None:
        """Nobody wants the answer any more. Twice is once."""
        self._cancelled = True
        for stop in tuple(self._stops):
            stop()

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call ``stop`` when it is cancelled before the end of the block, at once where it is already."""
        self._stops.append(stop)
        try:
            # Asked after adding: a cancel in between calls it twice rather than never.
            if self._cancelled:
                stop()
            yield
        finally:
            self._stops.remove(stop)


def check_cancelled(cancelled: Cancelled) -> None:
    """End here where nobody wants the answer any more.

    Raises:
        CancelledError: ``cancelled()`` is true.
    """
    if cancelled():
        raise CancelledError
