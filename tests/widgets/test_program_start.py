"""What went wrong before the window was there is told in it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from engine.folders import data_folder, write_atomic
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted


def test_settings_that_cannot_be_read_are_told_in_the_window(qtbot: QtBot, qapp: QApplication) -> None:
    write_atomic(data_folder() / "settings.json", b"{broken")
    ground = Ground(Wanted())
    program = Program(qapp, ground)
    with qtbot.waitExposed(program.window):
        program.window.show()
    program.start(Wanted())
    said = [label.text() for label in program.window.findChildren(QLabel) if label.isVisible()]
    program.close()
    assert ground.close() == []
    assert any(words.startswith("The settings could not be read") for words in said), said
