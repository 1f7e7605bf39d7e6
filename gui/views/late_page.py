"""Room for a page that is made when it is first needed: the start of the program does not wait for it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class LatePage(QWidget):
    """Empty until it is filled.

    Signals:
        wanted: Somebody looks at it, and it is empty still.
        filled: The page is there, which was not so before.
    """

    wanted = Signal()
    filled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def fill(self, page: QWidget) -> None:
        """Take the page in."""
        self._column.addWidget(page)
        page.show()
        self.filled.emit()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """There is something to see."""
        super().showEvent(event)
        if self._column.isEmpty():
            self.wanted.emit()
