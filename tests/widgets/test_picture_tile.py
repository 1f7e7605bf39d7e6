"""A tile as a person uses it: painted, zoomed, moved, clicked, and fed by dropping."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from frame_results import make_detections
from numpy.typing import NDArray
from picture_scenes import LOOK, STATES, boxes, crowded, picture, planted, tile
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QImage, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.presenters.tile_display import Remedy, TileHealth
from gui.views.picture.tile_view import TileView


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[TileView]:
    made = TileView("1")
    qtbot.addWidget(made)
    made.resize(640, 360)
    made.show_picture(picture(boxes()), LOOK)
    made.show_display(tile(), framed=False)
    yield made
    made.hide()


def painted(view: QWidget, ratio: float = 1.0) -> NDArray[np.uint8]:
    canvas = QImage(round(view.width() * ratio), round(view.height() * ratio), QImage.Format.Format_RGB32)
    canvas.setDevicePixelRatio(ratio)
    view.render(canvas)
    return np.frombuffer(canvas.constBits(), np.uint8).reshape(canvas.height(), canvas.width(), 4)[..., :3].copy()


def shown(view: TileView, qtbot: QtBot) -> TileView:
    view.show()
    qtbot.waitExposed(view)
    return view


def wheel(view: TileView, x: float, y: float, notches: int) -> None:
    at = QPointF(x, y)
    none = Qt.MouseButton.NoButton
    turned = QWheelEvent(
        at,
        at,
        QPoint(),
        QPoint(0, 120 * notches),
        none,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, turned)


# The picture


def test_the_first_painting_of_a_picture_is_told_once(view: TileView, qtbot: QtBot) -> None:
    told: list[tuple[Any, ...]] = []
    view.picture_drawn.connect(lambda *args: told.append(args))
    first = picture(boxes())
    view.show_picture(first, LOOK)
    for _ in range(3):
        painted(view)
    view.show_picture(first, replace(LOOK, results=False))
    painted(view)
    assert [(tile_id, shown) for tile_id, shown, _ in told] == [("1", first)]
    assert 0.0 < told[0][2] < 1000.0


def test_a_hidden_tile_paints_nothing(view: TileView, qtbot: QtBot) -> None:
    told: list[Any] = []
    shown(view, qtbot)
    view.picture_drawn.connect(lambda *args: told.append(args))
    view.hide()
    view.show_picture(picture(boxes()), LOOK)
    QApplication.processEvents()
    assert told == []
    view.show()
    qtbot.waitUntil(lambda: len(told) == 1)


def test_a_picture_is_letterboxed_in_the_colour_of_the_theme(view: TileView) -> None:
    view.resize(640, 640)
    image = painted(view)
    ground = theme.current().picture
    assert image[600, 320].tolist() == [int(ground[i : i + 2], 16) for i in (5, 3, 1)]
    assert image[320, 320].tolist() != image[600, 320].tolist()


def test_the_picture_fills_its_pixels_on_a_screen_of_twice_the_density(
    view: TileView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.show_picture(picture(boxes()), replace(LOOK, results=False))
    view.show_display(tile(TileHealth.EMPTY), framed=False)
    monkeypatch.setattr(view, "devicePixelRatioF", lambda: 2.0)
    for child in view.findChildren(QWidget):
        child.hide()
    image, source = painted(view, 2.0), boxes().frame.image
    assert image.shape == (720, 1280, 3)
    assert np.array_equal(image, source)


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (5000, 4)])
@pytest.mark.parametrize("window", [(640, 360), (1, 1), (90, 400)])
def test_odd_sizes_are_painted(view: TileView, size: tuple[int, int], window: tuple[int, int]) -> None:
    found = make_detections((0.0, 0.0, float(size[0]), float(size[1]), 0.9, 2))
    view.resize(*window)
    view.show_picture(picture(planted(found, size)), LOOK)
    for _ in range(12):
        assert painted(view).shape == (window[1], window[0], 3)
        view.zoom_in()


def test_results_can_be_hidden(view: TileView) -> None:
    view.show_picture(picture(boxes()), replace(LOOK, results=False))
    without = painted(view)
    view.show_picture(picture(boxes()), LOOK)
    assert not np.array_equal(painted(view), without)


def test_what_was_found_on_a_picture_of_another_size_is_not_drawn(view: TileView) -> None:
    result = boxes()
    frame = replace(result.frame, image=np.full((480, 640, 3), 90, np.uint8))
    mixed = picture(replace(result, frame=frame))
    view.show_picture(type(mixed)(result.frame, mixed.result, 0.4), LOOK)
    view_with = painted(view)
    view.show_picture(type(mixed)(result.frame, None, 0.0), LOOK)
    assert np.array_equal(view_with[60:300], painted(view)[60:300])


def test_a_result_that_is_older_than_the_picture_says_so(view: TileView) -> None:
    view.show_picture(picture(boxes(), behind_s=0.0), LOOK)
    in_step = painted(view)
    view.show_picture(picture(boxes(), behind_s=0.8), LOOK)
    changed = np.argwhere((painted(view) != in_step).any(axis=2))
    assert changed[:, 0].min() > 300 and changed[:, 1].max() < 320, "a note at the bottom left"


def test_painting_leaves_no_references(view: TileView) -> None:
    """Some versions of PySide6 lose one with each call until the program aborts."""
    pictures = [picture(crowded()) for _ in range(2)]
    canvas = QImage(640, 360, QImage.Format.Format_RGB32)
    for index in range(20):
        view.show_picture(pictures[index % 2], LOOK)
        view.render(canvas)
    before = [sys.getrefcount(thing) for thing in (None, True, False)]
    for index in range(200):
        view.show_picture(pictures[index % 2], LOOK)
        view.render(canvas)
    after = [sys.getrefcount(thing) for thing in (None, True, False)]
    assert all(abs(b - a) < 100 for a, b in zip(before, after, strict=True)), (before, after)


# Zooming and moving


def test_the_wheel_zooms_round_the_pointer(view: TileView, qtbot: QtBot) -> None:
    under = view.viewport.to_source(160, 90)
    wheel(view, 160, 90, 3)
    assert view.viewport.magnification == pytest.approx(1.25**3)
    assert view.viewport.to_source(160, 90) == pytest.approx(under, abs=2.0)
    wheel(view, 160, 90, -9)
    assert not view.viewport.zoomed


def test_a_zoomed_picture_is_dragged_and_fitted_again(view: TileView, qtbot: QtBot) -> None:
    for _ in range(4):
        view.zoom_in()
    before = view.viewport.offset_x
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    qtbot.mouseMove(view, QPoint(340, 200))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(340, 200))
    assert view.viewport.offset_x == before + 40
    qtbot.mouseMove(view, QPoint(400, 200))
    assert view.viewport.offset_x == before + 40
    view.fit()
    assert not view.viewport.zoomed


def test_arrows_move_a_zoomed_picture_and_leave_shortcuts_alone_otherwise(view: TileView, qtbot: QtBot) -> None:
    def taken() -> bool:
        event = QKeyEvent(QEvent.Type.ShortcutOverride, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
        event.ignore()
        QApplication.sendEvent(view, event)
        return event.isAccepted()

    assert not taken()
    view.zoom_in()
    view.zoom_in()
    assert taken()
    before = view.viewport.offset_x
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.viewport.offset_x < before


def test_zoom_and_place_survive_another_size_of_picture(view: TileView) -> None:
    wheel(view, 160, 90, 4)
    centre = view.viewport.centre_x
    view.show_picture(picture(crowded((1920, 1080))), LOOK)
    assert view.viewport.centre_x == pytest.approx(centre) and view.viewport.zoomed


# What a person does


def test_a_click_selects_and_a_double_click_enlarges(view: TileView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.select_requested) as selected:
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(view.enlarge_requested) as enlarged:
        qtbot.mouseDClick(view, Qt.MouseButton.LeftButton)
    assert selected.args == enlarged.args == ["1"]


def test_the_menu_key_asks_for_the_menu_of_the_tile(view: TileView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.context_menu_requested) as asked:
        at = QPoint(10, 10)
        QApplication.sendEvent(view, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, at))
    assert asked.args is not None and asked.args[0] == "1"


def drop(view: TileView, data: QMimeData) -> None:
    copy, left, plain = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    view.dragEnterEvent(QDragEnterEvent(QPoint(50, 50), copy, data, left, plain))
    view.dropEvent(QDropEvent(QPointF(50, 50), copy, data, left, plain))


def test_files_and_addresses_are_dropped(view: TileView, qtbot: QtBot) -> None:
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/films/a b.mp4"), QUrl("rtsp://yard:8554/one")])
    with qtbot.waitSignal(view.dropped) as dropped:
        drop(view, files)
    assert dropped.args == ["1", ["/films/a b.mp4", "rtsp://yard:8554/one"]]
    words = QMimeData()
    words.setText("rtsp://yard:8554/two\n")
    with qtbot.waitSignal(view.dropped) as dropped:
        drop(view, words)
    assert dropped.args == ["1", ["rtsp://yard:8554/two"]]


def button(view: TileView, words: str) -> QPushButton:
    (found,) = [b for b in view.findChildren(QPushButton) if b.text() == words and b.isVisible()]
    return found


def test_an_empty_tile_offers_to_choose_a_source(view: TileView, qtbot: QtBot) -> None:
    view.show_display(STATES["empty"], framed=False)
    shown(view, qtbot)
    assert any("Drop a video" in label.text() for label in view.findChildren(QLabel) if label.isVisible())
    with qtbot.waitSignal(view.choose_source_requested):
        qtbot.mouseClick(button(view, "Choose a source…"), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("state", "words", "remedy"),
    [("password", "Password…", Remedy.PASSWORD), ("model failed", "Load again", Remedy.RELOAD)],
)
def test_a_banner_has_the_button_that_helps(
    view: TileView, qtbot: QtBot, state: str, words: str, remedy: Remedy
) -> None:
    view.show_display(STATES[state], framed=False)
    shown(view, qtbot)
    with qtbot.waitSignal(view.remedy_requested) as asked:
        qtbot.mouseClick(button(view, words), Qt.MouseButton.LeftButton)
    assert asked.args == ["1", remedy]


def test_loading_can_be_cancelled(view: TileView, qtbot: QtBot) -> None:
    view.show_display(STATES["loading"], framed=False)
    shown(view, qtbot)
    with qtbot.waitSignal(view.cancel_load_requested):
        qtbot.mouseClick(button(view, "Cancel"), Qt.MouseButton.LeftButton)
    view.show_display(STATES["live"], framed=False)
    assert not [b for b in view.findChildren(QPushButton) if b.isVisible()]


def test_a_screen_reader_hears_name_and_state(view: TileView) -> None:
    view.show_display(STATES["reconnecting"], framed=False)
    assert view.accessibleName() == "Yard camera"
    assert view.accessibleDescription().startswith("Reconnecting. Picture is 7 s old. Reconnecting, try 3")


def test_an_old_picture_is_painted_grey(view: TileView) -> None:
    view.show_picture(picture(boxes()), replace(LOOK, results=False))
    assert _colourfulness(painted(view)[60:280]) > 20
    view.show_display(replace(STATES["reconnecting"], banner=None), framed=False)
    assert _colourfulness(painted(view)[60:280]) == 0


def _colourfulness(image: NDArray[np.uint8]) -> int:
    return int((image.max(axis=2).astype(int) - image.min(axis=2)).max())


def test_the_selected_tile_has_a_frame_in_the_colour_of_the_accent(view: TileView) -> None:
    view.show_display(tile(selected=True), framed=True)
    accent = [int(theme.current().accent[i : i + 2], 16) for i in (5, 3, 1)]
    image = painted(view)
    assert image[0, 320].tolist() == image[359, 320].tolist() == image[180, 0].tolist() == accent
    view.show_display(tile(selected=True), framed=False)
    assert painted(view)[0, 320].tolist() != accent
