"""How much space is left for recordings."""

from __future__ import annotations

from pathlib import Path

from engine.errors import InferoscopeError
from gui.presenters.port import Task, Tasks
from gui.presenters.saving.work import free_bytes
from gui.texts import text

_EVERY_S, _EVERY_RECORDING_S = 30.0, 2.0


class DiskWatch:
    """Asks the disk in the background: every 30 s, and every 2 s during a recording.

    Args:
        tasks: Ask the disk.
    """

    def __init__(self, tasks: Tasks) -> None:
        self.free_bytes: int | None = None
        self.error: InferoscopeError | None = None
        self._tasks = tasks
        self._folder: Path | None = None
        self._asked_s = -float("inf")
        self._asking: Task | None = None

    def refresh(self, folder: Path | None, now_s: float, *, recording: bool) -> None:
        """Ask, where it is time; at once for another folder."""
        if folder != self._folder:
            self._forget(folder)
        is_due = now_s - self._asked_s >= (_EVERY_RECORDING_S if recording else _EVERY_S)
        if folder is None or self._asking is not None or not is_due:
            return
        self._asked_s = now_s
        name = text("Saving", "Looking at free space")
        self._asking = self._tasks.start(name, lambda _control: free_bytes(folder), self._on_answer, self._on_failure)

    def _forget(self, folder: Path | None) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._folder, self._asking, self._asked_s = folder, None, -float("inf")
        self.free_bytes = self.error = None

    def _on_answer(self, free: int) -> None:
        self._asking, self.free_bytes, self.error = None, free, None

    def _on_failure(self, error: InferoscopeError) -> None:
        self._asking, self.free_bytes, self.error = None, None, error
