from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QToolButton, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot

from engine.errors import SourceError
from gui import resources, theme
from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted
from gui.presenters.manual import ManualPresenter
from gui.views.manual import ManualWindow, connect
from gui.views.manual.browser import ManualBrowser
from gui.views.manual.typeset import images

INDEX = "# Start\n\n1. [Cameras](cameras.md)\n2. [Traces](traces.md)\n"
CAMERAS = (
    "# Cameras\n\nSee [the age](traces.md#age).\n\n![Wide](pictures/wide.png)\n\n## Login\n\nThe password is *secret*."
    "\n\n| a | b |\n|---|---|\n| 1 | `2` |\n\n    code\n"
)
TRACES = "# Traces\n\n" + "A line that is long enough to need two in a narrow window, which moves all below.\n\n" * 60
TRACES += "## Age\n\nHow old it is.\n\n" + "Another line.\n\n" * 80


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, words in (("index.md", INDEX), ("cameras.md", CAMERAS), ("traces.md", TRACES)):
        (tmp_path / name).write_text(words, encoding="utf-8")
    (tmp_path / "pictures").mkdir()
    picture = QImage(2000, 400, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff0000"))
    picture.save(str(tmp_path / "pictures" / "wide.png"))
    return tmp_path


@pytest.fixture
def window(qtbot: QtBot, folder: Path) -> Iterator[ManualWindow]:
    window = ManualWindow(folder)
    qtbot.addWidget(window)
    presenter = ManualPresenter(window, folder)
    connect(window, presenter)
    presenter.on_wanted("")
    yield window
    window.close()


def browser(window: QWidget) -> ManualBrowser:
    found = window.findChild(ManualBrowser)
    assert found is not None
    return found


def heading(window: QWidget) -> str:
    return browser(window).document().begin().text()


def tree(window: QWidget, name: str) -> QTreeWidget:
    (found,) = (each for each in window.findChildren(QTreeWidget) if each.accessibleName() == name)
    return found


def rows(of: QTreeWidget) -> list[str]:
    return [item.text(0) for number in range(of.topLevelItemCount()) if (item := of.topLevelItem(number)) is not None]


def press(qtbot: QtBot, window: QWidget, name: str) -> None:
    (button,) = (each for each in window.findChildren(QToolButton) if each.accessibleName() == name)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(window: QWidget, name: str, row: int) -> None:
    of = tree(window, name)
    of.setCurrentItem(of.topLevelItem(row))


def test_the_contents_lead_to_chapters_and_back(qtbot: QtBot, window: ManualWindow) -> None:
    assert rows(tree(window, "Contents")) == ["Start", "Cameras", "Traces"]
    choose(window, "Contents", 1)
    assert heading(window) == "Cameras"
    assert tree(window, "Contents").topLevelItem(1).isExpanded()  # type: ignore[union-attr]
    press(qtbot, window, "Back to the place before")
    assert heading(window) == "Start"
    press(qtbot, window, "Forward again")
    assert heading(window) == "Cameras"
    press(qtbot, window, "First page of the manual")
    assert heading(window) == "Start"


def test_a_link_leads_to_its_place_in_another_chapter(window: ManualWindow) -> None:
    browser(window).follow(QUrl("traces.md#age"))
    assert heading(window) == "Traces"
    assert browser(window).verticalScrollBar().value() > 100
    current = tree(window, "Contents").currentItem()
    assert current is not None
    assert current.text(0) == "Traces"


def test_a_search_lists_places_and_marks_the_words(qtbot: QtBot, window: ManualWindow) -> None:
    search = window.findChild(QLineEdit)
    assert search is not None
    qtbot.keyClicks(search, "password")
    assert rows(tree(window, "What was found")) == ["Login  ·  Cameras"]
    qtbot.keyClick(search, Qt.Key.Key_Return)
    assert heading(window) == "Cameras"
    assert [mark.cursor.selectedText() for mark in browser(window).extraSelections()] == ["password"]
    qtbot.keyClicks(search, " nowhere")
    (none,) = (each for each in window.findChildren(QLabel) if each.text().startswith("Nothing in the manual"))
    assert none.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert tree(window, "Contents").isVisible()
    assert browser(window).extraSelections() == []
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_a_picture_is_never_wider_than_the_room(window: ManualWindow) -> None:
    window.open_at("cameras.md")
    for width in (1200, 700):
        window.resize(width, 600)
        (shape,) = (shape for _, shape in images(browser(window).document()))
        assert 0 < shape.width() <= browser(window).viewport().width()
        assert shape.width() / shape.height() == pytest.approx(5.0, rel=0.05)


def test_what_is_read_stays_in_sight_when_the_window_changes(window: ManualWindow) -> None:
    window.resize(1200, 600)
    window.open_at("traces.md#age")
    before = browser(window).verticalScrollBar().value()
    window.resize(580, 500)
    assert browser(window).verticalScrollBar().value() > before
    top = browser(window).cursorForPosition(QPoint(24, 2))
    assert top.block().text() == "Age"


def test_letters_grow_and_colours_follow_the_theme(qtbot: QtBot, qapp: QApplication, window: ManualWindow) -> None:
    window.open_at("cameras.md")
    before = browser(window).document().defaultFont().pixelSize()
    press(qtbot, window, "Larger letters")
    assert browser(window).document().defaultFont().pixelSize() > before
    theme.apply(qapp, "light")
    letters = browser(window).document().begin().begin().fragment().charFormat()
    assert letters.foreground().color() == QColor(theme.LIGHT.text)
    assert letters.font().pixelSize() > browser(window).document().defaultFont().pixelSize()


def test_it_is_said_only_in_other_languages_that_it_is_in_english(window: ManualWindow) -> None:
    assert [each.text() for each in window.findChildren(QLabel) if each.isVisible()] == []


def test_the_manual_comes_with_the_program() -> None:
    assert (resources.manual() / "index.md").is_file()


def test_f1_opens_the_chapter_of_the_page_and_a_problem_its_message(qtbot: QtBot, qapp: QApplication) -> None:
    ground = Ground(Wanted())
    program = Program(qapp, ground)
    with qtbot.waitExposed(program.window):
        program.window.show()
    program.window.show_page("models")
    qtbot.keyClick(program.window, Qt.Key.Key_F1)
    (window,) = program.window.findChildren(ManualWindow)
    assert window.isVisible()
    assert heading(window).startswith("Models")
    ground.problems.add("Yard", SourceError("There is no such file", subject="yard.mp4"))
    program.window.triggered.emit("view.problems")
    (button,) = (each for each in program.window.findChildren(QPushButton) if each.text() == "Manual")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert browser(window).source().fragment() == "there-is-no-such-file"
    program.window.close()
    assert not window.isVisible()
    program.close()
    assert ground.close() == []
