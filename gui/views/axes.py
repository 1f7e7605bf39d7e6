"""The two axes of a plot: how they lie beside its box, and their look."""

from __future__ import annotations

from collections.abc import Iterable

import pyqtgraph as pg
from PySide6.QtGui import QColor, QFont

from gui import theme

TICK_PX = 10


def framed(
    box: pg.ViewBox, left: pg.AxisItem, bottom: pg.AxisItem, margins: tuple[int, int, int, int]
) -> pg.GraphicsLayout:
    """A box with an axis at its left and one below, inside margins in pixels."""
    grid = pg.GraphicsLayout()
    grid.setContentsMargins(*margins)
    grid.layout.setSpacing(0)
    grid.addItem(left, 0, 0)
    grid.addItem(box, 0, 1)
    grid.addItem(bottom, 1, 1)
    font = QFont("Roboto")
    font.setPixelSize(TICK_PX)
    for axis in (left, bottom):
        axis.setStyle(tickLength=0, tickFont=font)
    return grid


def dress(axes: Iterable[pg.AxisItem]) -> None:
    """Take the colours of the theme."""
    now = theme.current()
    for axis in axes:
        axis.setPen(QColor(now.border))
        axis.setTextPen(QColor(now.muted))
        axis.setTickPen(QColor(now.border))
