"""The whole window as it is put together: what it tells at the start, and what it does while nobody can see it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot
from servers.clips import clock_video

from engine.folders import data_folder, write_atomic
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted


class Paints(QObject):
    """Counts what is painted in the program."""

    def __init__(self, application: QApplication) -> None:
        super().__init__()
        self.count = 0
        application.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """See everything that happens."""
        self.count += event.type() == QEvent.Type.Paint
        return False


@pytest.fixture
def ground() -> Iterator[Ground]:
    write_atomic(data_folder() / "settings.json", b"{broken")
    ground = Ground(Wanted(session=data_folder() / "empty.json"))
    yield ground
    assert ground.close() == []


@pytest.fixture
def program(qtbot: QtBot, qapp: QApplication, ground: Ground) -> Iterator[Program]:
    program = Program(qapp, ground)
    with qtbot.waitExposed(program.window):
        program.window.show()
    program.start(Wanted())
    yield program
    program.close()


def test_settings_that_cannot_be_read_are_told_in_the_window(program: Program) -> None:
    said = [label.text() for label in program.window.findChildren(QLabel) if label.isVisible()]
    assert any(words.startswith("The settings could not be read") for words in said), said


def test_a_minimised_window_draws_nothing_and_the_stream_goes_on(
    qtbot: QtBot, qapp: QApplication, ground: Ground, program: Program, tmp_path: Path
) -> None:
    film = tmp_path / "clock.mp4"
    film.write_bytes(clock_video())
    ground.opener.open("1", str(film))
    qtbot.waitUntil(lambda: ground.bridge.tile_state("1").captured > 5)
    program.window.showMinimized()
    qtbot.waitUntil(program.window.isMinimized)
    come = ground.bridge.tile_state("1").captured + 10
    qtbot.waitUntil(lambda: ground.bridge.tile_state("1").captured > come)
    paints = Paints(qapp)
    qtbot.waitUntil(lambda: ground.bridge.tile_state("1").captured > come + 30)
    assert paints.count == 0
    program.window.showNormal()
    qtbot.waitUntil(lambda: paints.count > 20)
