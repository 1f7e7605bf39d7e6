"""While streams run, neither the computer nor its screen goes to sleep."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from engine.errors import InferoscopeError
from gui.presenters.port import Task, TaskControl, Tasks
from gui.texts import text

_log = logging.getLogger(__name__)

_LOOKS_EVERY_S = 60.0


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
        self._task: Task | None = None

    def want(self, wanted: bool) -> None:
        """Whether it is wanted from now on. Said as often as you like; the last word, at exit, is False."""
        if wanted and self._task is None:
            self._task = self._tasks.start("keep awake", self._wait, lambda _done: None, _note)
        elif not wanted and self._task is not None:
            self._task.cancel()
            self._task = None

    def _wait(self, control: TaskControl) -> None:
        with self._hold() as wake:
            if not wake.active:
                raise InferoscopeError(text("KeepAwake", "This system does not let programs keep it awake"))
            while not control.wait(_LOOKS_EVERY_S):
                pass


def _note(error: InferoscopeError) -> None:
    _log.info("%s", error)
