"""Pictures in exactly the device pixels that show them, as images that Qt draws without touching them again.

Measured for a frame of 1920x1080 on 1280x720 pixels, in ms of one core: OpenCV's linear resize 1.1, to four bytes a
pixel 0.1, drawn 0.1. Let Qt scale: 3.7 (smooth) or 1.5 (with stairs); let Qt draw three bytes a pixel: 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from engine.frames import Image
from engine.opencv import cv2
from gui.views.picture.viewport import Part, Viewport

_PIXELS_FROM = 4.0
"""From this scale on a person wants to see pixels, not a smooth picture."""

_DIM = 0.62
"""Brightness of a picture that is too old to pass for live."""


@dataclass(frozen=True, slots=True, eq=False)
class DeviceImage:
    """An image and where it lies. Qt only borrows its pixels: ``owner`` must live as long as ``image``."""

    image: QImage
    owner: NDArray[np.uint8]
    x: int
    y: int


def scaled(image: Image, viewport: Viewport, old: bool) -> DeviceImage | None:
    """What can be seen of a picture, in grey and darker where it is old; None where nothing can."""
    height, width, _ = image.shape
    part = viewport.part((0.0, 0.0, float(width), float(height)), width, height)
    if part is None:
        return None
    pixels = resized(image, part)
    if old:
        grey = cv2.convertScaleAbs(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), alpha=_DIM)
        return _wrapped(cv2.cvtColor(grey, cv2.COLOR_GRAY2BGRA), part, QImage.Format.Format_RGB32)
    return _wrapped(cv2.cvtColor(pixels, cv2.COLOR_BGR2BGRA), part, QImage.Format.Format_RGB32)


def tinted(
    bgra: NDArray[np.uint8], region_xyxy: tuple[float, float, float, float], viewport: Viewport
) -> DeviceImage | None:
    """What can be seen of a map of colours (premultiplied, (h, w, 4)) that covers a region of the picture."""
    part = viewport.part(region_xyxy, bgra.shape[1], bgra.shape[0])
    if part is None:
        return None
    size = (part.width, part.height)
    pixels = cv2.resize(bgra[part.top : part.bottom, part.left : part.right], size, interpolation=cv2.INTER_LINEAR)
    return _wrapped(pixels, part, QImage.Format.Format_ARGB32_Premultiplied)


def resized(image: NDArray[np.uint8], part: Part) -> NDArray[np.uint8]:
    """A part of an array in so many device pixels: smooth where it shrinks, with visible pixels where it grows far."""
    cut = image[part.top : part.bottom, part.left : part.right]
    width, height = part.width, part.height
    if cut.shape[:2] == (height, width):
        return cut
    scale = width / cut.shape[1]
    if scale >= _PIXELS_FROM:
        return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
    if scale < 0.5:  # linear alone would skip pixels and flicker; halving is exact and quick
        cut = np.asarray(cv2.resize(cut, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR), np.uint8)
        return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(cut, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def _wrapped(pixels: object, part: Part, form: QImage.Format) -> DeviceImage:
    owner = np.ascontiguousarray(np.asarray(pixels, np.uint8))
    height, width, _ = owner.shape
    return DeviceImage(QImage(owner.data, width, height, 4 * width, form), owner, part.x, part.y)
