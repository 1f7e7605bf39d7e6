"""A strip above the pages: what failed last time, and how far the saving of diagnostics is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.presenters.diagnostics import DiagnosticsDisplay, DiagnosticsPresenter
from gui.texts import text
from gui.views.dialogs import name_archive
from gui.views.icons import icon
from gui.views.problems_panel import open_folder

_ROLES = {"failed": "warning", "busy": "card", "saved": "good"}
_BAR_PX = 96


class DiagnosticsStrip(QWidget):
    """Fulfils ``gui.presenters.diagnostics.DiagnosticsView``. Takes no focus by itself.

    Signals:
        save_requested: Save diagnostics.
        file_chosen: Save them there.
        skip_requested: Leave out the self-test.
        cancel_requested: Save nothing.
        dismissed: It has been read.
    """

    save_requested = Signal()
    file_chosen = Signal(object)
    skip_requested = Signal()
    cancel_requested = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder: Path | None = None
        self._kind = ""
        self._frame = QFrame()
        self._words = QLabel()
        self._words.setWordWrap(True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_PX)
        self._bar.setAccessibleName(text("Diagnostics", "Progress"))
        self._show_folder = QPushButton(text("Diagnostics", "Show the folder"))
        self._save = QPushButton(text("Diagnostics", "Save diagnostics…"))
        self._skip = QPushButton(text("Diagnostics", "Skip the self-test"))
        self._cancel = QPushButton(text("Diagnostics", "Cancel"))
        self._close = QToolButton()
        self._close.setIcon(icon("x"))
        self._close.setToolTip(text("Diagnostics", "Dismiss"))
        self._close.setAccessibleName(text("Diagnostics", "Dismiss the message"))
        self._lay_out()
        self._wire()
        self.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self._frame)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        for widget in (self._bar, self._show_folder, self._save, self._skip, self._cancel, self._close):
            row.addWidget(widget)
        around = QVBoxLayout(self)
        around.setContentsMargins(12, 8, 12, 8)
        around.addWidget(self._frame)

    def _wire(self) -> None:
        self._show_folder.clicked.connect(self._on_show_folder_clicked)
        self._save.clicked.connect(self.save_requested)
        self._skip.clicked.connect(self.skip_requested)
        self._cancel.clicked.connect(self.cancel_requested)
        self._close.clicked.connect(self.dismissed)

    def show_diagnostics(self, display: DiagnosticsDisplay) -> None:
        """Show it."""
        busy, focused = display.kind == "busy", self.isAncestorOf(QApplication.focusWidget() or self)
        self._folder = display.folder
        self._words.setText(display.words)
        self._bar.setVisible(busy)
        self._show_folder.setVisible(display.folder is not None)
        self._save.setVisible(display.kind == "failed")
        self._skip.setVisible(busy and display.can_skip)
        self._cancel.setVisible(busy)
        self._close.setVisible(not busy)
        if display.kind != self._kind:
            self._turn(display)
        self.setVisible(bool(display.kind))
        if focused:
            self._keep_focus()

    def ask_file(self, name: str) -> None:
        """Let the person choose where to save."""
        path = name_archive(self.window(), name)
        if path is not None:
            self.file_chosen.emit(path)

    def _keep_focus(self) -> None:
        """The button with the focus may have gone; the next one is beside it."""
        buttons = (self._show_folder, self._save, self._skip, self._cancel, self._close)
        shown = [button for button in buttons if button.isVisible()]
        if shown and not any(button.hasFocus() for button in shown):
            shown[-1].setFocus(Qt.FocusReason.OtherFocusReason)

    def _turn(self, display: DiagnosticsDisplay) -> None:
        """Look like what it tells now, and tell it to screen readers."""
        self._kind = display.kind
        self._frame.setProperty("role", _ROLES.get(display.kind, "card"))
        self._frame.style().unpolish(self._frame)
        self._frame.style().polish(self._frame)
        if display.words:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, display.words))

    def _on_show_folder_clicked(self) -> None:
        if self._folder is not None:
            open_folder(self._folder)


def connect(view: DiagnosticsStrip, presenter: DiagnosticsPresenter) -> None:
    """Wire the person's intents."""
    view.save_requested.connect(presenter.on_wanted)
    view.file_chosen.connect(presenter.on_file_chosen)
    view.skip_requested.connect(presenter.on_skip)
    view.cancel_requested.connect(presenter.on_cancel)
    view.dismissed.connect(presenter.on_dismissed)
