"""The bar under the pictures, by mouse and keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from picture_scenes import FILM
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gui.presenters.workspace import Display
from gui.views.picture.transport_bar import SeekSlider, TransportBar

CAMERA = replace(FILM, file=False, frames=0, position=0, place="")


@pytest.fixture
def bar(qtbot: QtBot) -> Iterator[TransportBar]:
    window = QWidget()
    qtbot.addWidget(window)
    made = TransportBar(window)
    made.resize(1000, 80)
    made.show_transport(FILM)
    window.resize(1000, 80)
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.hide()


def named(bar: TransportBar, name: str) -> Any:
    (found,) = [w for w in bar.findChildren(QWidget) if w.accessibleName() == name]
    return found


def visible(bar: TransportBar) -> set[str]:
    kinds = (*bar.findChildren(QToolButton), *bar.findChildren(QComboBox), *bar.findChildren(SeekSlider))
    return {w.accessibleName() for w in kinds if w.isVisible()}


def choose(qtbot: QtBot, choice: QComboBox, words: str) -> None:
    """As a person does: open the list, and press a key until it is there."""
    choice.setFocus()
    for _ in range(choice.count()):
        if choice.currentText() == words:
            return
        qtbot.keyClick(choice, Qt.Key.Key_Down)
    for _ in range(choice.count()):
        if choice.currentText() == words:
            return
        qtbot.keyClick(choice, Qt.Key.Key_Up)
    raise AssertionError(words)


def test_a_camera_has_only_what_applies_to_it(bar: TransportBar) -> None:
    assert len(visible(bar)) == 9
    bar.show_transport(CAMERA)
    assert visible(bar) == {"Which picture is shown", "Frames analysed a second, at most"}
    bar.show_transport(replace(FILM, analysed=False))
    assert visible(bar) == {
        "Place in the file",
        "Previous frame",
        "Pause",
        "Next frame",
        "Begin again at the end",
        "Speed",
    }
    bar.show_transport(None)
    assert not bar.isVisible()


@pytest.mark.parametrize(
    ("name", "signal", "args"),
    [
        ("Pause", "play_pause_requested", []),
        ("Next frame", "step_requested", [1]),
        ("Previous frame", "step_requested", [-1]),
        ("Begin again at the end", "loop_requested", [False]),
    ],
)
def test_buttons(bar: TransportBar, qtbot: QtBot, name: str, signal: str, args: list[Any]) -> None:
    with qtbot.waitSignal(getattr(bar, signal)) as told:
        qtbot.mouseClick(named(bar, name), Qt.MouseButton.LeftButton)
    assert told.args == args


@pytest.mark.parametrize(
    ("name", "words", "signal", "args"),
    [
        ("Speed", "2 ×", "speed_requested", [2.0]),
        ("How a file is analysed", "Every frame", "every_frame_requested", [True]),
        ("Which picture is shown", "Smooth", "display_requested", [Display.SMOOTH]),
        ("Frames analysed a second, at most", "5 a second", "max_fps_requested", [5.0]),
    ],
)
def test_choices(bar: TransportBar, qtbot: QtBot, name: str, words: str, signal: str, args: list[Any]) -> None:
    told: list[Any] = []
    getattr(bar, signal).connect(lambda *values: told.append(list(values)))
    choose(qtbot, named(bar, name), words)
    assert told[-1] == args


def test_showing_a_state_asks_for_nothing(bar: TransportBar, qtbot: QtBot) -> None:
    told: list[Any] = []
    for signal in (bar.seek_requested, bar.speed_requested, bar.loop_requested, bar.max_fps_requested):
        signal.connect(lambda *values: told.append(values))
    bar.show_transport(replace(FILM, position=500, speed=3.0, loop=False, max_fps=7.5))
    assert told == []
    assert named(bar, "Speed").currentText() == "3 ×"
    assert named(bar, "Frames analysed a second, at most").currentText() == "7.5 a second"


def test_a_click_on_the_line_goes_there_and_dragging_goes_on_from_there(bar: TransportBar, qtbot: QtBot) -> None:
    slider = named(bar, "Place in the file")
    wanted: list[int] = []
    bar.seek_requested.connect(wanted.append)
    middle = QPoint(slider.width() // 2, slider.height() // 2)
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=middle)
    assert wanted[-1] == pytest.approx(500, abs=5)
    qtbot.mouseMove(slider, middle + QPoint(slider.width() // 4, 0))
    assert wanted[-1] == pytest.approx(750, abs=12)
    bar.show_transport(replace(FILM, position=501))
    assert slider.sliderPosition() == wanted[-1], "what is dragged stays under the pointer"
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=middle + QPoint(slider.width() // 4, 0))
    bar.show_transport(replace(FILM, position=751))
    assert slider.value() == 751


def test_arrows_go_from_frame_to_frame(bar: TransportBar, qtbot: QtBot) -> None:
    slider = named(bar, "Place in the file")
    wanted: list[int] = []
    bar.seek_requested.connect(wanted.append)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert wanted == [101]


def test_where_it_stands_in_words(bar: TransportBar) -> None:
    assert [label.text() for label in bar.findChildren(QLabel)] == [FILM.place]


def test_a_stopped_film_cannot_be_played(bar: TransportBar) -> None:
    bar.show_transport(replace(FILM, enabled=False, playing=False))
    assert not named(bar, "Play").isEnabled() and not named(bar, "Place in the file").isEnabled()
    assert named(bar, "Speed").isEnabled()
