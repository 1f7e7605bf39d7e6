"""Keeps the session in its file as it changes, and goes on with another one."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from engine.errors import InferoscopeError
from gui.presenters.port import Task, TaskControl, Tasks
from gui.presenters.problems import Problems
from gui.presenters.session_file import read_session, unwritable, write_session
from gui.presenters.session_lock import SessionLock
from gui.presenters.workspace import Workspace, WorkspaceStore
from gui.texts import text

_log = logging.getLogger(__name__)

SAVE_EVERY_S = 1.0
RETRY_AFTER_S = 30.0
SILENT_AFTER_S = 10.0
"""A save that takes so long is told: the file may lie on a drive that does not answer."""
LAST_SAVE_S = 2.0
"""So long the end of the program waits for the last save."""


class SessionKeeper:
    """Keeps one session in its file. ``open`` it, make the store of what it gives, ``follow`` that store.

    Nothing is written where another program has the session, nor over a file that cannot be read. GUI thread alone: a
    save is a task, for the file may lie on a drive that does not answer. There is one at a time, of the newest.

    Args:
        path: The file.
        problems: Told what cannot be read or written.
        clock: Seconds that never run backwards.
    """

    def __init__(self, path: Path, problems: Problems, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._problems = problems
        self._clock = clock
        self._lock = SessionLock(path)
        self._store: WorkspaceStore | None = None
        self._tasks: Tasks | None = None
        self._saving: Task | None = None
        self._kept: Workspace | None = None
        self._saves = False
        self._failing = False
        self._due_s = 0.0

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def saves(self) -> bool:
        """Whether changes are kept. False where another program has the session, or the file cannot be used."""
        return self._saves

    def open(self, first: Workspace | None = None) -> Workspace:
        """Claim the file and read it; an empty workspace where that is not possible, and a problem that says why.

        Args:
            first: What to begin with where there is no file yet, None for an empty workspace.
        """
        try:
            self._saves = self._lock.take()
        except OSError as error:
            self._saves = self._failing = True  # the disk may be writable later
            self._tell(unwritable(self._path, error))
        if not self._saves:
            self._tell(_in_use(self._path))
            return Workspace()
        return self._read(first or Workspace())

    def follow(self, store: WorkspaceStore, tasks: Tasks) -> None:
        """Save this store from now on."""
        self._store, self._tasks = store, tasks
        self._kept = store.now

    def refresh(self) -> None:
        """Save what has changed, at most once a second; after a failure try again later."""
        if self._saving is not None:
            if self._saving.elapsed_s >= SILENT_AFTER_S:
                self._tell_once(_silent(self._path))
        elif self._clock() >= self._due_s:
            self._save()

    def _save(self) -> None:
        workspace = self._unsaved()
        if workspace is not None and self._tasks is not None:
            self._saving = self._tasks.start(
                "save session",
                lambda _control: self._write(workspace),
                partial(self._on_saved, workspace),
                self._on_failed,
            )

    def _unsaved(self) -> Workspace | None:
        """What is to be saved, None while there is nothing new."""
        if self._store is None or not self._saves or self._store.now == self._kept:
            return None
        return self._store.now

    def _write(self, workspace: Workspace) -> bool:
        """False where another program has the session. Inside a task alone, and one at a time."""
        try:
            held = self._lock.take()
        except OSError as error:
            raise unwritable(self._path, error) from error
        if held:
            write_session(self._path, workspace)
        return held

    def _on_saved(self, workspace: Workspace, held: bool) -> None:
        self._saving = None
        self._due_s = self._clock() + SAVE_EVERY_S
        if held:
            self._kept, self._failing = workspace, False
        else:
            self._saves = False
            self._tell(_in_use(self._path))

    def _on_failed(self, error: InferoscopeError) -> None:
        self._saving = None
        self._due_s = self._clock() + RETRY_AFTER_S
        self._tell_once(error)

    def close(self, seconds: float = 0.0) -> None:
        """Save what has changed, and let other programs have the session, both in the background. Twice is once.

        Args:
            seconds: Wait for it, at most so long: at the end of the program, when nothing else is to be kept waiting.
        """
        if self._tasks is None:
            self._lock.give_back()
        else:
            work = partial(self._finish, self._saving, self._unsaved())
            self._saving = self._tasks.start("last save", work, lambda _done: None, self._on_failed)
            if seconds and not self._saving.wait(seconds):
                _log.error("%s", _silent(self._path))
        self._saves = False

    def _finish(self, before: Task | None, workspace: Workspace | None, _control: TaskControl) -> None:
        """The last task: after the one before it."""
        if before is not None and not before.wait(RETRY_AFTER_S):
            raise _silent(self._path)
        try:
            if workspace is not None:
                self._write(workspace)
        except InferoscopeError as error:
            _log.error("%s", error)  # there may be nobody any more to be told
            raise
        finally:
            self._lock.give_back()

    def _read(self, first: Workspace) -> Workspace:
        try:
            restored = read_session(self._path)
        except FileNotFoundError:
            return first
        except InferoscopeError as error:
            self._put_aside(error)
            return Workspace()
        for warning in restored.warnings[:1]:
            self._tell(_left_out(self._path, warning, restored.warnings))
        return restored.workspace

    def _put_aside(self, error: InferoscopeError) -> None:
        """Keep a damaged file under another name, so that it is not overwritten, and say so."""
        if self._saves:
            try:
                aside = _free_name(self._path)
                self._path.replace(aside)
                error.remedy = text("SessionFile", "It was kept as {path}").format(path=aside)
            except OSError as refusal:
                self._saves = False
                error.detail = str(refusal)
        self._tell(error)

    def _tell_once(self, error: InferoscopeError) -> None:
        """Tell the first failure of several in a row."""
        if not self._failing:
            self._tell(error)
        self._failing = True

    def _tell(self, error: InferoscopeError) -> None:
        self._problems.add(text("SessionFile", "Session"), error)


def open_other(
    present: SessionKeeper, path: Path, store: WorkspaceStore, problems: Problems, tasks: Tasks
) -> SessionKeeper:
    """Go on with another session, which is kept from now on.

    Where it cannot be read, or another program has it, the present one goes on, and a problem says why.

    Returns:
        Who keeps the store now.
    """
    if path.absolute() == present.path.absolute():
        return present
    try:
        read_session(path)  # before anything is touched: what is no session is not to be put aside as a damaged one
    except FileNotFoundError:
        problems.add(
            path.name,
            InferoscopeError(
                text("SessionFile", "This file is not there"),
                subject=str(path),
                remedy=text("SessionFile", "Choose another file"),
            ),
        )
        return present
    except InferoscopeError as error:
        problems.add(path.name, error)
        return present
    other = SessionKeeper(path, problems)
    workspace = other.open()
    if not other.saves:
        return present
    present.close()
    store.open(workspace)
    other.follow(store, tasks)
    return other


def _free_name(path: Path) -> Path:
    """Where a damaged file is kept: nothing else is there."""
    names = itertools.chain([".damaged"], (f".damaged-{number}" for number in itertools.count(2)))
    return next(aside for name in names if not (aside := path.with_name(path.name + name)).exists())


def _left_out(path: Path, first: str, warnings: tuple[str, ...]) -> InferoscopeError:
    return InferoscopeError(
        text("SessionFile", "Not all of the session could be used: {first}").format(first=first),
        subject=str(path),
        remedy=text("SessionFile", "Look at the details, and set up again what is missing"),
        detail="\n".join(warnings),
    )


def _in_use(path: Path) -> InferoscopeError:
    return InferoscopeError(
        text("SessionFile", "Another Inferoscope has this session open; what you set up here is not saved"),
        subject=str(path),
        remedy=text("SessionFile", "Close the other one, or save the session as a file"),
    )


def _silent(path: Path) -> InferoscopeError:
    return InferoscopeError(
        text("SessionFile", "The session is not saved yet: its folder does not answer"),
        subject=str(path),
        remedy=text("SessionFile", "Check the drive or its network, or save the session as a file elsewhere"),
    )
