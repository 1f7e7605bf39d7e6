"""While streams run, neither the computer nor its screen goes to sleep."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from engine.errors import InferoscopeError
from engine.pipeline.mailbox import Signal
from gui.presenters.port import TaskControl, Tasks
from gui.texts import text

_log = logging.getLogger(__name__)

_LOOKS_EVERY_S = 1.0


class Wake(Protocol):
    """What is known of a ``wakepy.Mode`` that was entered."""

    @property
    def active(self) -> bool:
        """Whether the system has agreed."""


def stay_awake() -> AbstractContextManager[Wake]:
    """Keeps computer and screen awake while it is entered; entering and leaving may each take some seconds."""
    from wakepy import keep

    return keep.presenting(on_fail="pass")


class KeepAwake:
    """Asks the system to stay awake, in a thread that waits as long as that is wanted. GUI thread alone.

    A system that does not agree is a note in the log: the streams run all the same.

    Args:
        tasks: Run the thread.
        hold: Keeps the system awake while it is entered.
    """

    def __init__(self, tasks: Tasks, hold: Callable[[], AbstractContextManager[Wake]] = stay_awake) -> None:
        self._tasks = tasks
        self._hold = hold
        self._release: Signal | None = None

    def want(self, wanted: bool) -> None:
        """Whether it is wanted from now on. Said as often as you like; the last word, at exit, is False."""
        if wanted == (self._release is not None):
            return
        if self._release is not None:
            self._release.set()
            self._release = None
            return
        self._release = release = Signal()
        self._tasks.start("keep awake", lambda control: self._wait(release, control), lambda _done: None, _note)

    def _wait(self, release: Signal, control: TaskControl) -> None:
        with self._hold() as wake:
            if not wake.active:
                raise InferoscopeError(text("KeepAwake", "This system does not let programs keep it awake"))
            while not (release.wait(_LOOKS_EVERY_S) or control.cancelled()):
                pass


def _note(error: InferoscopeError) -> None:
    _log.info("%s", error)
