"""Pixels of a frame in the pixels of the screen."""

from __future__ import annotations

import gc

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from gui.views.picture.scaling import DeviceImage, scaled
from gui.views.picture.viewport import Viewport


def pixels(shown: DeviceImage | None) -> NDArray[np.uint8]:
    assert shown is not None
    image = shown.image.convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].copy()


def chessboard(size: int = 64) -> NDArray[np.uint8]:
    board = (np.indices((size, size)).sum(axis=0) % 2 * 255).astype(np.uint8)
    return np.dstack([board, board, board])


def test_colours_arrive_as_they_are() -> None:
    image = np.zeros((8, 8, 3), np.uint8)
    image[:4], image[4:] = (10, 20, 200), (250, 128, 3)
    assert np.array_equal(pixels(scaled(image, Viewport(8, 8, 8, 8), False)), image)


@pytest.mark.parametrize("side", [48, 32, 20, 9])
def test_a_shrunken_picture_is_a_mean_and_not_a_choice_of_pixels(side: int) -> None:
    small = pixels(scaled(chessboard(), Viewport(64, 64, side, side), False))
    assert small.shape == (side, side, 3)
    if side <= 32:
        assert float(small.std()) < 60.0
    assert float(small.mean()) == pytest.approx(127.5, abs=3.0)


def test_pixels_can_be_told_apart_when_zoomed_far_in() -> None:
    viewport = Viewport(64, 64, 256, 256).zoomed_at(4.0, 0, 0)
    assert set(np.unique(pixels(scaled(chessboard(), viewport, False)))) == {0, 255}


def test_an_old_picture_has_no_colour_and_is_darker() -> None:
    image = np.full((8, 8, 3), (20, 120, 220), np.uint8)
    shown = pixels(scaled(image, Viewport(8, 8, 8, 8), True))
    assert (shown == shown[..., :1]).all() and 0 < shown.max() < 120


def test_the_pixels_live_as_long_as_the_image() -> None:
    shown = scaled(chessboard(), Viewport(64, 64, 200, 200), False)
    before = pixels(shown)
    gc.collect()
    _ = [np.full((200, 200, 4), 77, np.uint8) for _ in range(20)]
    assert np.array_equal(pixels(shown), before)


def test_only_what_can_be_seen_is_scaled() -> None:
    viewport = Viewport(1600, 1600, 400, 400).zoomed_at(100.0, 200, 200)
    shown = scaled(chessboard(1600), viewport, False)
    assert shown is not None
    assert shown.owner.nbytes <= (400 + 2 * 33) ** 2 * 4
