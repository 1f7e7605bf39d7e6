"""Bars of the best classes of a whole picture."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.presenters.model_panel import Bar, amount_text

_ROW_PX = 34
_BAR_PX = 8


class BarsView(QWidget):
    """A name, a share and a bar for each; as high as it has bars."""

    def __init__(self) -> None:
        super().__init__()
        self._bars: tuple[Bar, ...] = ()
        self._rows = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setVisible(False)

    def show_bars(self, bars: tuple[Bar, ...], *, keep_room: bool) -> None:
        """Show other bars.

        Args:
            bars: The longest first.
            keep_room: As high as it ever was: nothing below it moves while classes come and go.
        """
        if bars == self._bars and keep_room == bool(self._rows):
            return
        self._bars = bars
        rows = max(self._rows, len(bars)) if keep_room else len(bars)
        if rows != self._rows:
            self._rows = rows
            self.updateGeometry()
        self.setVisible(rows > 0)
        self.setAccessibleName(", ".join(f"{bar.name} {amount_text(bar.share, True)}" for bar in bars))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        """Room for all bars."""
        return QSize(200, self._rows * _ROW_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the bars, one below the other."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, bar in enumerate(self._bars):
            self._paint_bar(painter, bar, QRectF(0, row * _ROW_PX, self.width(), _ROW_PX))

    def _paint_bar(self, painter: QPainter, bar: Bar, place: QRectF) -> None:
        now, metrics = theme.current(), painter.fontMetrics()
        amount = amount_text(bar.share, True)
        words = QRectF(place.left(), place.top(), place.width(), place.height() - _BAR_PX - 4)
        painter.setPen(QColor(now.text))
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, amount)
        words.setRight(words.right() - metrics.horizontalAdvance(amount) - 8)
        name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        groove = QRectF(place.left(), place.bottom() - _BAR_PX - 2, place.width(), _BAR_PX)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(now.raised))
        painter.drawRoundedRect(groove, 3, 3)
        groove.setWidth(max(2.0, groove.width() * min(1.0, bar.share)))
        painter.setBrush(QColor(*bar.colour))
        painter.drawRoundedRect(groove, 3, 3)
