from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import Mock

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QListWidget,
    QProgressBar,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.capture.source import SourceOptions
from engine.frames import Frame
from gui.presenters.source_display import Kind, Offer, Offers, Trying, TryOutDisplay
from gui.views.source_picker import SourcePicker

KINDS = (Kind.CAMERA, Kind.FILE, Kind.ADDRESS, Kind.SCREEN)
CAMERAS = Offers((Offer("camera:A", "A", "/dev/video0"), Offer("camera:B", "B", "/dev/video2")))


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[SourcePicker]:
    made = SourcePicker()
    qtbot.addWidget(made)
    made.show_kinds(KINDS)
    made.show_options(SourceOptions())
    made.show_try_out(TryOutDisplay())
    made.show_ready(False, False)
    made.open_for("Yard")
    yield made
    made.close()


def named(dialog: SourcePicker, kind: type[QWidget], words: str) -> QWidget:
    """The visible widget of this text or accessible name."""
    found = [
        widget
        for widget in dialog.findChildren(kind)
        if widget.isVisible() and words in (widget.accessibleName(), getattr(widget, "text", str)())
    ]
    assert len(found) == 1, [widget.accessibleName() for widget in found]
    return found[0]


def test_kinds_are_chosen_with_the_keyboard(dialog: SourcePicker, qtbot: QtBot) -> None:
    chosen = Mock()
    dialog.kind_chosen.connect(chosen)
    dialog.show_kind(Kind.CAMERA)
    assert not chosen.called
    kinds = named(dialog, QListWidget, "Kind of source")
    qtbot.keyClick(kinds, Qt.Key.Key_Down)
    chosen.assert_called_once_with(Kind.FILE)
    dialog.show_kind(Kind.FILE)
    assert named(dialog, QPushButton, "Folder of pictures…")


def test_a_camera_is_chosen_by_click_and_opened_with_return(dialog: SourcePicker, qtbot: QtBot) -> None:
    chosen, opened = Mock(), Mock()
    dialog.cameras.offer_chosen.connect(chosen)
    dialog.cameras.opened.connect(opened)
    dialog.show_kind(Kind.CAMERA)
    dialog.show_offers(Kind.CAMERA, CAMERAS)
    dialog.show_chosen(Kind.CAMERA, "")
    cameras = named(dialog, QListWidget, "Cameras")
    assert isinstance(cameras, QListWidget)
    place = cameras.visualItemRect(cameras.item(1)).center()
    qtbot.mouseClick(cameras.viewport(), Qt.MouseButton.LeftButton, pos=place)
    chosen.assert_called_once_with("camera:B")
    assert not opened.called
    qtbot.keyClick(cameras, Qt.Key.Key_Return)
    assert opened.call_count == 1


def test_showing_what_is_chosen_tells_nobody(dialog: SourcePicker) -> None:
    chosen = Mock()
    dialog.cameras.offer_chosen.connect(chosen)
    dialog.show_kind(Kind.CAMERA)
    dialog.show_offers(Kind.CAMERA, CAMERAS)
    dialog.show_chosen(Kind.CAMERA, "camera:B")
    cameras = named(dialog, QListWidget, "Cameras")
    assert isinstance(cameras, QListWidget)
    assert cameras.currentItem().text() == "B"
    dialog.show_chosen(Kind.CAMERA, "camera:gone")
    assert cameras.currentItem() is None
    assert not chosen.called


def test_an_empty_list_says_what_to_do(dialog: SourcePicker, qtbot: QtBot) -> None:
    refresh = Mock()
    dialog.cameras.refresh_requested.connect(refresh)
    dialog.show_kind(Kind.CAMERA)
    dialog.show_offers(Kind.CAMERA, Offers(message="No camera is plugged in", remedy="Plug one in"))
    words = [label.text() for label in dialog.findChildren(QWidget) if label.isVisible() and hasattr(label, "text")]
    assert "No camera is plugged in" in words
    assert "Plug one in" in words
    qtbot.mouseClick(named(dialog, QPushButton, "Refresh"), Qt.MouseButton.LeftButton)
    assert refresh.called
    dialog.show_offers(Kind.CAMERA, Offers(busy=True))
    assert not named(dialog, QPushButton, "Refresh").isEnabled()


def test_size_rate_and_side_are_chosen(dialog: SourcePicker, qtbot: QtBot) -> None:
    changed = Mock()
    dialog.cameras.options_changed.connect(changed)
    dialog.show_kind(Kind.CAMERA)
    dialog.show_options(SourceOptions(1600, 1200, 12.5))
    size, rate = named(dialog, QComboBox, "Size of the picture"), named(dialog, QComboBox, "Pictures a second")
    assert isinstance(size, QComboBox)
    assert isinstance(rate, QComboBox)
    assert (size.currentText(), rate.currentText()) == ("1600 × 1200", "12.5 a second")
    assert not changed.called
    qtbot.keyClick(named(dialog, QCheckBox, "Mirror left and right"), Qt.Key.Key_Space)
    changed.assert_called_once_with(SourceOptions(1600, 1200, 12.5, mirror=True))
    qtbot.keyClick(size, Qt.Key.Key_Home)
    changed.assert_called_with(SourceOptions(None, None, 12.5, mirror=True))


