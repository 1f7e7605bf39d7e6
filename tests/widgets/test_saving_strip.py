"""Snapshots and recordings in the status bar."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from gui.presenters.saving import SavingDisplay
from gui.views.saving import SavingStrip

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")


@pytest.fixture
def strip(qtbot: QtBot) -> SavingStrip:
    strip = SavingStrip()
    qtbot.addWidget(strip)
    strip.show()
    return strip


def words(strip: SavingStrip) -> list[str]:
    return [label.text() for label in strip.findChildren(QLabel) if label.isVisible()]


def test_it_says_nothing_when_there_is_nothing_to_say(strip: SavingStrip) -> None:
    assert words(strip) == []
    assert not any(button.isVisible() for button in strip.findChildren(QPushButton))


def test_a_recording_is_told_with_its_length(strip: SavingStrip) -> None:
    strip.show_saving(SavingDisplay(recording=True, elapsed="1:02:03", frames="12,345 frames", warning="Only 3 GB."))
    assert words(strip) == ["● Recording 1:02:03", "12,345 frames", "Only 3 GB."]
    strip.show_saving(SavingDisplay(finishing=0.456))
    assert words(strip) == ["Finishing the recording: 45 %"]


def test_what_was_saved_can_be_opened(strip: SavingStrip, qtbot: QtBot) -> None:
    strip.show_saving(SavingDisplay(said="Saved Yard.png", last_file=Path("/pictures/Yard.png")))
    assert words(strip) == ["Saved Yard.png"]
    links = {button.text(): button for button in strip.findChildren(QPushButton) if button.isVisible()}
    with qtbot.waitSignal(strip.open_requested):
        qtbot.mouseClick(links["Open"], Qt.MouseButton.LeftButton)
    links["Show in folder"].setFocus()
    with qtbot.waitSignal(strip.show_requested):
        qtbot.keyClick(links["Show in folder"], Qt.Key.Key_Space)


def test_the_folder_is_told_and_can_be_changed(strip: SavingStrip, qtbot: QtBot) -> None:
    strip.show_saving(SavingDisplay(folder="/pictures", free="12.4 GB free"))
    button = strip.findChild(QToolButton)
    assert button is not None
    assert button.text() == "12.4 GB free"
    assert "/pictures" in button.toolTip()
    with qtbot.waitSignal(strip.change_folder_requested):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_folder_is_asked_for_once_at_a_time(strip: SavingStrip, qtbot: QtBot, tmp_path: Path) -> None:
    strip.ask_folder("The folder is gone", str(tmp_path))
    strip.ask_folder("The folder is gone", str(tmp_path))
    (dialog,) = strip.findChildren(QFileDialog)
    assert dialog.windowTitle() == "The folder is gone"
    with qtbot.waitSignal(strip.folder_chosen) as chosen:
        dialog.accept()
    assert chosen.args == [tmp_path]


def test_a_folder_that_is_not_chosen_is_told(strip: SavingStrip, qtbot: QtBot, tmp_path: Path) -> None:
    strip.ask_folder("", str(tmp_path))
    (dialog,) = strip.findChildren(QFileDialog)
    with qtbot.waitSignal(strip.folder_not_chosen):
        dialog.reject()
    strip.ask_folder("", str(tmp_path))
    with qtbot.waitSignal(strip.folder_not_chosen):
        next(d for d in strip.findChildren(QFileDialog) if d.isVisible()).reject()
