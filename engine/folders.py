"""The program's own folders, in the platform's places. Nothing is created before something is written."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

_HOME_VARIABLE = "INFEROSCOPE_HOME"
"""Names a folder that takes everything the program keeps (tests, portable installations)."""


def cache_folder() -> Path:
    """Folder for what can be made again: compiled models, trial marks."""
    return _folder("cache")


def data_folder() -> Path:
    """Folder for what a person would miss: corrections of model cards, later models and sessions."""
    return _folder("data")


def _folder(kind: str) -> Path:
    home = os.environ.get(_HOME_VARIABLE)
    if home:
        return Path(home) / kind
    import platformdirs

    if kind == "cache":
        return Path(platformdirs.user_cache_dir("inferoscope", appauthor=False))
    return Path(platformdirs.user_data_dir("inferoscope", appauthor=False))


def absolute(path: Path) -> Path:
    """A path from the root, without ``~`` and ``..``; links stay, so that what they lead to may change."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - ``resolve`` would follow links


def write_atomic(path: Path, content: bytes) -> None:
    """Write a file so that readers see the old content or the new, never a part; makes its folder first.

    Raises:
        OSError: The folder cannot be written or the disk is full; nothing is left behind then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
