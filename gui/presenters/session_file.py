"""The session comes back: what a person has set up is kept in a file as it changes, and read at the next start."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from engine.errors import InferoscopeError
from engine.folders import data_folder, write_atomic
from gui.presenters.problems import Problems
from gui.presenters.session_format import LARGEST_BYTES, Restored, from_document, to_document
from gui.presenters.session_lock import SessionLock
from gui.presenters.workspace import Workspace, WorkspaceStore
from gui.texts import text

SAVE_EVERY_S = 1.0
RETRY_AFTER_S = 30.0


def default_session() -> Path:
    """The file of the session that comes back by itself."""
    return data_folder() / "session.json"


def write_session(path: Path, workspace: Workspace) -> None:
    """Save a workspace as a file.

    Raises:
        InferoscopeError: The disk is full or the folder cannot be written.
    """
    try:
        write_atomic(path, to_document(workspace, path.absolute().parent))
    except OSError as error:
        raise _unwritable(path, error) from error


def read_session(path: Path) -> Restored:
    """The workspace of a file.

    Raises:
        FileNotFoundError: There is none.
        InferoscopeError: It cannot be read or is damaged; the subject says where.
    """
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
        return from_document(content, path.absolute().parent)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(path) from error
    except OSError as error:
        raise InferoscopeError(
            text("SessionFile", "The session file cannot be read"),
            subject=str(path),
            remedy=text("SessionFile", "Check that you may read it"),
            detail=str(error),
        ) from error
    except InferoscopeError as error:
        error.subject = ", ".join(part for part in (str(path), error.subject) if part)
        raise


def at_rest(workspace: Workspace) -> Workspace:
    """The same with every stream stopped: for who does not want to continue where they stopped."""
    return replace(workspace, tiles=tuple(replace(tile, running=False) for tile in workspace.tiles))


class SessionKeeper:
    """Keeps one session in its file. ``open`` it, make the store of what it gives, ``follow`` that store.

    Nothing is written where another program has the session, nor over a file that cannot be read. GUI thread alone:
    the file is a few kilobytes.

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

    def open(self) -> Workspace:
        """Claim the file and read it; an empty workspace where that is not possible, and a problem that says why."""
        try:
            self._saves = self._lock.take()
        except OSError as error:
            self._saves = self._failing = True  # the disk may be writable later
            self._tell(_unwritable(self._path, error))
        if not self._saves:
            self._tell(
                InferoscopeError(
                    text("SessionFile", "Another Inferoscope has this session open; what you set up here is not saved"),
                    subject=str(self._path),
                    remedy=text("SessionFile", "Close the other one, or save the session as a file"),
                )
            )
            return Workspace()
        return self._read()

    def follow(self, store: WorkspaceStore) -> None:
        """Save this store from now on."""
        self._store = store
        self._kept = store.now

    def refresh(self) -> None:
        """Save what has changed, at most once a second; after a failure try again later."""
        if self._clock() >= self._due_s:
            self.flush()

    def flush(self) -> None:
        """Save what has changed, now."""
        if self._store is None or not self._saves or self._store.now == self._kept:
            return
        workspace = self._store.now
        try:
            self._saves = self._lock.take()
            if self._saves:
                write_atomic(self._path, to_document(workspace, self._path.absolute().parent))
        except OSError as error:
            self._due_s = self._clock() + RETRY_AFTER_S
            if not self._failing:
                self._tell(_unwritable(self._path, error))
            self._failing = True
        else:
            self._kept, self._failing = workspace, False
            self._due_s = self._clock() + SAVE_EVERY_S

    def close(self) -> None:
        """Save, and let other programs have the session. Twice is once."""
        self.flush()
        self._saves = False
        self._lock.give_back()

    def _read(self) -> Workspace:
        try:
            restored = read_session(self._path)
        except FileNotFoundError:
            return Workspace()
        except InferoscopeError as error:
            self._put_aside(error)
            return Workspace()
        for warning in restored.warnings[:1]:
            self._tell(_left_out(self._path, warning, restored.warnings))
        return restored.workspace

    def _put_aside(self, error: InferoscopeError) -> None:
        """Keep a damaged file under another name, so that it is not overwritten, and say so."""
        aside = self._path.with_name(f"{self._path.name}.damaged")
        if self._saves:
            try:
                self._path.replace(aside)
                error.remedy = text("SessionFile", "It was kept as {path}").format(path=aside)
            except OSError as refusal:
                self._saves = False
                error.detail = str(refusal)
        self._tell(error)

    def _tell(self, error: InferoscopeError) -> None:
        self._problems.add(text("SessionFile", "Session"), error)


def open_other(present: SessionKeeper, path: Path, store: WorkspaceStore, problems: Problems) -> SessionKeeper:
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
        problems.add(path.name, InferoscopeError(text("SessionFile", "This file is not there"), subject=str(path)))
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
    other.follow(store)
    return other


def _left_out(path: Path, first: str, warnings: tuple[str, ...]) -> InferoscopeError:
    return InferoscopeError(
        text("SessionFile", "Not all of the session could be used: {first}").format(first=first),
        subject=str(path),
        detail="\n".join(warnings),
    )


def _unwritable(path: Path, error: OSError) -> InferoscopeError:
    return InferoscopeError(
        text("SessionFile", "The session cannot be saved"),
        subject=str(path),
        remedy=text("SessionFile", "Free space on the disk, and check that you may write to the folder"),
        detail=str(error),
    )
