"""One picture with what was found on it: zoomed, moved, and drawn with as little work as possible."""

from __future__ import annotations

import time

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QWidget

from engine.overlay.operations import Operation
from gui import theme
from gui.presenters.live import Look
from gui.presenters.port import Picture
from gui.views.picture.overlay_painter import OverlayPainter, operations
from gui.views.picture.scaling import DeviceImage, scaled
from gui.views.picture.viewport import ZOOM_STEP, Viewport

_SMALL_PX = 240
_SMALLER = 0.8
"""Labels of a picture that is less high than that are smaller, so that they hide less of it."""

_ARROWS = {Qt.Key.Key_Left: (1, 0), Qt.Key.Key_Right: (-1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_PAN_SHARE = 0.1
"""Of the widget's size, for one press of an arrow key."""


class PictureView(QWidget):
    """Shows a picture letterboxed; the wheel zooms round the pointer, dragging moves.

    What costs time is made once for a picture and a view of it: the pixels in their size, and the drawing operations.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self._picture: Picture | None = None
        self._look = Look()
        self._old = False
        self._viewport = Viewport(16, 9, 1, 1)
        self._pixels: DeviceImage | None = None
        self._operations: tuple[Operation, ...] | None = None
        self._unreported = False
        self._dragged_from: QPoint | None = None

    def show_picture(self, picture: Picture | None, look: Look) -> None:
        """Show a picture, or the same one drawn differently."""
        if picture is not self._picture:
            self._picture, self._pixels, self._unreported = picture, None, picture is not None
        self._look, self._operations = look, None
        self._fit_viewport()
        self.update()

    def show_old(self, old: bool) -> None:
        """Show the picture in grey, so that nobody takes it for live."""
        if old != self._old:
            self._old, self._pixels = old, None
            self.update()

    @property
    def viewport(self) -> Viewport:
        """Where the picture lies, in device pixels."""
        return self._viewport

    @property
    def has_picture(self) -> bool:
        """Whether there is one."""
        return self._picture is not None

    @property
    def result_behind_s(self) -> float:
        """How much older than the picture is what is drawn over it."""
        drawn = self._picture is not None and self._picture.result is not None and self._look.results
        return self._picture.result_behind_s if drawn and self._picture is not None else 0.0

    def zoom_in(self) -> None:
        """Show a smaller part of the picture, larger."""
        self._zoom(ZOOM_STEP, QPointF(self.rect().center()))

    def zoom_out(self) -> None:
        """Show a larger part of the picture, smaller."""
        self._zoom(1.0 / ZOOM_STEP, QPointF(self.rect().center()))

    def fit(self) -> None:
        """Show the whole picture."""
        self._look_at(Viewport(*self._sizes()))

    def top_free_px(self) -> int:
        """Device-independent pixels at the top that labels keep free."""
        return 0

    def decorate(self, painter: QPainter) -> None:
        """Paint over the picture; the unit is the device pixel."""

    def drawn(self, picture: Picture, draw_ms: float) -> None:
        """A new picture was painted for the first time."""

    def _sizes(self) -> tuple[int, int, int, int]:
        ratio = self.devicePixelRatioF()
        width, height = max(1, round(self.width() * ratio)), max(1, round(self.height() * ratio))
        if self._picture is None:
            return 16, 9, width, height
        return self._picture.frame.width, self._picture.frame.height, width, height

    def _fit_viewport(self) -> None:
        """Follow the sizes of the picture and of the widget, and keep what is in the middle there."""
        now = self._viewport
        if (now.source_width, now.source_height, now.width, now.height) != self._sizes():
            self._look_at(Viewport(*self._sizes(), now.magnification, now.centre_x, now.centre_y).inside())

    def _look_at(self, viewport: Viewport) -> None:
        if viewport != self._viewport:
            self._viewport, self._pixels, self._operations = viewport, None, None
            self.setCursor(Qt.CursorShape.OpenHandCursor if viewport.zoomed else Qt.CursorShape.ArrowCursor)
            self.update()

    def _zoom(self, factor: float, at: QPointF) -> None:
        ratio = self.devicePixelRatioF()
        self._look_at(self._viewport.zoomed_at(factor, at.x() * ratio, at.y() * ratio))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Paint the picture, what was found, and what a subclass adds."""
        began = time.perf_counter()
        self._fit_viewport()
        painter = QPainter(self)
        ratio = self.devicePixelRatioF()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        self._paint_picture(painter)
        self.decorate(painter)
        painter.end()
        if self._unreported and self._picture is not None:
            self._unreported = False
            self.drawn(self._picture, 1e3 * (time.perf_counter() - began))

    def _paint_picture(self, painter: QPainter) -> None:
        ground = QColor(theme.current().picture)
        viewport, picture = self._viewport, self._picture
        if picture is None:
            painter.fillRect(QRect(0, 0, viewport.width, viewport.height), ground)
            return
        if self._pixels is None:
            self._pixels = scaled(picture.frame.image, viewport, self._old)
        left, top, right, bottom = viewport.shown_xyxy
        painter.fillRect(0, 0, viewport.width, top, ground)
        painter.fillRect(0, bottom, viewport.width, viewport.height - bottom, ground)
        painter.fillRect(0, top, left, bottom - top, ground)
        painter.fillRect(right, top, viewport.width - right, bottom - top, ground)
        painter.setClipRect(left, top, right - left, bottom - top)
        if self._pixels is not None:
            painter.drawImage(self._pixels.x, self._pixels.y, self._pixels.image)
        OverlayPainter(painter, viewport).paint(self._drawing(picture))
        painter.setClipping(False)

    def _drawing(self, picture: Picture) -> tuple[Operation, ...]:
        """What was found, unless it was found on a picture of another size."""
        if self._operations is None:
            result, frame, ratio = picture.result, picture.frame, self.devicePixelRatioF()
            fitting = result is not None and result.frame.image.shape == frame.image.shape
            self._operations = (
                operations(
                    result,
                    self._look.style,
                    self._viewport,
                    label_px=self._look.label_px * (_SMALLER if self.height() < _SMALL_PX else 1.0),
                    ratio=ratio,
                    top_px=round(self.top_free_px() * ratio),
                )
                if result is not None and fitting and self._look.results
                else ()
            )
        return self._operations

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep what is in the middle there."""
        super().resizeEvent(event)
        self._fit_viewport()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching; while arrows move the picture they mean nothing else to the window."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self._zoom(1.0 + event.value(), event.position())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self._zoom(pinch.scaleFactor(), QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint())))
                return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._moves(event):
            event.accept()
            return True
        return super().event(event)

    def _moves(self, event: QKeyEvent) -> bool:
        return self._viewport.zoomed and event.key() in _ARROWS and not event.modifiers() & _WITH

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Arrows move a zoomed picture."""
        if not self._moves(event):
            super().keyPressEvent(event)
            return
        dx, dy = _ARROWS[Qt.Key(event.key())]
        view = self._viewport
        self._look_at(view.moved(dx * _PAN_SHARE * view.width, dy * _PAN_SHARE * view.height))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Zoom round the pointer."""
        self._zoom(ZOOM_STEP ** (event.angleDelta().y() / 120.0), event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Begin to move a zoomed picture."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton) and self._viewport.zoomed:
            self._dragged_from = event.position().toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move a zoomed picture."""
        if self._dragged_from is not None:
            here, ratio = event.position().toPoint(), self.devicePixelRatioF()
            by, self._dragged_from = here - self._dragged_from, here
            self._look_at(self._viewport.moved(by.x() * ratio, by.y() * ratio))

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        """The picture stays where it is."""
        self._dragged_from = None
        self.setCursor(Qt.CursorShape.OpenHandCursor if self._viewport.zoomed else Qt.CursorShape.ArrowCursor)


_WITH = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier
