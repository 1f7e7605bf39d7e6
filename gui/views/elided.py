"""A label that gives way: too long a text ends in an ellipsis and is told in full by the tool tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

_LEAST_PX = 40


class ElidedLabel(QLabel):
    """One line of text.

    Args:
        words: To begin with.
        mode: Which part is left out.
        parent: Owner.
    """

    def __init__(
        self, words: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight, parent: QWidget | None = None
    ) -> None:
        super().__init__(words, parent)
        self._mode = mode
        self._tip = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setTextFormat(Qt.TextFormat.PlainText)

    def set_words(self, words: str, tip: str = "") -> None:
        """Show a text; the tip is told whether it fits or not."""
        self._tip = tip
        self.setText(words)
        self._retip()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Room for a few letters: the rest gives way."""
        return QSize(min(_LEAST_PX, super().sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """The tip tells the text where it no longer fits."""
        super().resizeEvent(event)
        self._retip()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint what fits."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        inside = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, inside.width())
        painter.drawText(inside, int(self.alignment()), shown)

    def _retip(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        self.setToolTip(self._tip or (self.text() if cut else ""))
