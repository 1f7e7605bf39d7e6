"""One plot of the traces: axes, lines, and areas on one another."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from gui import theme
from gui.presenters.traces import Curves
from gui.presenters.traces.display import Chart, Trace
from gui.presenters.traces.store import Float32
from gui.views import axes
from gui.views.traces.scale import Scale, time_ticks

_AXIS_WIDTH, _AXIS_HEIGHT = 32, 18
_LINE_PX = 2
_TICK_EVERY_PX = 62
_RIGHT_MARGIN_PX = 16
_AREA_OPACITY, _SHADE_OPACITY = 0.72, 0.16
_USUAL_PERCENT = 97
_ABOVE_END = 1.05


class Plot(pg.GraphicsView):  # type: ignore[misc]
    """Draws curves when told, and nothing in between. The mouse is the business of whoever holds it.

    Lines are not smoothed: at this width that costs five times as much, and flat ones become dull.
    """

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._chart = chart
        self._scale = Scale(chart.least_top, chart.most_top)
        self._range = (-60.0, 0.0)
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self._box.disableAutoRange()
        self._left, self._bottom = (pg.AxisItem(side, linkView=self._box) for side in ("left", "bottom"))
        self._lay_out()
        self._grid = self._curve(connect="pairs")
        self._areas = {trace: self._curve(fillLevel=0.0) for trace in reversed(chart.areas or _shaded(chart))}
        self._lines = {trace: self._curve() for trace in reversed(chart.lines)}
        self._pointer = QFrame(self)
        self._pointer.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._pointer.hide()
        self.dress()
        self._show_range()

    def _lay_out(self) -> None:
        margins = (0, axes.TICK_PX // 2 + 1, _RIGHT_MARGIN_PX, 0)
        self.setCentralItem(axes.framed(self._box, self._left, self._bottom, margins))
        for axis in (self._left, self._bottom):
            axis.setStyle(tickTextOffset=4, hideOverlappingLabels=False)
        self._left.setWidth(_AXIS_WIDTH)
        self._bottom.setHeight(_AXIS_HEIGHT)

    def _curve(self, **options: object) -> pg.PlotCurveItem:
        curve = pg.PlotCurveItem(pen=None, **{"connect": "finite", **options})
        self._box.addItem(curve, ignoreBounds=True)
        return curve

    def dress(self) -> None:
        """Take the colours of the theme."""
        now = theme.current()
        self.setBackground(QColor(now.surface))
        axes.dress((self._left, self._bottom))
        self._grid.setPen(pg.mkPen(_mixed(QColor(now.border), QColor(now.surface), 0.55), width=1))
        opacity = _AREA_OPACITY if self._chart.areas else _SHADE_OPACITY
        for trace, curve in self._areas.items():
            curve.setBrush(_mixed(colour_of(trace), QColor(now.surface), opacity))
        for trace, curve in self._lines.items():
            is_sum = trace.colour is None  # thin and pale: it lies over the areas that it is the sum of
            colour = QColor(now.muted) if is_sum else colour_of(trace)
            curve.setPen(pg.mkPen(colour, width=1 if is_sum else _LINE_PX))
        self._pointer.setStyleSheet(f"background: {now.muted}; border: none;")

    def draw(self, curves: Curves) -> None:
        """Draw the curves, on a time axis of their range."""
        if self._range != (curves.from_s, curves.to_s):
            self._range = (curves.from_s, curves.to_s)
            self._show_range()
        for trace, curve in self._lines.items():
            curve.setData(curves.at_s, curves.values[trace.key])
        standing = np.zeros(len(curves.at_s), np.float32)
        for trace in self._chart.areas or tuple(self._areas):
            standing = standing + np.nan_to_num(curves.values[trace.key])
            self._areas[trace].setData(curves.at_s, standing)
        self._follow([curves.values[trace.key] for trace in self._chart.lines])

    def _follow(self, lines: list[Float32]) -> None:
        together = np.asarray(np.concatenate(lines))
        values = together[np.isfinite(together)]
        if len(values) and self._scale.follow(float(np.percentile(values, _USUAL_PERCENT)), float(values.max())):
            self._show_top()

    def _show_range(self) -> None:
        self._box.setXRange(*self._range, padding=0)
        self._bottom.setTicks([time_ticks(*self._range, max(2, self.width() // _TICK_EVERY_PX))])
        self._show_top()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802 - Qt's name
        """Write as many moments as there is room for. pyqtgraph calls it without an event while this is made."""
        super().resizeEvent(event)
        if event is not None:
            self._show_range()

    def _show_top(self) -> None:
        top = self._scale.top
        # A line along the top of an axis that has an end would be half a line.
        self._box.setYRange(0.0, top if self._scale.grows else _ABOVE_END * top, padding=0)
        self._left.setTicks([[(share * top, f"{share * top:g}") for share in (0.0, 0.5, 1.0)]])
        self._grid.setData(np.array(2 * self._range), np.array((top / 2, top / 2, top, top)))

    # The pointer ---------------------------------------------------------------------------------------------------

    def area(self) -> QRect:
        """Where curves are drawn."""
        return QRect(self.mapFromScene(self._box.sceneBoundingRect()).boundingRect())

    def time_at(self, x_px: int) -> float:
        """Moment at a place, in seconds on the time axis, within its range."""
        area = self.area()
        share = (x_px - area.left()) / max(1, area.width())
        return self._range[0] + min(1.0, max(0.0, share)) * (self._range[1] - self._range[0])

    def point(self, at_s: float | None) -> None:
        """Mark a moment, or none."""
        length = self._range[1] - self._range[0]
        self._pointer.setVisible(at_s is not None and length > 0)
        if at_s is not None and length > 0:
            area = self.area()
            x_px = area.left() + round((at_s - self._range[0]) / length * area.width())
            self._pointer.setGeometry(QRect(QPoint(x_px, area.top()), QPoint(x_px, area.bottom())))


def colour_of(trace: Trace) -> QColor:
    """Colour of a curve in the theme of the moment."""
    now = theme.current()
    return QColor(now.text if trace.colour is None else now.traces[trace.colour % len(now.traces)])


def _shaded(chart: Chart) -> tuple[Trace, ...]:
    """A single line has its area shaded; several would hide one another."""
    return chart.lines if len(chart.lines) == 1 else ()


def _mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """Opaque: see-through areas on one another would mix, and cost more."""
    parts = ((c.redF(), c.greenF(), c.blueF()) for c in (colour, ground))
    return QColor.fromRgbF(*(share * c + (1.0 - share) * g for c, g in zip(*parts, strict=True)))
