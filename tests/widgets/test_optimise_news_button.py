"""The line that tells of the optimise page elsewhere, and the dot at the way to it."""

from __future__ import annotations

from unittest.mock import create_autospec

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui import theme
from gui.presenters.optimise.news import News, NewsPresenter
from gui.views.optimise import NewsButton, connect_news
from gui.views.rail import Rail


@pytest.fixture
def button(qtbot: QtBot) -> NewsButton:
    button = NewsButton()
    qtbot.addWidget(button)
    return button


def test_it_tells_and_leads_to_the_page(qtbot: QtBot, button: NewsButton) -> None:
    presenter = create_autospec(NewsPresenter, instance=True)
    connect_news(button, presenter)
    with qtbot.waitSignal(button.toned) as toned:
        button.show_news(News("good", "Optimising is done", "Take INT8."))
    assert toned.args == ["good"]
    assert (button.text(), button.toolTip()) == ("Optimising is done", "Take INT8.")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    presenter.on_wanted.assert_called_once_with()


def test_it_takes_no_room_while_there_is_nothing_to_tell(qtbot: QtBot, button: NewsButton) -> None:
    button.show_news(News("busy", "Optimising", ""))
    with qtbot.waitSignal(button.toned) as toned:
        button.show_news(None)
    assert toned.args == [""]
    assert not button.isVisible()


def test_a_dot_stands_at_the_way_to_the_page(qtbot: QtBot) -> None:
    rail = Rail()
    qtbot.addWidget(rail)
    rail.add_page("optimise", "Optimise", "rocket")
    rail.mark("live")
    shown = rail.findChild(QToolButton)
    assert not has(shown, "error")
    rail.show_dot("optimise", "error")
    assert has(shown, "error")
    rail.show_dot("optimise", "")
    assert not has(shown, "error")


def has(button: QToolButton, tone: str) -> bool:
    """Whether a colour of the theme is seen on it."""
    image, colour = button.grab().toImage(), QColor(getattr(theme.current(), tone))
    return any(image.pixelColor(x, y) == colour for x in range(image.width()) for y in range(image.height()))
