"""Remembers where the window was, how its splitters stood, and what was chosen about its parts."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QSplitter, QWidget

from engine.folders import write_atomic

_log = logging.getLogger(__name__)


def remember(window: QWidget, path: Path, choices: Mapping[str, object]) -> None:
    """Write the place of a window, the state of each splitter that has an object name, and choices by name."""
    splitters = {s.objectName(): _written(s.saveState()) for s in _splitters(window)}
    document = {"geometry": _written(window.saveGeometry()), "splitters": splitters, "choices": dict(choices)}
    try:
        write_atomic(path, json.dumps(document, indent=2).encode())
    except OSError as error:
        _log.warning("The place of the window cannot be kept: %s", error)


def bring_back(window: QWidget, path: Path) -> dict[str, object]:
    """Put a window where it was; Qt moves it onto a screen that there is.

    Returns:
        The choices by name; none where nothing is remembered, or nothing that can be read.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        geometry, splitters = _read(document["geometry"]), dict(document["splitters"])
        choices = dict(document.get("choices", {}))
        for splitter in _splitters(window):
            if splitter.objectName() in splitters:
                splitter.restoreState(_read(splitters[splitter.objectName()]))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("The place of the window cannot be read and is forgotten: %s", error)
        return {}
    window.restoreGeometry(geometry)
    return choices


def _splitters(window: QWidget) -> list[QSplitter]:
    return [splitter for splitter in window.findChildren(QSplitter) if splitter.objectName()]


def _written(state: QByteArray) -> str:
    return bytes(state.toBase64().data()).decode("ascii")


def _read(state: object) -> QByteArray:
    return QByteArray.fromBase64(str(state).encode())
