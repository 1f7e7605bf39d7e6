"""Paints drawing operations with Qt: geometry follows the picture, lines and texts keep their size in the window."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from engine.frames import FrameResult
from engine.overlay import Style, overlay
from engine.overlay.operations import ClassMap, Dot, Fill, Label, Mask, Operation, Path, Rectangle
from engine.overlay.palette import Colour
from gui.views.picture import stamps
from gui.views.picture.scaling import resized, tinted
from gui.views.picture.viewport import Viewport

_LINE_PX = 2.0
"""Width of lines in device-independent pixels."""

_FEW_POINTS = 8


def operations(
    result: FrameResult, style: Style, viewport: Viewport, *, label_px: float, ratio: float, top_px: int
) -> tuple[Operation, ...]:
    """What to draw over a picture so that lines and texts have a fixed size in the window.

    Args:
        result: What was found on it.
        style: What is drawn; its sizes are set here.
        viewport: Where the picture lies.
        label_px: Height of texts in device-independent pixels.
        ratio: Device pixels for one of those.
        top_px: Device pixels at the top of the widget that texts keep free.
    """
    scale, text_px = viewport.scale, max(1, round(label_px * ratio))
    left, top, right, bottom = viewport.shown_xyxy
    top = min(bottom, max(top, top_px))
    area = (*viewport.to_source(left, top), *viewport.to_source(right, bottom))
    fixed = replace(
        style,
        text_px=text_px / scale,
        line_px=max(1, round(_LINE_PX * ratio)) / scale,
        pixel_px=1.0 / scale,
        area_xyxy=area,
    )
    return overlay(result, fixed, lambda text, _size: stamps.width_px(text, text_px) / scale)


class OverlayPainter:
    """Paints operations on a painter whose unit is the device pixel.

    Args:
        painter: To paint with.
        viewport: Where the picture lies.
    """

    def __init__(self, painter: QPainter, viewport: Viewport) -> None:
        self._painter = painter
        self._viewport = viewport
        self._scale = viewport.scale
        self._x, self._y = viewport.offset_x, viewport.offset_y

    def paint(self, drawn: Iterable[Operation]) -> None:
        """Paint them in their order."""
        for operation in drawn:
            match operation:
                case Rectangle():
                    self._rectangle(operation)
                case Label():
                    self._label(operation)
                case Path():
                    self._path(operation)
                case Dot():
                    self._dot(operation)
                case Fill():
                    self._fill(operation)
                case Mask():
                    self._mask(operation)
                case ClassMap():
                    self._class_map(operation)

    def _box(self, box: tuple[float, float, float, float]) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in whole device pixels."""
        scale, x, y = self._scale, self._x, self._y
        return (
            round(box[0] * scale) + x,
            round(box[1] * scale) + y,
            round(box[2] * scale) + x,
            round(box[3] * scale) + y,
        )

    def _rectangle(self, shape: Rectangle) -> None:
        """Four bars on whole pixels: upright lines stay sharp, and nothing is quicker."""
        left, top, right, bottom = self._box(shape.box_xyxy)
        width = max(1, round(shape.width_px * self._scale))
        half = width // 2
        fill, ink = self._painter.fillRect, stamps.colour(shape.colour)
        left, top, right, bottom = left - half, top - half, right + half, bottom + half
        fill(left, top, right - left, width, ink)
        fill(left, bottom - width, right - left, width, ink)
        fill(left, top + width, width, bottom - top - 2 * width, ink)
        fill(right - width, top + width, width, bottom - top - 2 * width, ink)

    def _label(self, shape: Label) -> None:
        left, top, right, bottom = self._box(shape.box_xyxy)
        if right <= left or bottom <= top:
            return
        image = stamps.stamp(
            shape.text,
            round(shape.text_px * self._scale),
            round(shape.padding_px * self._scale),
            (right - left, bottom - top),
            (shape.colour, shape.background),
        )
        self._painter.drawImage(left, top, image)

    def _points(self, points: Iterable[tuple[float, float]]) -> list[QPointF]:
        scale, x, y = self._scale, self._x, self._y
        return [QPointF(px * scale + x, py * scale + y) for px, py in points]

    def _path(self, shape: Path) -> None:
        """Line by line where there are few: Qt has a way for single lines that is ten times as quick."""
        painter = self._painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(_pen(shape.colour, shape.width_px * self._scale))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        points = self._points(shape.points)
        ring = [*points, points[0]] if shape.closed else points
        if len(ring) <= _FEW_POINTS:
            for begin, end in pairwise(ring):
                painter.drawLine(begin, end)
        else:
            painter.drawPolyline(QPolygonF(ring))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _dot(self, shape: Dot) -> None:
        painter = self._painter
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(stamps.colour(shape.colour))
        radius = shape.radius_px * self._scale
        painter.drawEllipse(self._points([shape.centre])[0], radius, radius)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _fill(self, shape: Fill) -> None:
        left, top, right, bottom = self._box(shape.box_xyxy)
        self._painter.fillRect(QRect(left, top, right - left, bottom - top), stamps.colour(shape.colour, shape.opacity))

    def _mask(self, shape: Mask) -> None:
        height, width = shape.mask.shape
        region = (float(shape.left), float(shape.top), float(shape.left + width), float(shape.top + height))
        part = self._viewport.part(region, width, height)
        if part is None:
            return
        cover = resized(shape.mask.view(np.uint8) * np.uint8(255), part)
        owner = np.ascontiguousarray(cover)
        image = QImage(owner.data, part.width, part.height, part.width, QImage.Format.Format_Indexed8)
        image.setColorTable(_shades(shape.colour, shape.opacity))
        self._painter.drawImage(part.x, part.y, image)

    def _class_map(self, shape: ClassMap) -> None:
        """Colours are mixed in beforehand and enlarged smoothly, so that edges are neither stairs nor rims."""
        opacity = np.concatenate([[0.0], np.where(shape.visible, shape.opacity, 0.0)])[:, None]
        colours = np.concatenate([np.zeros((1, 3)), shape.colours[:, ::-1]])
        table = np.rint(np.hstack([colours * opacity, 255.0 * opacity])).astype(np.uint8)
        small = table.view(np.uint32).ravel()[shape.class_id + 1].view(np.uint8).reshape(*shape.class_id.shape, 4)
        tint = tinted(small, shape.region_xyxy, self._viewport)
        if tint is not None:
            self._painter.drawImage(tint.x, tint.y, tint.image)


@lru_cache(maxsize=256)
def _pen(ink: Colour, width_px: float) -> QPen:
    solid, cap, join = Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.RoundJoin
    return QPen(stamps.colour(ink), width_px, solid, cap, join)


@lru_cache(maxsize=256)
def _shades(ink: Colour, opacity: float) -> list[int]:
    """One colour from nothing to its opacity, as 256 values with alpha."""
    return [QColor(*ink, round(cover * opacity)).rgba() for cover in range(256)]
