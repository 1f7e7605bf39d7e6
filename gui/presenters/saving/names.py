"""What files are called: the tile's name and the moment, and never a name that is taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path

from engine.errors import SinkError
from engine.sinks.disk import refusal
from gui.texts import text

_MOST_BYTES = 150
"""Of a tile's name in a file's name: file systems take 255 bytes in all."""
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\s]+')
"""What some system does not take in a name, and spaces, which command lines do not take well."""


class FolderError(SinkError):
    """The folder for snapshots and recordings is gone: another one must be chosen."""


def stem(title: str, moment: datetime) -> str:
    """Name without an ending: ``Yard-2026-11-21-081203``. Any letters of the title are kept."""
    plain = _NOT_IN_NAMES.sub("-", title).strip("-. ")
    plain = plain.encode("utf-8", "ignore")[:_MOST_BYTES].decode("utf-8", "ignore").rstrip("-. ")
    named = plain or text("Saving", "Picture")
    return f"{named}-{moment:%Y-%m-%d-%H%M%S}"


def require_folder(folder: Path) -> None:
    """Check that the folder is there.

    Raises:
        FolderError: It is not.
    """
    if not folder.is_dir():
        raise FolderError(
            text("Saving", "The folder for snapshots and recordings is not there any more"),
            subject=str(folder),
            remedy=text("Saving", "Connect its disk again or choose another folder"),
        )


def free_stem(folder: Path, wanted: str, endings: Sequence[str], taken: Collection[str] = ()) -> str:
    """The wanted name, or the first of ``name-2``, ``name-3`` .. with none of whose endings there is a file."""
    number = 1
    name = wanted
    while name in taken or any((folder / f"{name}{ending}").exists() for ending in endings):
        number += 1
        name = f"{wanted}-{number}"
    return name


def claimed(folder: Path, wanted: str, ending: str) -> Path:
    """A new, empty file of the wanted name, or of the first free one like it. Two at once get two.

    Raises:
        SinkError: The folder takes no file.
    """
    while True:
        path = folder / f"{free_stem(folder, wanted, (ending, '.json'))}{ending}"
        try:
            path.touch(exist_ok=False)
        except FileExistsError:
            continue
        except OSError as error:
            raise refusal(path, error) from error
        return path
