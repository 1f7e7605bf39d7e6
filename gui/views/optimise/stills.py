"""The same frame twice, side by side: what is done to one is done to both."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from gui import theme
from gui.presenters.optimise.display import Comparison
from gui.texts import text
from gui.views.model_card_view import card_label
from gui.views.picture.viewport import ZOOM_STEP, Viewport

_LEAST_PX = 120
_PAN_SHARE = 0.1
_FOCUS_PX = 2
_ARROWS = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_LARGER = (Qt.Key.Key_Plus, Qt.Key.Key_Equal)
_OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class StillPair(QWidget):
    """Two pictures with their titles. The wheel and + and - zoom both, a drag and Shift with an arrow move both.

    Signals:
        frame_wanted: So many frames further, or back: the arrows.
        opened: It was clicked, or Return was pressed.
    """

    frame_wanted = Signal(int)
    opened = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(text("OptimisePage", "The same frame through the original and through the variant"))
        self.stills = (_Still(), _Still())
        self._titles = (card_label("heading"), card_label("heading"))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(12)
        for title, still in zip(self._titles, self.stills, strict=True):
            column = QVBoxLayout()
            column.setSpacing(4)
            column.addWidget(title)
            column.addWidget(still, 1)
            row.addLayout(column, 1)
            still.turned.connect(self._on_turned)
            still.dragged.connect(self._on_dragged)
            still.clicked.connect(self.opened)

    def show_comparison(self, comparison: Comparison) -> None:
        """Show a frame, as a whole."""
        titles = (text("OptimisePage", "Original"), comparison.title)
        contents = (comparison.original, comparison.variant)
        for still, label, title, content in zip(self.stills, self._titles, titles, contents, strict=True):
            label.setText(title)
            still.setAccessibleName(title)
            still.show_jpeg(content)
        self.setAccessibleDescription(comparison.words)

    def zoom(self, factor: float) -> None:
        """Larger or smaller, round the middle."""
        view = self.stills[0].view
        self._look_at(view.zoomed_at(factor, view.width / 2, view.height / 2))

    def fit(self) -> None:
        """The whole frame again."""
        self._look_at(replace(self.stills[0].view, magnification=1.0))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows lead to other frames, with Shift they move the picture; + and - zoom, 0 shows all of it."""
        key = Qt.Key(event.key())
        if key in _ARROWS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            view, (dx, dy) = self.stills[0].view, _ARROWS[key]
            self._look_at(view.moved(dx * _PAN_SHARE * view.width, dy * _PAN_SHARE * view.height))
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.frame_wanted.emit(1 if key == Qt.Key.Key_Right else -1)
        elif key in _LARGER or key == Qt.Key.Key_Minus:
            self.zoom(ZOOM_STEP if key in _LARGER else 1 / ZOOM_STEP)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in _OPENING:
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show that keys are for it."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Keys are for something else."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """A frame round both while keys are for them."""
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(QPen(QColor(theme.current().accent), _FOCUS_PX))
            painter.drawRect(self.rect().adjusted(1, 1, -1, -1))

    def _on_turned(self, steps: float, place: QPointF) -> None:
        self._look_at(self.stills[0].view.zoomed_at(ZOOM_STEP**steps, place.x(), place.y()))

    def _on_dragged(self, by: QPointF) -> None:
        self._look_at(self.stills[0].view.moved(by.x(), by.y()))

    def _look_at(self, view: Viewport) -> None:
        for still in self.stills:
            still.look_at(view)


class _Still(QWidget):
    """A picture, letterboxed, or a part of it.

    Signals:
        turned: Steps of the wheel, and where.
        dragged: By so much.
        clicked: Without being dragged.
    """

    turned = Signal(float, QPointF)
    dragged = Signal(QPointF)
    clicked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._content = b""
        self._magnification, self._centre = 1.0, (0.5, 0.5)
        self._pressed: QPointF | None = None
        self._dragging = False
        self.setMinimumSize(_LEAST_PX, _LEAST_PX * 9 // 16)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def view(self) -> Viewport:
        """Where the picture lies, in pixels of this widget."""
        source, size = self._image.size(), self.size()
        sides = (max(1, source.width()), max(1, source.height()), max(1, size.width()), max(1, size.height()))
        return Viewport(*sides, self._magnification, *self._centre).inside()

    def show_jpeg(self, content: bytes) -> None:
        """Another picture is shown as a whole."""
        if content != self._content:
            self._content, self._image = content, QImage.fromData(content)
            self._magnification, self._centre = 1.0, (0.5, 0.5)
            self.update()

    def look_at(self, view: Viewport) -> None:
        """Show the same part as another one."""
        self._magnification, self._centre = view.magnification, (view.centre_x, view.centre_y)
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom round the pointer."""
        self.turned.emit(event.angleDelta().y() / 120.0, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """A click, or the beginning of a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move a zoomed picture."""
        if self._pressed is None:
            return
        by = event.position() - self._pressed
        if self._dragging or by.manhattanLength() >= QApplication.startDragDistance():
            self._dragging, self._pressed = True, event.position()
            self.dragged.emit(by)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """It was a click where nothing was dragged."""
        was_click = self._pressed is not None and not self._dragging
        self._pressed = None
        if was_click and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint it as large as it fits, or what is looked at of it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.fillRect(self.rect(), QColor(theme.current().picture))
        if not self._image.isNull():
            view = self.view
            painter.setClipRect(self.rect())
            size = QSizeF(view.source_width * view.scale, view.source_height * view.scale)
            painter.drawImage(QRectF(QPointF(view.offset_x, view.offset_y), size), self._image)
