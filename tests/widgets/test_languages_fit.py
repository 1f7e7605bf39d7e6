"""In every language the window's words have the room that they need, at 1280x720."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted
from gui.settings import LANGUAGES
from gui.translation import load_translation, locale_of
from gui.views.elided import ElidedLabel


@pytest.fixture(params=list(LANGUAGES))
def language(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[str]:
    before = set(qapp.findChildren(QTranslator))
    load_translation(qapp, locale_of(request.param))
    theme.load_fonts(qapp, locale_of(request.param))
    yield request.param
    for translator in set(qapp.findChildren(QTranslator)) - before:
        qapp.removeTranslator(translator)
        translator.deleteLater()
    theme.load_fonts(qapp)


def is_cut(widget: QWidget) -> bool:
    """Whether words on a visible widget do not fit; what ends in an ellipsis by itself always does."""
    if isinstance(widget, QLabel) and widget.text() and not isinstance(widget, ElidedLabel):
        if widget.wordWrap():
            return widget.heightForWidth(widget.width()) > widget.height() + 1
        return widget.sizeHint().width() > widget.width() + 1
    return (
        isinstance(widget, QAbstractButton) and bool(widget.text()) and widget.sizeHint().width() > widget.width() + 1
    )


def cut(window: QWidget) -> list[str]:
    shown = (widget for widget in window.findChildren(QWidget) if widget.isVisible() and widget.width() > 0)
    return [str(widget.property("text")) for widget in shown if is_cut(widget)]


def test_nothing_is_cut(qtbot: QtBot, qapp: QApplication, language: str) -> None:
    ground = Ground(Wanted())
    program = Program(qapp, ground)
    window = program.window
    with qtbot.waitExposed(window):
        window.resize(1280, 720)
        window.show()
    left = {}
    for page in ("live", "models", "optimise", "settings"):
        window.show_page(page)
        qtbot.wait(50)
        left[page] = cut(window)
    window.hide()
    program.close()
    ground.close()
    assert left == {page: [] for page in left}, language
