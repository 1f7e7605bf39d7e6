"""The same frame through the original and a variant, small and large, under real clicks and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.opencv import cv2
from gui.presenters.optimise.display import Comparison
from gui.views.optimise.frames import FramesView
from gui.views.optimise.stills import StillPair

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


def jpeg(left_bgr: tuple[int, int, int], right_bgr: tuple[int, int, int]) -> bytes:
    """A picture of 640x360 in two colours."""
    image = np.empty((360, 640, 3), np.uint8)
    image[:, :320], image[:, 320:] = left_bgr, right_bgr
    return bytes(cv2.imencode(".jpg", image)[1].tobytes())


RED, GREEN, BLUE = (0, 0, 255), (0, 255, 0), (255, 0, 0)
FRAME = Comparison("INT8", "On this frame 60.0 % of the finds agree.", 1, 2, jpeg(RED, GREEN), jpeg(BLUE, GREEN))
OTHER = Comparison("INT8", "On this frame 70.0 % of the finds agree.", 2, 2, jpeg(BLUE, RED), jpeg(RED, BLUE))


@pytest.fixture
def view(qtbot: QtBot) -> FramesView:
    view = FramesView()
    qtbot.addWidget(view)
    view.resize(800, 300)
    view.show_comparison("key", FRAME)
    view.show()
    qtbot.waitExposed(view)
    view.activateWindow()
    return view


@pytest.fixture
def pair(view: FramesView) -> StillPair:
    return view.pane.pair


def colours(pair: StillPair, share: float) -> list[str]:
    """What both show so far from the left, in the middle of their height."""
    shown = []
    for still in pair.stills:
        image = still.grab().toImage()
        seen = image.pixelColor(round(share * (image.width() - 1)), image.height() // 2)
        shown.append(min(("red", "green", "blue", "black"), key=lambda name: distance(seen, QColor(name))))
    return shown


def distance(one: QColor, other: QColor) -> int:
    return sum(abs(a - b) for a, b in zip(one.getRgb()[:3], QColor(other).getRgb()[:3], strict=True))


def turn_wheel(pair: StillPair, place: QPoint, steps: int) -> None:
    still = pair.stills[1]
    middle, turned = QPointF(place), QPoint(0, 120 * steps)
    nothing = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(middle, still.mapToGlobal(middle), QPoint(), turned, *nothing, False)
    QApplication.sendEvent(still, event)


def test_the_frame_is_shown_whole_through_both(pair: StillPair) -> None:
    assert colours(pair, 0.1) == ["red", "blue"]
    assert colours(pair, 0.9) == ["green", "green"]


def test_the_wheel_zooms_both_round_the_pointer(pair: StillPair) -> None:
    still = pair.stills[1]
    turn_wheel(pair, QPoint(still.width() - 2, still.height() // 2), 8)
    assert colours(pair, 0.1) == ["green", "green"]
    turn_wheel(pair, still.rect().center(), -8)
    assert colours(pair, 0.1) == ["red", "blue"]


def test_keys_zoom_move_and_show_all_again(qtbot: QtBot, pair: StillPair) -> None:
    for _ in range(5):
        qtbot.keyClick(pair, Qt.Key.Key_Plus)
    for _ in range(20):
        qtbot.keyClick(pair, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert colours(pair, 0.05) == ["green", "green"]
    qtbot.keyClick(pair, Qt.Key.Key_0)
    assert colours(pair, 0.1) == ["red", "blue"]


def test_a_drag_moves_both_and_is_no_click(qtbot: QtBot, view: FramesView, pair: StillPair) -> None:
    pair.zoom(3.0)
    still = pair.stills[0]
    middle = still.rect().center()
    qtbot.mousePress(still, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(still, middle - QPoint(60, 0))
    qtbot.mouseMove(still, QPoint(0, middle.y()))
    qtbot.mouseRelease(still, Qt.MouseButton.LeftButton, pos=QPoint(0, middle.y()))
    assert colours(pair, 0.2) == ["green", "green"]
    assert not view.large.isVisible()


def test_another_frame_is_shown_whole_again(pair: StillPair) -> None:
    pair.zoom(4.0)
    pair.show_comparison(OTHER)
    assert colours(pair, 0.1) == ["blue", "red"]
    assert pair.accessibleDescription() == OTHER.words


def test_a_click_shows_it_large_arrows_lead_on_and_escape_closes(
    qtbot: QtBot, view: FramesView, pair: StillPair
) -> None:
    steps: list[int] = []
    view.frame_wanted.connect(steps.append)
    qtbot.mouseClick(pair.stills[0], Qt.MouseButton.LeftButton)
    assert view.large.isVisible()
    large = view.large.pane.pair
    qtbot.waitUntil(large.hasFocus)
    assert colours(large, 0.1) == ["red", "blue"]
    qtbot.keyClick(large, Qt.Key.Key_Right)
    qtbot.keyClick(large, Qt.Key.Key_Left)
    assert steps == [1, -1]
    view.show_comparison("key", OTHER)
    assert colours(large, 0.1) == ["blue", "red"]
    qtbot.keyClick(large, Qt.Key.Key_Escape)
    assert not view.large.isVisible()


def test_return_shows_it_large_and_it_closes_when_there_is_no_frame_any_more(
    qtbot: QtBot, view: FramesView, pair: StillPair
) -> None:
    qtbot.keyClick(pair, Qt.Key.Key_Return)
    assert view.large.isVisible()
    view.show_comparison("", None)
    assert not view.large.isVisible()
