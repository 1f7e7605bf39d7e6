from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.resources import asset


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_focus_can_be_seen_in_every_theme(qapp: QApplication, qtbot: QtBot, name: str) -> None:
    now = theme.apply(qapp, name)
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    controls = [QPushButton("a"), QToolButton(), QLineEdit()]
    for control in controls:
        layout.addWidget(control)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    for control in controls:
        control.setFocus()
        qtbot.waitUntil(control.hasFocus)
        picture = control.grab().toImage()
        edge = {picture.pixelColor(x, 0).name() for x in range(picture.width())}
        assert now.accent in edge, control


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_style_sheet_is_understood(qapp: QApplication, qtbot: QtBot, name: str) -> None:
    theme.apply(qapp, name)  # Qt warns about a sheet that it cannot parse, which fails the test
    frame = QFrame()
    qtbot.addWidget(frame)
    frame.show()


def test_every_colour_of_the_style_sheet_is_the_theme_s() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", asset("style", "window.qss").read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(", sheet) == []
    for name in re.findall(r"\$(\w+)", sheet):
        assert name == "style" or QColor(getattr(theme.DARK, name)).isValid()
