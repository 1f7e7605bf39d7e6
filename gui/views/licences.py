"""The licences of everything that the program is made of, to be read."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from gui.texts import text

_SIZE = (980, 680)


class Licences(QDialog):
    """The file as it is: shown here and not by a browser, which may not be allowed to read the program's folder."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(text("Licences", "Licences"))
        words = QPlainTextEdit(path.read_text(encoding="utf-8"))
        words.setReadOnly(True)
        words.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        words.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))  # it is set in columns
        words.setAccessibleName(text("Licences", "Licences"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setText(text("Licences", "Close"))
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(words)
        layout.addWidget(buttons)
        self.resize(*_SIZE)