def test_an_address_is_typed_and_entered(dialog: SourcePicker, qtbot: QtBot) -> None:
    edited, finished, entered = Mock(), Mock(), Mock()
    dialog.addresses.edited.connect(edited)
    dialog.addresses.finished.connect(finished)
    dialog.addresses.entered.connect(entered)
    accepted = Mock()
    dialog.accept_requested.connect(accepted)
    dialog.show_kind(Kind.ADDRESS)
    dialog.show_offers(Kind.ADDRESS, Offers())
    address, user, password = [field for field in dialog.findChildren(QLineEdit) if field.isVisible()]
    address.setFocus()
    qtbot.keyClicks(address, "rtsp://cam/1")
    edited.assert_called_with("rtsp://cam/1", "", "")
    user.setFocus()
    finished.assert_called_with("rtsp://cam/1", "", "")
    qtbot.keyClicks(password, "s3cret")
    edited.assert_called_with("rtsp://cam/1", "", "s3cret")
    assert "s3cret" not in password.displayText()
    qtbot.keyClick(password, Qt.Key.Key_Return)
    assert entered.call_count == 1
    assert not accepted.called
    dialog.show_complaint("This is no whole address")
    assert any(
        getattr(w, "text", str)() == "This is no whole address" and w.isVisible() for w in dialog.findChildren(QWidget)
    )


def test_an_address_is_removed_with_delete(dialog: SourcePicker, qtbot: QtBot) -> None:
    removed = Mock()
    dialog.addresses.remove_requested.connect(removed)
    dialog.show_kind(Kind.ADDRESS)
    dialog.show_offers(Kind.ADDRESS, Offers((Offer("rtsp://***@cam/1", "rtsp://***@cam/1"),)))
    dialog.show_chosen(Kind.ADDRESS, "rtsp://***@cam/1")
    qtbot.keyClick(named(dialog, QListWidget, "Opened lately"), Qt.Key.Key_Delete)
    removed.assert_called_once_with("rtsp://***@cam/1")


def test_what_was_found_is_shown_with_its_picture(dialog: SourcePicker, qtbot: QtBot) -> None:
    image = np.zeros((90, 160, 3), np.uint8)
    image[:] = (0, 0, 255)  # red, as BGR
    frame = Frame(image, 0, 0, 0, None, "fake")
    dialog.show_try_out(TryOutDisplay(Trying.FOUND, "Yard", (("Size", "160 × 90"),), ("It is slow",), frame))
    picture = named(dialog, QWidget, "First picture")
    assert QColor(picture.grab().toImage().pixel(picture.rect().center())) == QColor(255, 0, 0)
    words = [w.text() for w in dialog.card.findChildren(QWidget) if w.isVisible() and hasattr(w, "text")]
    assert words == ["Yard", "Size", "160 × 90", "It is slow", "Try it out"]


def test_a_try_out_that_goes_on_can_be_cancelled(dialog: SourcePicker, qtbot: QtBot) -> None:
    tried, cancelled = Mock(), Mock()
    dialog.card.try_requested.connect(tried)
    dialog.card.cancel_requested.connect(cancelled)
    dialog.show_ready(True, True)
    qtbot.mouseClick(named(dialog.card, QPushButton, "Try it out"), Qt.MouseButton.LeftButton)  # type: ignore[arg-type]
    assert tried.called
    dialog.show_try_out(TryOutDisplay(Trying.BUSY, "Connecting…"))
    assert named(dialog.card, QProgressBar, "Trying it out")  # type: ignore[arg-type]
    qtbot.mouseClick(named(dialog.card, QPushButton, "Cancel"), Qt.MouseButton.LeftButton)  # type: ignore[arg-type]
    assert cancelled.called


def test_open_waits_until_there_is_something_and_escape_leaves(dialog: SourcePicker, qtbot: QtBot) -> None:
    accepted, dismissed = Mock(), Mock()
    dialog.accept_requested.connect(accepted)
    dialog.dismissed.connect(dismissed)
    button = named(dialog, QPushButton, "Open")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not accepted.called
    dialog.show_ready(True, True)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert accepted.called
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dismissed.called
    assert not dialog.isVisible()


def test_the_system_s_file_dialog_gives_the_file(
    dialog: SourcePicker, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = Mock()
    dialog.files.file_chosen.connect(chosen)
    asked: list[QFileDialog] = []

    def ask(file_dialog: QFileDialog) -> None:
        asked.append(file_dialog)

    monkeypatch.setattr(QFileDialog, "open", ask)
    dialog.show_kind(Kind.FILE)
    qtbot.mouseClick(named(dialog, QPushButton, "Video or picture…"), Qt.MouseButton.LeftButton)
    assert "*.mp4" in asked[0].nameFilters()[0]
    asked[0].fileSelected.emit("/v/a.mp4")
    chosen.assert_called_once_with("/v/a.mp4")
    asked[0].done(0)
