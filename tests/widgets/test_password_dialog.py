from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import Mock

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit
from pytestqt.qtbot import QtBot

from gui.presenters.password import PasswordQuestion
from gui.views.password_dialog import PasswordDialog

QUESTION = PasswordQuestion("Yard", "rtsp://***@10.0.0.7/yard")


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[PasswordDialog]:
    made = PasswordDialog()
    qtbot.addWidget(made)
    yield made
    made.close()


def shown(dialog: PasswordDialog) -> list[QLineEdit]:
    return [field for field in dialog.findChildren(QLineEdit) if field.isVisible()]


def test_user_and_password_are_typed_and_sent_with_return(dialog: PasswordDialog, qtbot: QtBot) -> None:
    answered = Mock()
    dialog.answered.connect(answered)
    dialog.ask(QUESTION)
    user, password = shown(dialog)
    qtbot.keyClicks(user, "admin")
    qtbot.keyClicks(password, "s3cret")
    assert password.displayText() != "s3cret"
    qtbot.mouseClick(dialog.findChild(QCheckBox), Qt.MouseButton.LeftButton)
    qtbot.keyClick(password, Qt.Key.Key_Return)
    answered.assert_called_once_with("admin", "s3cret", False)


def test_what_was_typed_is_forgotten(dialog: PasswordDialog, qtbot: QtBot) -> None:
    dialog.ask(QUESTION)
    qtbot.keyClicks(shown(dialog)[1], "s3cret")
    dialog.dismiss()
    assert all(field.text() == "" for field in dialog.findChildren(QLineEdit))
    dialog.ask(QUESTION)
    assert dialog.findChild(QCheckBox).isChecked()


def test_escape_is_no_answer(dialog: PasswordDialog, qtbot: QtBot) -> None:
    dismissed, answered = Mock(), Mock()
    dialog.dismissed.connect(dismissed)
    dialog.answered.connect(answered)
    dialog.ask(QUESTION)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dismissed.called
    assert not answered.called
    assert not dialog.isVisible()


def test_the_whole_address_is_one_field(dialog: PasswordDialog, qtbot: QtBot) -> None:
    answered = Mock()
    dialog.address_answered.connect(answered)
    dialog.ask(PasswordQuestion("Yard", "http://cam/?token=***", whole=True))
    (field,) = shown(dialog)
    qtbot.keyClicks(field, "http://cam/?token=abc")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    answered.assert_called_once_with("http://cam/?token=abc", True)
