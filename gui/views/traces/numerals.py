"""Numbers like those of an instrument: they never move, and only those that changed are painted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui import theme
from gui.presenters.traces.display import Chart, Row, Table
from gui.texts import text
from gui.views.traces.plot import colour_of

_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def written(value: float, decimals: int) -> str:
    """A number with its decimals, of which large ones have none; a dash for none."""
    if not math.isfinite(value):
        return "–"
    return f"{value:,.{decimals if abs(value) < 1000 else 0}f}".replace(",", " ")


class Readouts(QWidget):
    """Heading of a chart, and a large number for each of its lines."""

    _HEADING, _CAPTION, _NUMBER = 18, 14, 22
    _LEAST_CELL, _GAP = 60, 8

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart = chart
        self._values: tuple[str, ...] = ("–",) * len(chart.lines)
        self.setFixedHeight(self._HEADING + self._CAPTION + self._NUMBER)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumWidth(max(self._LEAST_CELL * len(chart.lines), self._heading_width()))

    def _heading_width(self) -> int:
        title = QFontMetrics(_font(13, QFont.Weight.Medium)).horizontalAdvance(self._chart.title)
        return title + self._GAP + QFontMetrics(_font(11)).horizontalAdvance(self._chart.unit) + 1

    def show_values(self, values: Mapping[str, float]) -> None:
        """Show the values of the lines, by their keys."""
        wanted = tuple(written(values.get(t.key, math.nan), self._chart.decimals) for t in self._chart.lines)
        for i, (old, new) in enumerate(zip(self._values, wanted, strict=True)):
            if old != new:
                self.update(self._cell(i))
        self._values = wanted

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint all that changed; Qt cuts the rest off."""
        now = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(now.surface))
        painter.setFont(_font(13, QFont.Weight.Medium))
        painter.setPen(QColor(now.text))
        heading = QRect(0, 0, self.width(), self._HEADING)
        painter.drawText(heading, _LEFT, self._chart.title)
        heading.setLeft(painter.fontMetrics().horizontalAdvance(self._chart.title) + self._GAP)
        _write(painter, heading, _LEFT, self._chart.unit, (_font(11), now.muted))
        for i, (trace, value) in enumerate(zip(self._chart.lines, self._values, strict=True)):
            cell = self._cell(i)
            painter.fillRect(cell.left(), cell.top() + 3, 3, cell.height() - 5, colour_of(trace))
            cell.setLeft(cell.left() + 9)
            caption, number = QRect(cell), QRect(cell)
            caption.setHeight(self._CAPTION)
            number.setTop(caption.bottom())
            _write(painter, caption, _LEFT, trace.title, (_font(11), now.muted))
            _write(painter, number, _LEFT, value, (_font(19, QFont.Weight.Medium), now.text))
        painter.end()

    def _cell(self, index: int) -> QRect:
        width = min(104, self.width() // len(self._chart.lines))
        return QRect(index * width, self._HEADING, width, self._CAPTION + self._NUMBER)


class NumberTable(QWidget):
    """Numbers beside a plot: a row a curve, named and coloured like it."""

    _ROW, _NAME, _CELL, _LONG_NAME = 17, 72, 36, 166

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = Table((), (), "")
        self._latest: tuple[str, ...] = ()
        self._is_present = True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def show_table(self, table: Table) -> None:
        """Show other rows."""
        if table == self._table:
            return
        is_same_size = (len(table.heads), table.with_latest) == (len(self._table.heads), self._table.with_latest)
        self._table = table
        self._latest = self._latest if len(self._latest) == len(table.rows) else ("",) * len(table.rows)
        if not is_same_size:
            self.updateGeometry()
        self.update()

    def show_values(self, values: Mapping[str, float], *, is_present: bool) -> None:
        """Show the values of now, or those at the pointer, in the front column, where there is one."""
        latest = tuple(written(values.get(row.trace.key, math.nan), 1) for row in self._table.rows)
        if self._table.with_latest and (latest, is_present) != (self._latest, self._is_present):
            self._latest, self._is_present = latest, is_present
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as its columns."""
        columns = len(self._table.heads) + self._table.with_latest
        return QSize(self._name_width + columns * self._CELL + 4, self._ROW * 3)

    @property
    def _name_width(self) -> int:
        return self._NAME if self._table.with_latest else self._LONG_NAME

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the rows that fit."""
        now = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(now.surface))
        if not self._table.rows:
            wrap = _LEFT | Qt.TextFlag.TextWordWrap
            _write(painter, self.rect(), wrap, self._table.summary, (_font(12), now.muted))
        else:
            moment = text("Traces", "now") if self._is_present else text("Traces", "here")
            front = (moment,) if self._table.with_latest else ()
            self._paint_cells(painter, 0, (*front, *self._table.heads), _font(11), (now.muted,) * 9)
            for i, row in enumerate(self._table.rows):
                self._paint_row(painter, (i + 1) * self._ROW, row, self._latest[i])
        painter.end()

    def _paint_row(self, painter: QPainter, top: int, row: Row, latest: str) -> None:
        now = theme.current()
        painter.fillRect(0, top + 4, 3, self._ROW - 7, colour_of(row.trace))
        name = QRect(9, top, self._name_width - 9, self._ROW)
        weight = QFont.Weight.Medium if row.trace.colour is None else QFont.Weight.Normal
        _write(painter, name, _LEFT, row.trace.title, (_font(12, weight), now.text))
        front = (latest,) if self._table.with_latest else ()
        colours = (now.text, now.text, now.muted, now.muted, now.muted) if front else (now.text,)
        self._paint_cells(painter, top, (*front, *row.cells), _font(12, weight), colours)

    def _paint_cells(
        self, painter: QPainter, top: int, cells: tuple[str, ...], font: QFont, colours: tuple[str, ...]
    ) -> None:
        for i, cell in enumerate(cells):
            place = QRect(self._name_width + i * self._CELL, top, self._CELL, self._ROW)
            _write(painter, place, _RIGHT, cell, (font, colours[i]))


@cache
def _font(pixels: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    font = QFont("Roboto")
    font.setPixelSize(pixels)
    font.setWeight(weight)
    return font


def _write(painter: QPainter, place: QRect, flags: Qt.AlignmentFlag, words: str, ink: tuple[QFont, str]) -> None:
    font, colour = ink
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(place, flags, words)
