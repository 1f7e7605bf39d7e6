"""Paints drawing operations onto a copy of a picture, with OpenCV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from engine.frames import Image
from engine.opencv import cv2
from engine.overlay.lettering import CAP_HEIGHT, WEIGHT, typeface
from engine.overlay.operations import Box, ClassMap, Dot, Fill, Label, Mask, Operation, Path, Rectangle
from engine.overlay.palette import Colour

_SHIFT = 4
_SUBPIXELS = 1 << _SHIFT
"""OpenCV takes positions in sixteenths of a pixel for smooth lines."""


def paint(image: Image, operations: Iterable[Operation]) -> Image:
    """A copy of a picture with everything drawn on it.

    Args:
        image: uint8 (H, W, 3), BGR; stays as it is.
        operations: In the order of painting; what lies outside the picture is cut.

    Returns:
        uint8 (H, W, 3), BGR.
    """
    canvas = image.copy()
    font = typeface()
    for operation in operations:
        match operation:
            case Rectangle():
                _rectangle(canvas, operation)
            case Label():
                _label(canvas, operation, font)
            case Path():
                _path(canvas, operation)
            case Dot():
                _dot(canvas, operation)
            case Fill():
                _fill(canvas, operation)
            case Mask():
                _mask(canvas, operation)
            case ClassMap():
                _class_map(canvas, operation)
    return canvas


def _bgr(colour: Colour) -> tuple[int, int, int]:
    return colour[2], colour[1], colour[0]


def _subpixels(points: Sequence[tuple[float, float]]) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """Positions for OpenCV, which counts from the centre of the first pixel, in sixteenths of a pixel."""
    return np.rint((np.array(points, np.float64) - 0.5) * _SUBPIXELS).astype(np.int32)


def _region(canvas: Image, box: Box) -> Image:
    """The whole pixels of a box, as a view; empty where the box lies outside."""
    left, top, right, bottom = (max(0, round(v)) for v in box)
    return canvas[top:bottom, left:right]


def _rectangle(canvas: Image, shape: Rectangle) -> None:
    """Four bars on whole pixels: upright lines stay sharp."""
    left, top, right, bottom = shape.box_xyxy
    half = shape.width_px / 2.0
    x0, x1, x2, x3 = round(left - half), round(left + half), round(right - half), round(right + half)
    y0, y1, y2, y3 = round(top - half), round(top + half), round(bottom - half), round(bottom + half)
    colour = _bgr(shape.colour)
    for bar in ((x0, y0, x3, y1), (x0, y2, x3, y3), (x0, y1, x1, y2), (x2, y1, x3, y2)):
        if bar[2] > bar[0] and bar[3] > bar[1]:
            cv2.rectangle(canvas, (bar[0], bar[1]), (bar[2] - 1, bar[3] - 1), colour, cv2.FILLED)


def _path(canvas: Image, shape: Path) -> None:
    width = max(1, round(shape.width_px))
    cv2.polylines(
        canvas, [_subpixels(shape.points)], shape.closed, _bgr(shape.colour), width, cv2.LINE_AA, shift=_SHIFT
    )


def _dot(canvas: Image, shape: Dot) -> None:
    x, y = _subpixels([shape.centre])[0].tolist()
    radius = round(shape.radius_px * _SUBPIXELS)
    cv2.circle(canvas, (x, y), radius, _bgr(shape.colour), cv2.FILLED, cv2.LINE_AA, shift=_SHIFT)


def _label(canvas: Image, shape: Label, font: cv2.FontFace) -> None:
    left, top, right, bottom = shape.box_xyxy
    if shape.background is not None:
        corners = (round(left), round(top)), (round(right) - 1, round(bottom) - 1)
        cv2.rectangle(canvas, *corners, _bgr(shape.background), cv2.FILLED)
    origin = (round(left + shape.padding_px), round((top + bottom + CAP_HEIGHT * shape.text_px) / 2.0))
    cv2.putText(canvas, shape.text, origin, _bgr(shape.colour), font, round(shape.text_px), WEIGHT)


def _fill(canvas: Image, shape: Fill) -> None:
    region = _region(canvas, shape.box_xyxy)
    if region.size:
        region[:] = _tinted(region, shape.colour, shape.opacity)


def _mask(canvas: Image, shape: Mask) -> None:
    height, width = shape.mask.shape
    region = canvas[shape.top : shape.top + height, shape.left : shape.left + width]
    if region.size:
        mask = shape.mask[: region.shape[0], : region.shape[1]].view(np.uint8)
        cv2.copyTo(_tinted(region, shape.colour, shape.opacity), mask, region)


def _tinted(region: Image, colour: Colour, opacity: float) -> Image:
    """A region mixed with one colour, by a table of the 256 values of each channel."""
    values = np.arange(256, dtype=np.float64)[:, None] * (1.0 - opacity) + np.array(_bgr(colour)) * opacity
    return np.asarray(cv2.LUT(region, np.rint(values).astype(np.uint8)[None]), np.uint8)


def _class_map(canvas: Image, shape: ClassMap) -> None:
    """Colours are mixed in beforehand and enlarged smoothly, so that edges are neither stairs nor rims."""
    region = _region(canvas, shape.region_xyxy)
    if not region.size:
        return
    opacity = np.concatenate([[0.0], np.where(shape.visible, shape.opacity, 0.0)])[:, None]
    colours = np.concatenate([np.zeros((1, 3)), shape.colours[:, ::-1]])
    table = np.rint(np.hstack([colours * opacity, 255.0 * (1.0 - opacity)])).astype(np.uint8)
    small = table.view(np.uint32).ravel()[shape.class_id + 1].view(np.uint8).reshape(*shape.class_id.shape, 4)
    large = cv2.resize(small, (region.shape[1], region.shape[0]), interpolation=cv2.INTER_LINEAR)
    kept = cv2.cvtColor(cv2.extractChannel(large, 3), cv2.COLOR_GRAY2BGR)
    region[:] = cv2.add(cv2.multiply(region, kept, scale=1.0 / 255.0), cv2.cvtColor(large, cv2.COLOR_BGRA2BGR))
