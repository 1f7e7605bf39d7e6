"""The grid: who gets how much room, and the way of the keyboard through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from picture_scenes import LOOK, STATES, boxes, picture, tile
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.presenters.tile_display import TileDisplay
from gui.views.picture.grid_view import GridView, grid_columns


@pytest.mark.parametrize(
    ("count", "size", "columns"),
    [
        (1, (1280, 720), 1),
        (2, (1280, 720), 1),
        (2, (1280, 400), 2),
        (3, (1280, 720), 2),
        (4, (1280, 720), 2),
        (6, (1280, 720), 3),
        (9, (1280, 720), 3),
        (16, (1280, 720), 4),
        (4, (400, 1600), 1),
    ],
)
def test_pictures_are_as_large_as_they_can_be(count: int, size: tuple[int, int], columns: int) -> None:
    assert grid_columns(count, *size) == columns


def displays(*ids: str, selected: str = "1") -> tuple[TileDisplay, ...]:
    return tuple(tile(tile_id=tile_id, selected=tile_id == selected) for tile_id in ids)


@pytest.fixture
def grid(qtbot: QtBot) -> Iterator[GridView]:
    made = GridView()
    qtbot.addWidget(made)
    made.resize(800, 450)
    made.show_tiles(displays("1", "2", "3", "4"), None)
    made.show()
    qtbot.waitExposed(made)
    made.activateWindow()
    yield made
    made.hide()


def test_tiles_do_not_overlap_and_fill_the_area(grid: GridView) -> None:
    places = [grid.tile(n).geometry() for n in "1234"]  # type: ignore[union-attr]
    assert not any(a.intersects(b) for a in places for b in places if a is not b)
    assert places[0].topLeft() == grid.rect().topLeft() and places[3].bottomRight() == grid.rect().bottomRight()


def test_a_tile_stays_the_same_when_others_come_and_go(grid: GridView) -> None:
    kept = grid.tile("2")
    assert kept is not None
    kept.zoom_in()
    grid.show_tiles(displays("2", "7"), None)
    assert grid.tile("2") is kept and kept.viewport.zoomed
    assert grid.tile("1") is None and grid.visible_tiles() == ("2", "7")


def test_an_enlarged_tile_fills_the_area_alone(grid: GridView) -> None:
    grid.show_tiles(displays("1", "2", "3", "4"), "3")
    assert grid.visible_tiles() == ("3",)
    assert grid.tile("3").geometry() == grid.rect()  # type: ignore[union-attr]
    grid.show_tiles(displays("1", "2", "3", "4"), None)
    assert grid.visible_tiles() == ("1", "2", "3", "4")


def test_nothing_is_visible_in_a_hidden_or_minimised_window(grid: GridView, qtbot: QtBot) -> None:
    grid.showMinimized()
    assert grid.visible_tiles() == ()
    grid.showNormal()
    qtbot.waitUntil(lambda: len(grid.visible_tiles()) == 4)
    grid.hide()
    assert grid.visible_tiles() == ()


def test_arrows_lead_from_tile_to_tile_and_stop_at_the_edge(grid: GridView, qtbot: QtBot) -> None:
    selected: list[str] = []
    grid.select_requested.connect(selected.append)
    grid.tile("1").setFocus(Qt.FocusReason.MouseFocusReason)  # type: ignore[union-attr]
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, key)
    assert selected == ["2", "4", "3", "1"]
    assert QApplication.focusWidget() is grid.tile("1")


@pytest.mark.parametrize(("tiles", "leads"), [(("1", "2"), True), (("1",), False)])
def test_arrows_are_shortcuts_of_the_window_only_where_they_lead_to_no_tile(
    grid: GridView, qtbot: QtBot, tiles: tuple[str, ...], leads: bool
) -> None:
    sought: list[bool] = []
    for keys in ("Right", "Shift+Right"):
        action = QAction(grid)
        action.setShortcut(keys)
        action.triggered.connect(lambda: sought.append(True))
        grid.addAction(action)
    grid.show_tiles(displays(*tiles), None)
    grid.tile("1").setFocus()  # type: ignore[union-attr]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert len(sought) == (0 if leads else 1)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert len(sought) == (1 if leads else 2)


def test_tab_goes_through_tiles_and_their_buttons_in_order(grid: GridView, qtbot: QtBot) -> None:
    shown = displays("1", "2", "3", "4")
    grid.show_tiles(
        (shown[0], replace(STATES["empty"], tile_id="2"), shown[2], replace(STATES["password"], tile_id="4")), None
    )
    grid.tile("1").setFocus()  # type: ignore[union-attr]
    names = []
    for _ in range(5):
        focused = QApplication.focusWidget()
        assert focused is not None
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
        after = QApplication.focusWidget()
        names.append(getattr(after, "tile_id", "") or after.text())  # type: ignore[union-attr]
    assert names == ["2", "Choose a source…", "3", "4", "Password…"]


def test_pictures_of_tiles_are_their_own(grid: GridView) -> None:
    told: list[str] = []
    grid.picture_drawn.connect(lambda tile_id, _picture, _ms: told.append(tile_id))
    grid.tile("3").show_picture(picture(boxes()), LOOK)  # type: ignore[union-attr]
    grid.grab()
    assert told == ["3"]
