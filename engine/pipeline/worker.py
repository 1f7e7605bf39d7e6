"""Named threads that end when told to, and a list of those that take their time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable

_log = logging.getLogger(__name__)


class Worker:
    """One thread with a name. Its function has the loop, and the loop has the only ``except`` of its kind."""

    def __init__(self, name: str, run: Callable[[], None]) -> None:
        # Daemon: a thread inside a native call that does not come back must not keep the program from ending.
        self._thread = threading.Thread(target=run, name=name, daemon=True)
        self.name = name

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for its end, at most so long; True when it has ended or never begun."""
        if self._thread.ident is None or self._thread is threading.current_thread():
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._thread.is_alive()


def join_all(workers: Iterable[Worker], seconds: float) -> list[str]:
    """Wait for all, at most so long altogether; the names of those that did not stop."""
    deadline = time.monotonic() + seconds
    late = [w.name for w in workers if not w.join(max(0.0, deadline - time.monotonic()))]
    if late:
        _log.warning("Still closing: %s", ", ".join(late))
    return late


def others_alive() -> bool:
    """Whether any thread but the main one runs still, such as a compilation that cannot be cancelled."""
    return threading.active_count() > 1


def on_uncaught(told: Callable[[BaseException], None]) -> None:
    """Tell of what ends a thread because nobody caught it, from now on; it is still printed as before."""
    before = threading.excepthook

    def hook(arguments: threading.ExceptHookArgs) -> None:
        before(arguments)
        if arguments.exc_value is not None:
            told(arguments.exc_value)

    threading.excepthook = hook
