"""What drawing a tile costs the thread of the window: a picture of 1280x720 pixels with fifty labelled boxes."""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "widgets"))

from picture_scenes import LOOK, crowded, tile
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from engine.frames import FrameResult
from engine.results import Detections
from gui import theme
from gui.presenters.port import Picture
from gui.views.picture.tile_view import TileView

SIZE = (1280, 720)
SOURCES = (SIZE, (1920, 1080))


def measure_drawing(repaints: int = 300) -> float:
    """Median CPU time of the thread in ms for a new picture with new scores, over both sizes of sources."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    theme.load_fonts(application)
    theme.apply(application, "dark")
    return max(_median_ms(size, repaints) for size in SOURCES)


def _median_ms(size: tuple[int, int], repaints: int) -> float:
    view, canvas = TileView("1"), QImage(*SIZE, QImage.Format.Format_RGB32)
    view.resize(*SIZE)
    view.show_display(tile(), framed=False)
    pictures = [_picture(crowded(size), index) for index in range(10)]
    took = []
    for index in range(repaints):
        began = time.thread_time()
        picture = pictures[index % len(pictures)]
        view.show_picture(Picture(picture.frame, picture.result), LOOK)
        view.render(canvas)
        took.append(1e3 * (time.thread_time() - began))
    view.deleteLater()
    return statistics.median(took)


def _picture(result: FrameResult, index: int) -> Picture:
    """The same boxes with other scores: their labels are new texts."""
    found = result.result
    assert isinstance(found, Detections)
    moved = replace(found, score=found.score * (1.0 - 0.01 * index))
    return Picture(result.frame, replace(result, result=moved))


if __name__ == "__main__":
    print(f"drawing a tile: {measure_drawing():.2f} ms of the window's thread (median)")
