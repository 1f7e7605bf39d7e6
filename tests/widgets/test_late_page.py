"""A page that is made when somebody looks at it."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QStackedWidget
from pytestqt.qtbot import QtBot

from gui.views.late_page import LatePage


@pytest.fixture
def stack(qtbot: QtBot) -> QStackedWidget:
    """A window at another page."""
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    stack.addWidget(QLabel("another page"))
    stack.show()
    qtbot.waitExposed(stack)
    return stack


def test_it_is_made_once_when_it_is_first_looked_at(stack: QStackedWidget) -> None:
    page, made = LatePage(), []

    def make() -> None:
        made.append(QLabel("contents"))
        page.fill(made[-1])

    page.wanted.connect(make)
    stack.addWidget(page)
    assert not made
    for index in (1, 0, 1):
        stack.setCurrentIndex(index)
    assert [label.isVisible() for label in made] == [True]


def test_what_was_needed_before_anybody_looked_is_not_made_again(stack: QStackedWidget, qtbot: QtBot) -> None:
    page, wanted = LatePage(), []
    page.wanted.connect(lambda: wanted.append(True))
    stack.addWidget(page)
    contents = QLabel("contents")
    with qtbot.waitSignal(page.filled):
        page.fill(contents)
    stack.setCurrentIndex(1)
    assert contents.isVisible()
    assert not wanted
