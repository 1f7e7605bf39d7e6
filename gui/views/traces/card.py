"""A chart with its numbers, and what the pointer and the keys do on it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from gui.presenters.traces import Curves
from gui.presenters.traces.display import Chart, Table
from gui.texts import text
from gui.views.traces.numerals import NumberTable, Readouts, written
from gui.views.traces.plot import Plot

_ZOOM = 1.25
"""Of a notch of the wheel, or of a key."""
_NOTCH = 120
_LEAST_HEIGHT = 120
_KEY_STEPS = 40
"""Steps of the crosshair over the whole plot."""


class ChartCard(QFrame):
    """One chart. Zooms with the wheel and ``+`` ``-``, moves by dragging, reads values under the pointer.

    Signals:
        range_requested: Another part of the time axis is wanted: from, to, in seconds.
        pointed: The pointer is at a moment of the time axis (float), or gone (None).
        live_requested: The present is wanted again.
    """

    range_requested = Signal(float, float)
    pointed = Signal(object)
    live_requested = Signal()

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chart = chart
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(". ".join(part for part in (f"{chart.title}, {chart.unit}", chart.about) if part))
        mouse = text("Traces", "Turn the wheel to zoom, drag to move, double-click to follow the present again.")
        self.setToolTip("\n\n".join(part for part in (chart.about, mouse) if part))
        self._readouts = Readouts(chart)
        self._plot = Plot(chart)
        self._table = NumberTable() if chart.areas else None
        self._curves: Curves | None = None
        self._pointer_s: float | None = None
        self._dragged_from: tuple[QPointF, float, float] | None = None
        self._lay_out()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addWidget(self._readouts)
        left.addWidget(self._plot, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 4)
        row.setSpacing(8)
        row.addLayout(left, 1)
        if self._table is not None:
            row.addWidget(self._table)
        self.setMinimumHeight(_LEAST_HEIGHT)
        for child in (self._readouts, self._plot, self._table):
            if child is not None:
                child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    # What is shown -------------------------------------------------------------------------------------------------

    def draw(self, curves: Curves) -> None:
        """Draw the curves and their numbers."""
        self._curves = curves
        self._plot.draw(curves)
        self._show_numbers()

    def show_table(self, table: Table) -> None:
        """Show the numbers beside the plot."""
        if self._table is not None:
            self._table.show_table(table)
            self.setAccessibleDescription(table.summary)

    def point(self, at_s: float | None) -> None:
        """Mark a moment and show its values; those of the present for None."""
        self._pointer_s = at_s
        self._plot.point(at_s)
        self._show_numbers()

    def dress(self) -> None:
        """Take the colours of the theme."""
        self._plot.dress()
        self.update()

    def _show_numbers(self) -> None:
        if self._curves is None:
            return
        values = self._values(self._curves)
        self._readouts.show_values(values)
        if self._table is None:
            numbers = [f"{t.title} {written(values[t.key], self.chart.decimals)}" for t in self.chart.lines]
            self.setAccessibleDescription(", ".join(numbers))
        else:
            self._table.show_values(values, is_present=self._pointer_s is None)

    def _values(self, curves: Curves) -> dict[str, float]:
        keys = [trace.key for trace in (*self.chart.lines, *self.chart.areas)]
        if self._pointer_s is None or not len(curves.at_s):
            return {key: curves.latest[key] for key in keys}
        nearest = int(np.abs(curves.at_s - self._pointer_s).argmin())
        return {key: float(curves.values[key][nearest]) for key in keys}

    # Pointer and keys ----------------------------------------------------------------------------------------------

    def _time_at(self, position: QPointF) -> float:
        return self._plot.time_at(self._plot.mapFrom(self, position.toPoint()).x())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 - Qt's name
        """Zoom about the pointer."""
        notches = event.angleDelta().y() / _NOTCH
        if notches:
            self._zoom(_ZOOM**-notches, self._time_at(event.position()))
        event.accept()

    def _zoom(self, factor: float, about_s: float) -> None:
        if self._curves is not None:
            ends = (about_s + factor * (end - about_s) for end in (self._curves.from_s, self._curves.to_s))
            self.range_requested.emit(*ends)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin to drag the time axis."""
        if event.button() is Qt.MouseButton.LeftButton and self._curves is not None:
            self._dragged_from = (event.position(), self._curves.from_s, self._curves.to_s)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drag the time axis, or read values."""
        if self._dragged_from is None:
            inside = self._plot.geometry().contains(event.position().toPoint())
            self.pointed.emit(self._time_at(event.position()) if inside else None)
            return
        begun, from_s, to_s = self._dragged_from
        moved_s = (begun.x() - event.position().x()) / max(1, self._plot.area().width()) * (to_s - from_s)
        if abs(event.position().x() - begun.x()) >= 4:
            self.range_requested.emit(from_s + moved_s, to_s + moved_s)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """End dragging."""
        self._dragged_from = None
        self.unsetCursor()

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the present."""
        self.live_requested.emit()

    def leaveEvent(self, _event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Show the present values again."""
        self.pointed.emit(None)

    def event(self, event: QEvent) -> bool:
        """Take the arrow keys before they become shortcuts of the window."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._action(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Move the crosshair, zoom, follow the present."""
        if not self._action(event) or self._curves is None:
            super().keyPressEvent(event)
            return
        length_s = self._curves.to_s - self._curves.from_s
        at_s = self._curves.to_s if self._pointer_s is None else self._pointer_s
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                step_s = length_s / _KEY_STEPS * (1 if event.key() == Qt.Key.Key_Right else -1)
                self.pointed.emit(min(self._curves.to_s, max(self._curves.from_s, at_s + step_s)))
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._zoom(1 / _ZOOM, at_s)
            case Qt.Key.Key_Minus:
                self._zoom(_ZOOM, at_s)
            case _:
                self.pointed.emit(None)
                self.live_requested.emit()

    def _action(self, event: QKeyEvent) -> bool:
        keys = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus)
        is_plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        return is_plain and event.key() in (*keys, Qt.Key.Key_End)
