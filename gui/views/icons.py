"""Icons by name, in the colours of the theme of the moment and sharp at any scale."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QToolButton

from gui import theme
from gui.resources import asset

_DISABLED_OPACITY = 0.6


@cache
def icon(name: str, tone: str = "") -> QIcon:
    """An icon of assets/icons. It follows the theme: nothing needs to be told when that changes.

    Args:
        name: Name of the file without its suffix.
        tone: A colour of ``theme.Theme`` ("error", "on_accent" ..); "" for that of text, of the accent where the
            button is checked, and of selected text where a row is selected.

    Raises:
        FileNotFoundError: There is no such icon.
    """
    return QIcon(_Engine(asset("icons", f"{name}.svg").read_bytes(), tone))


def icon_button(icon_name: str, name: str) -> QToolButton:
    """A button without words: its name stands in the tool tip, and is what a screen reader says."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setToolTip(name)
    button.setAccessibleName(name)
    return button


class _Engine(QIconEngine):
    """Paints an SVG whose ``currentColor`` is a colour of the theme."""

    def __init__(self, svg: bytes, tone: str) -> None:
        super().__init__()
        self._svg = svg
        self._tone = tone

    def clone(self) -> QIconEngine:
        return _Engine(self._svg, self._tone)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        painter.save()
        if mode is QIcon.Mode.Disabled:
            painter.setOpacity(painter.opacity() * _DISABLED_OPACITY)
        renderer = _renderer(self._svg, self._colour(mode, state))
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        renderer.render(painter, square)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:  # noqa: N802
        """The picture for a size in device-independent pixels, on a screen of that scale."""
        image = QImage(size * scale, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        self.paint(painter, image.rect(), mode, state)
        painter.end()
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def _colour(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        now = theme.current()
        if mode is QIcon.Mode.Disabled:
            return now.muted
        if self._tone:
            return str(getattr(now, self._tone))
        if mode is QIcon.Mode.Selected:
            return now.on_accent
        return now.accent if state is QIcon.State.On else now.text


@cache
def _renderer(svg: bytes, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(svg.replace(b"currentColor", colour.encode())))
