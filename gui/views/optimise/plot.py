"""Speed against agreement: a disc for each variant, as large as its file; a line through those that none beats."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from gui import theme
from gui.presenters.optimise.display import Point, Results
from gui.texts import text
from gui.views import axes

_AXIS_WIDTH, _AXIS_HEIGHT = 44, 40
_LABEL_PX = 11
_LARGEST_PX, _SMALLEST_PX = 44.0, 12.0
_GAP_PX = 4.0
_LEAST_HEIGHT = 120
_EDGE_PX = 28.0
"""Room above and below for half a disc."""
_LEAST_SPAN = 0.04
"""Of agreement: less would blow up differences that mean nothing."""
_DEEPEST = 3.0
"""The axis goes so many times as deep as the limit; what lies deeper stands at its end, and its label tells it."""


class TradePlot(pg.GraphicsView):  # type: ignore[misc]
    """Draws what it is given; a click on a disc chooses it."""

    point_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, background=None)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(text("OptimisePage", "Speed against agreement"))
        self._results = Results()
        self._selected = ""
        self._labels: list[pg.TextItem] = []
        self._low = 0.0  # the least agreement that the axis shows
        self._box = pg.ViewBox(enableMouse=False, enableMenu=False)
        self._box.disableAutoRange()
        self._left, self._bottom = (pg.AxisItem(side, linkView=self._box) for side in ("left", "bottom"))
        self._lay_out()
        self._limit = pg.InfiniteLine(angle=0)
        self._frontier = pg.PlotCurveItem()
        self._discs = pg.ScatterPlotItem(pxMode=True, hoverable=True)
        self._discs.sigClicked.connect(self._on_clicked)
        for item in (self._limit, self._frontier, self._discs):
            self._box.addItem(item, ignoreBounds=True)
        self._discs.setZValue(1)
        self.setMinimumHeight(_LEAST_HEIGHT)
        self.dress()

    def show_results(self, results: Results, selected: str) -> None:
        """Draw the points; the selected one has a ring."""
        self._results, self._selected = results, selected
        self._draw()

    def dress(self) -> None:
        """Take the colours of the theme."""
        now = theme.current()
        self.setBackground(QColor(now.surface))
        axes.dress((self._left, self._bottom))
        self._left.setLabel(text("OptimisePage", "Agreement"), **_label_style(now.muted))
        self._bottom.setLabel(text("OptimisePage", "Times as fast as the original"), **_label_style(now.muted))
        self._limit.setPen(pg.mkPen(QColor(now.warning), width=1, style=Qt.PenStyle.DashLine))
        self._frontier.setPen(pg.mkPen(QColor(now.accent), width=2))
        self._draw()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """Labels find new places. pyqtgraph calls it without an event while this is made."""
        super().resizeEvent(event)
        if event is not None:
            self._draw()

    def _lay_out(self) -> None:
        self.setCentralItem(axes.framed(self._box, self._left, self._bottom, (4, 12, 20, 4)))
        for axis in (self._left, self._bottom):
            axis.setStyle(tickTextOffset=6)
            axis.enableAutoSIPrefix(False)
        self._left.setWidth(_AXIS_WIDTH + 16)
        self._bottom.setHeight(_AXIS_HEIGHT)

    def _draw(self) -> None:
        points = self._results.points
        self._show_ranges(points)
        self._limit.setValue(self._results.limit)
        speeds = [speed for speed, _ in self._results.frontier]
        self._frontier.setData(speeds, [max(agreement, self._low) for _, agreement in self._results.frontier])
        self._discs.setData([self._spot(point) for point in points])
        self._show_labels(points)
        self.setAccessibleDescription(", ".join(_told(point) for point in points))

    def _show_ranges(self, points: Sequence[Point]) -> None:
        lowest = min((point.agreement for point in points), default=0.9)
        deepest = 1.0 - _DEEPEST * max(1.0 - self._results.limit, _LEAST_SPAN)
        low = self._low = max(0.0, deepest, min(lowest, self._results.limit, 1.0 - _LEAST_SPAN))
        height = max(1.0, self._box.rect().height() - 2 * _EDGE_PX)
        margin = _EDGE_PX * (1.0 - low) / height
        self._box.setYRange(low - margin, 1.0 + margin, padding=0)
        fastest = max((point.speed for point in points), default=2.0)
        slowest = min((point.speed for point in points), default=1.0)
        span = max(fastest, 1.2) - min(slowest, 1.0)
        self._box.setXRange(max(0.0, min(slowest, 1.0) - 0.2 * span), max(fastest, 1.2) + 0.25 * span, padding=0)
        self._left.setTicks([[(value, f"{100 * value:g} %") for value in _steps(low, 1.0)]])

    def _spot(self, point: Point) -> dict[str, object]:
        now = theme.current()
        colour = QColor(getattr(now, point.tone) if point.tone else now.accent)
        fill = QColor(colour)
        fill.setAlphaF(0.35)
        chosen = point.key == self._selected
        return {
            "pos": (point.speed, max(point.agreement, self._low)),
            "size": self._size(point),
            "pen": pg.mkPen(QColor(now.text) if chosen else colour, width=3 if chosen else 1.5),
            "brush": pg.mkBrush(fill),
            "data": point.key,
        }

    def _size(self, point: Point) -> float:
        """Across, in pixels: the area is that of the file."""
        largest = max(each.model_bytes for each in self._results.points)
        return max(_SMALLEST_PX, _LARGEST_PX * math.sqrt(point.model_bytes / max(1, largest)))

    def _show_labels(self, points: Sequence[Point]) -> None:
        for label in self._labels:
            self._box.removeItem(label)
        self._labels = []
        font = QFont("Roboto")
        font.setPixelSize(_LABEL_PX)
        metrics = QFontMetricsF(font)
        taken = [self._disc(point) for point in points]
        area, now = QRectF(self._box.rect()), theme.current()
        for point, disc in zip(points, list(taken), strict=True):
            words = self._label(point)
            width, height = metrics.horizontalAdvance(words) + 8, metrics.height() + 2
            places = _places(disc, width, height, area)
            free = (p for p in places if area.contains(p) and not any(p.intersects(other) for other in taken))
            place = next(free, None)
            if place is None:
                continue  # The table tells what it is.
            taken.append(place)
            label = pg.TextItem(words, color=QColor(now.text), fill=QColor(now.surface), anchor=(0.5, 0.5))
            label.setFont(font)
            label.setPos(self._box.mapToView(place.center()))
            self._box.addItem(label, ignoreBounds=True)
            self._labels.append(label)

    def _disc(self, point: Point) -> QRectF:
        size = self._size(point)
        disc = QRectF(0, 0, size, size)
        disc.moveCenter(self._box.mapFromView(QPointF(point.speed, max(point.agreement, self._low))))
        return disc

    def _label(self, point: Point) -> str:
        return point.title if point.agreement >= self._low else f"{point.title} ▼ {100 * point.agreement:.0f} %"

    def _on_clicked(self, _discs: object, spots: Sequence[pg.SpotItem]) -> None:
        if len(spots):
            self.point_chosen.emit(spots[0].data())


def _places(disc: QRectF, width: float, height: float, area: QRectF) -> Iterator[QRectF]:
    """Where a label may stand, best first: beside the disc, below, above, and a bit further; none beyond a side."""
    middle = disc.center()
    centred = max(area.left(), min(area.right() - width, middle.x() - width / 2))
    for step in (0.0, height, 2 * height, 3 * height):
        yield QRectF(disc.right() + _GAP_PX, middle.y() - height / 2 + step, width, height)
        yield QRectF(disc.right() + _GAP_PX, middle.y() - height / 2 - step, width, height)
        yield QRectF(disc.left() - _GAP_PX - width, middle.y() - height / 2 + step, width, height)
        yield QRectF(disc.left() - _GAP_PX - width, middle.y() - height / 2 - step, width, height)
        yield QRectF(centred, disc.bottom() + step, width, height)
        yield QRectF(centred, disc.top() - height - step, width, height)


def _steps(low: float, high: float) -> list[float]:
    """Round values of agreement, four or five of them."""
    rough = (high - low) / 4
    step = next(s for s in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 1.0) if s >= rough)
    return [round(high - number * step, 6) for number in range(math.floor((high - low) / step + 1e-6) + 1)]


def _told(point: Point) -> str:
    words = text("OptimisePage", "{title}: {speed:.2f} times as fast, agreement {agreement:.1f} %")
    return words.format(title=point.title, speed=point.speed, agreement=100 * point.agreement)


def _label_style(colour: str) -> dict[str, str]:
    return {"color": colour, "font-size": f"{_LABEL_PX}px", "font-family": "Roboto"}
