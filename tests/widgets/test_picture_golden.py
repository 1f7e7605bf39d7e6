"""Pictures of the main states, compared with those that were looked at and found good.

``INFEROSCOPE_GOLDEN=write`` writes them anew: look at each before you keep it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from picture_scenes import FILM, LOOK, RESULTS, STATES, boxes, picture, tile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.opencv import cv2
from gui import theme
from gui.presenters.tile_display import TileHealth
from gui.views.picture.pictures_view import PicturesView
from gui.views.picture.tile_view import TileView

GOLDEN = Path(__file__).parent / "golden"
BAR = replace(FILM, position=311, frames=1625, place="0:10.3 / 0:54.1   ·   312 of 1,625")


def compare(widget: QWidget, name: str) -> None:
    """Fail where a widget looks clearly different; letters may differ by a shade from system to system."""
    image = _grabbed(widget)
    path = GOLDEN / f"{name}.png"
    if os.environ.get("INFEROSCOPE_GOLDEN") == "write":
        GOLDEN.mkdir(exist_ok=True)
        cv2.imwrite(str(path), image)
    wanted = cv2.imread(str(path))
    assert wanted is not None and wanted.shape == image.shape, path
    away = cv2.absdiff(cv2.blur(image, (3, 3)), cv2.blur(np.asarray(wanted, np.uint8), (3, 3))).max(axis=2)
    share = float((away > 40).mean())
    assert share < 0.006, f"{share:.2%} of the pixels differ from {path}"


def _grabbed(widget: QWidget) -> NDArray[np.uint8]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., :3].copy()


@pytest.mark.parametrize("name", [name for name in RESULTS if name != "crowded"])
def test_results(qtbot: QtBot, name: str) -> None:
    view = TileView("1")
    qtbot.addWidget(view)
    view.resize(480, 270)
    view.show_picture(picture(RESULTS[name]()), LOOK)
    view.show_display(tile(), framed=False)
    compare(view, f"result_{name}")


@pytest.mark.parametrize("colours", ["dark", "light"])
@pytest.mark.parametrize("name", STATES)
def test_states(qtbot: QtBot, name: str, colours: str) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, colours)
    view = TileView("1")
    qtbot.addWidget(view)
    view.resize(480, 270)
    if name != "empty":
        view.show_picture(picture(boxes(), behind_s=0.8 if name == "loading" else 0.0), LOOK)
    view.show_display(STATES[name], framed=False)
    compare(view, f"{name.replace(' ', '_')}_{colours}")


@pytest.mark.parametrize("colours", ["dark", "light"])
def test_sixteen_tiles(qtbot: QtBot, colours: str) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    theme.apply(application, colours)
    window = QWidget()
    qtbot.addWidget(window)
    view = PicturesView(window)
    view.resize(1280, 720)
    states, results = list(STATES.values()), list(RESULTS.values())
    tiles = tuple(replace(states[i % len(states)], tile_id=str(i), selected=i == 2) for i in range(16))
    view.show_tiles(tiles, None)
    view.show_transport(BAR)
    for index, shown in enumerate(tiles):
        if shown.health is not TileHealth.EMPTY:
            view.show_picture(shown.tile_id, picture(results[index % len(results)]()), LOOK)
    compare(view, f"sixteen_{colours}")
