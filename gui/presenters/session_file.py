"""A session as a file: what a person has set up, to be read at the next start."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.errors import InferoscopeError
from engine.folders import data_folder, write_atomic
from gui.presenters.session_format import LARGEST_BYTES, Restored, from_document, to_document
from gui.presenters.workspace import Workspace
from gui.texts import text


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
        raise unwritable(path, error) from error


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


def unwritable(path: Path, error: OSError) -> InferoscopeError:
    """Why a session cannot be saved as a file."""
    return InferoscopeError(
        text("SessionFile", "The session cannot be saved"),
        subject=str(path),
        remedy=text("SessionFile", "Free space on the disk, and check that you may write to the folder"),
        detail=str(error),
    )
