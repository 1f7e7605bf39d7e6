from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from gui import resources
from gui.views.about import About
from gui.views.licences import Licences


@pytest.fixture
def assets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(resources, "_root", lambda: tmp_path)
    return tmp_path


def button(about: About) -> QPushButton:
    (found,) = (each for each in about.findChildren(QPushButton) if each.text() == "Licences")
    return found


def test_the_licences_of_all_parts_are_read_in_the_program(qtbot: QtBot, assets: Path) -> None:
    (assets / "licences.txt").write_text(
        "Qt 6   LGPL-3.0-only\nFFmpeg   LGPL-2.1-or-later, Mickaël\n", encoding="utf-8"
    )
    about = About()
    qtbot.addWidget(about)
    about.show()
    qtbot.mouseClick(button(about), Qt.MouseButton.LeftButton)
    (shown,) = about.findChildren(Licences)
    assert shown.isVisible()
    words = shown.findChild(QPlainTextEdit)
    assert words is not None
    assert "FFmpeg   LGPL-2.1-or-later, Mickaël" in words.toPlainText()
    assert words.isReadOnly()
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()


@pytest.mark.usefixtures("assets")
def test_where_they_were_never_collected_nothing_is_offered(qtbot: QtBot) -> None:
    about = About()
    qtbot.addWidget(about)
    about.show()
    assert not button(about).isVisible()
