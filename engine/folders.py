"""The program's own folders, in the platform's places. Nothing is created before something is written."""

from __future__ import annotations

import os
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
