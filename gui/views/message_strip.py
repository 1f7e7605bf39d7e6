"""One line above a page: what just happened, or is going on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from gui.presenters.model_displays import Message
from gui.texts import text
from gui.views.model_card_view import card_button, card_label

_STEPS = 1000
_BAR_PX = 160


class MessageStrip(QFrame):
    """Hidden while there is nothing to say.

    Signals:
        cancel_requested: Stop what is going on.
        use_requested: Use the model that it is about.
        dismissed: It has been read.
    """

    cancel_requested = Signal()
    use_requested = Signal(object)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path: Path | None = None
        self._words = card_label("", wraps=True)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_PX)
        self._bar.setAccessibleName(text("MessageStrip", "Progress"))
        self._use, self._cancel = (
            QPushButton(text("MessageStrip", "Use now")),
            QPushButton(text("MessageStrip", "Cancel")),
        )
        self._use.setProperty("role", "primary")
        self._close = card_button("x", text("MessageStrip", "Dismiss"))
        self._close.setAccessibleName(text("MessageStrip", "Dismiss the message"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(8)
        row.addWidget(self._words, 1)
        for widget in (self._bar, self._use, self._cancel, self._close):
            row.addWidget(widget)
        self._use.clicked.connect(lambda: self.use_requested.emit(self._path))
        self._cancel.clicked.connect(self.cancel_requested)
        self._close.clicked.connect(self.dismissed)
        self.hide()

    @property
    def controls(self) -> tuple[QWidget, ...]:
        """What takes the focus, in order."""
        return (self._use, self._cancel, self._close)

    def show_message(self, message: Message | None) -> None:
        """Show a message; None for nothing."""
        self.setVisible(message is not None)
        if message is None:
            return
        busy = message.kind == "busy"
        self._path = message.use
        self._words.setText(message.words)
        self._bar.setVisible(busy)
        self._bar.setRange(0, 0 if message.share is None else _STEPS)
        self._bar.setValue(round((message.share or 0.0) * _STEPS))
        self._use.setVisible(message.use is not None)
        self._cancel.setVisible(busy)
        self._close.setVisible(not busy)
        self._dress("card" if busy else message.kind)

    def _dress(self, role: str) -> None:
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)
