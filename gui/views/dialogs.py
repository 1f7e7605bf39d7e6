"""The system's own file dialogs, with what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QWidget

from gui.texts import text

_NAME_PX = 320
_LONGEST_NAME = 80


def choose_model(parent: QWidget) -> Path | None:
    """Ask for a model file; None when the person changed their mind."""
    kinds = text("Dialogs", "Models (*.onnx *.xml)") + ";;" + text("Dialogs", "All files (*)")
    chosen, _ = QFileDialog.getOpenFileName(parent, text("Dialogs", "Open a model"), "", kinds)
    return Path(chosen) if chosen else None


def choose_session(parent: QWidget) -> Path | None:
    """Ask for a session to go on with; None when the person changed their mind."""
    chosen, _ = QFileDialog.getOpenFileName(parent, text("Dialogs", "Open a session"), "", _session_kinds())
    return Path(chosen) if chosen else None


def name_session(parent: QWidget) -> Path | None:
    """Ask where to save a session; None when the person changed their mind."""
    start = text("Dialogs", "Session.json")
    chosen, _ = QFileDialog.getSaveFileName(parent, text("Dialogs", "Save the session as"), start, _session_kinds())
    path = Path(chosen)
    return (path if path.suffix else path.with_suffix(".json")) if chosen else None


def name_archive(parent: QWidget, name: str) -> Path | None:
    """Ask where to save diagnostics; None when the person changed their mind. ``name`` is a good name for the file."""
    location = QStandardPaths.StandardLocation
    places = map(QStandardPaths.writableLocation, (location.DocumentsLocation, location.HomeLocation))
    folder = next((place for place in places if Path(place).is_dir()), "")
    kinds = text("Dialogs", "Archives (*.zip)")
    title = text("Dialogs", "Save diagnostics as")
    chosen, _ = QFileDialog.getSaveFileName(parent, title, str(Path(folder) / name), kinds)
    path = Path(chosen)
    return (path if path.suffix else path.with_suffix(".zip")) if chosen else None


def name_tile(parent: QWidget, present: str, usual: str, answered: Callable[[str], None]) -> None:
    """Ask what a tile is to be called, and tell the answer: "" for its usual name.

    Args:
        parent: Owner.
        present: The name that a person has given it before, "".
        usual: What it is called where nobody has given it a name.
        answered: Told unless the person changed their mind.
    """
    dialog = QInputDialog(parent)
    dialog.setWindowTitle(text("Dialogs", "Rename the tile"))
    dialog.setLabelText(text("Dialogs", "Name of the tile; leave it empty for its usual name:"))
    dialog.setTextValue(present)
    dialog.setOkButtonText(text("Dialogs", "Rename"))
    dialog.setCancelButtonText(text("Dialogs", "Cancel"))
    field = dialog.findChild(QLineEdit)
    assert field is not None  # it has one as soon as it has a text
    field.setPlaceholderText(usual)
    field.setMinimumWidth(_NAME_PX)
    field.setMaxLength(_LONGEST_NAME)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.textValueSelected.connect(lambda name: answered(name.strip()))
    dialog.open()


def _session_kinds() -> str:
    return text("Dialogs", "Sessions (*.json)")
