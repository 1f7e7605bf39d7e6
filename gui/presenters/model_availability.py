"""Whether the files of models are there. A folder on a network may not answer for minutes, and nobody waits for it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from engine.errors import InferoscopeError
from engine.library.store import why_not_available
from gui.engine_words import in_full
from gui.presenters.port import Task, Tasks
from gui.texts import text

_EVERY_S = 5.0
_SILENT_S = 5.0
_MOST_AT_ONCE = 8
"""Folders that are looked into at the same time; silent ones do not count."""


class ModelAvailability:
    """Looks into each folder now and then, each in a task of its own, so that a dead one holds up no other.

    Args:
        tasks: Run the looking.
        clock: Monotonic seconds.
    """

    def __init__(self, tasks: Tasks, clock: Callable[[], float] = time.monotonic) -> None:
        self._tasks = tasks
        self._clock = clock
        self._reasons: dict[Path, str] = {}
        self._running: dict[Path, Task] = {}
        self._looked_s: dict[Path, float] = {}

    def reason(self, path: Path) -> str | None:
        """Why a file cannot be used, "" where it can, None before that is known."""
        task = self._running.get(path.parent)
        if task is not None and task.elapsed_s > _SILENT_S:
            return text("Models", "The folder does not answer: {folder}").format(folder=path.parent)
        return self._reasons.get(path)

    def look(self, paths: Iterable[Path]) -> None:
        """Look again into the folders of these files where it is time to."""
        folders: dict[Path, list[Path]] = defaultdict(list)
        for path in paths:
            folders[path.parent].append(path)
        for folder, files in folders.items():
            self._look_into(folder, tuple(files))

    def look_soon(self, path: Path) -> None:
        """A file has come or gone: do not wait until it is time."""
        self._looked_s.pop(path.parent, None)

    def _look_into(self, folder: Path, files: tuple[Path, ...]) -> None:
        now = self._clock()
        due = now - self._looked_s.get(folder, -_EVERY_S) >= _EVERY_S
        answering = sum(task.elapsed_s <= _SILENT_S for task in self._running.values())
        if folder in self._running or not due or answering >= _MOST_AT_ONCE:
            return
        self._looked_s[folder] = now
        self._running[folder] = self._tasks.start(
            "look for models",
            lambda _control: {file: why_not_available(file) for file in files},
            lambda reasons: self._on_looked(folder, reasons),
            lambda error: self._on_failed(folder, files, error),
        )

    def _on_looked(self, folder: Path, reasons: Mapping[Path, str]) -> None:
        self._running.pop(folder, None)
        self._reasons.update(reasons)

    def _on_failed(self, folder: Path, files: tuple[Path, ...], error: InferoscopeError) -> None:
        self._running.pop(folder, None)
        self._reasons.update(dict.fromkeys(files, in_full(error)))
