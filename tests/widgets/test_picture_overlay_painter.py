"""Qt and OpenCV paint the same operations to the same picture."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from picture_scenes import RESULTS, boxes, crowded, planted
from PySide6.QtGui import QImage, QPainter

from engine.frames import FrameResult
from engine.opencv import cv2
from engine.overlay import Style
from engine.overlay.operations import Label, Operation, Rectangle
from engine.overlay.palette import class_colour
from engine.sinks.painter import paint
from gui.views.picture.overlay_painter import OverlayPainter, operations
from gui.views.picture.scaling import scaled
from gui.views.picture.viewport import Viewport

NATURAL = Viewport(1280, 720, 1280, 720)


def drawn(result: FrameResult, viewport: Viewport = NATURAL, top_px: int = 0) -> tuple[Operation, ...]:
    return operations(result, Style(), viewport, label_px=13.0, ratio=1.0, top_px=top_px)


def by_qt(result: FrameResult, viewport: Viewport = NATURAL) -> NDArray[np.uint8]:
    """Picture and overlay as BGR."""
    canvas = QImage(viewport.width, viewport.height, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    picture = scaled(result.frame.image, viewport, False)
    assert picture is not None
    painter.drawImage(picture.x, picture.y, picture.image)
    OverlayPainter(painter, viewport).paint(drawn(result, viewport))
    painter.end()
    pixels = np.frombuffer(canvas.constBits(), np.uint8).reshape(viewport.height, viewport.width, 4)
    return pixels[..., :3].copy()


def without_texts(image: NDArray[np.uint8], shapes: tuple[Operation, ...]) -> NDArray[np.uint8]:
    """Letters are those of two typefaces: their boxes are filled."""
    image = image.copy()
    for label in (shape for shape in shapes if isinstance(shape, Label)):
        left, top, right, bottom = (round(v) for v in label.box_xyxy)
        image[top + 1 : bottom - 1, left + 1 : right - 1] = 0
    return image


@pytest.mark.parametrize("name", RESULTS)
def test_both_painters_agree(name: str) -> None:
    result = RESULTS[name]()
    shapes = drawn(result)
    ours, theirs = by_qt(result), paint(result.frame.image, shapes)
    away = cv2.absdiff(cv2.blur(without_texts(ours, shapes), (3, 3)), cv2.blur(without_texts(theirs, shapes), (3, 3)))
    assert float(away.mean()) < 0.25
    assert float((away.max(axis=2) > 60).mean()) < 0.002
    assert float(cv2.absdiff(ours, result.frame.image).mean()) > 0.3, "something was drawn"


def test_upright_boxes_are_the_same_to_the_pixel() -> None:
    result = boxes()
    shapes = tuple(shape for shape in drawn(result) if isinstance(shape, Rectangle))
    canvas = QImage(1280, 720, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    OverlayPainter(painter, NATURAL).paint(shapes)
    painter.end()
    pixels = np.frombuffer(canvas.constBits(), np.uint8).reshape(720, 1280, 4)[..., :3]
    assert np.array_equal(pixels, paint(np.zeros((720, 1280, 3), np.uint8), shapes))


@pytest.mark.parametrize("magnification", [1.0, 3.0, 12.0])
@pytest.mark.parametrize("width", [320, 1280])
def test_lines_and_labels_have_one_size_at_any_zoom(width: int, magnification: float) -> None:
    viewport = Viewport(1280, 720, width, width * 9 // 16).zoomed_at(magnification, 0.25 * width, 0.5 * width * 9 / 16)
    result = boxes()
    for shape in drawn(result, viewport):
        if isinstance(shape, Label):
            assert shape.text_px * viewport.scale == pytest.approx(13.0)
            left, top, right, bottom = shape.box_xyxy
            assert (bottom - top) * viewport.scale == pytest.approx(18.0)
            assert viewport.to_source(0, 0)[0] - 1e-6 <= left
            assert right <= viewport.to_source(viewport.width, 0)[0] + 1e-6
        if isinstance(shape, Rectangle):
            assert shape.width_px * viewport.scale == pytest.approx(2.0) or shape.colour != class_colour(2)


def test_a_box_lies_where_its_object_is_when_zoomed() -> None:
    result = planted(boxes().result)
    viewport = Viewport(1280, 720, 640, 360).zoomed_at(4.0, 70.0, 225.0)
    picture = by_qt(result, viewport)
    left = round(140 * viewport.scale) + viewport.offset_x
    colour = np.array(class_colour(2)[::-1])
    row = 225
    hits = np.flatnonzero((np.abs(picture[row].astype(int) - colour) < 8).all(axis=1))
    assert left in hits or left - 1 in hits


def test_labels_keep_out_of_the_header() -> None:
    texts = [shape for shape in drawn(crowded(), top_px=40) if isinstance(shape, Label)]
    assert texts and min(label.box_xyxy[1] for label in texts) >= 40.0
