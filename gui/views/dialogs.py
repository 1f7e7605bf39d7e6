"""The system's own file dialogs, with what they ask for."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from gui.texts import text


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


def _session_kinds() -> str:
    return text("Dialogs", "Sessions (*.json)")
