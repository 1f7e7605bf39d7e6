"""The whole window as it is put together, with all its pages, walked through as a person does who uses no mouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from keyboard import missed_by_tab
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QInputDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted
from gui.presenters.session_file import read_session

PAGES = ("live", "models", "optimise", "settings")


@pytest.fixture
def program(qtbot: QtBot, qapp: QApplication) -> Iterator[Program]:
    ground = Ground(Wanted())
    program = Program(qapp, ground)
    with qtbot.waitExposed(program.window):
        program.window.show()
    program.window.activateWindow()
    yield program
    program.close()
    assert ground.close() == []


def name_of(widget: QWidget) -> str:
    """What a screen reader calls it, by its own name, its text or the label beside it."""
    return str(QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name))


def inside_of_another(widget: QWidget) -> bool:
    """Parts that Qt makes for its own widgets, and labels and buttons that have nothing to say yet."""
    made = widget.objectName().startswith("qt_") or widget.metaObject().className().startswith(("QComboBox", "QMenu"))
    return made or (isinstance(widget, QPushButton | QLabel) and not widget.isVisible() and not widget.text())


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {name_of(widget)!r} in {type(widget.parentWidget()).__name__}"


def test_each_control_of_the_program_has_a_name(program: Program) -> None:
    for page in PAGES:  # some are made when they are first shown
        program.window.show_page(page)
    controls = [w for w in program.window.findChildren(QWidget) if w.focusPolicy() != Qt.FocusPolicy.NoFocus]
    nameless = [described(w) for w in controls if not inside_of_another(w) and not name_of(w)]
    assert not nameless, "\n".join(nameless)


@pytest.mark.parametrize("page", PAGES)
def test_tab_reaches_each_control_of_a_page(qtbot: QtBot, program: Program, page: str) -> None:
    program.window.show_page(page)
    assert [described(w) for w in missed_by_tab(qtbot, program.window)] == []


def test_keys_are_for_the_picture_at_first(program: Program) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    assert focused is program.live.grid.tile("1")


@pytest.mark.parametrize("page", PAGES)
def test_nothing_makes_the_window_wider_than_a_small_screen(program: Program, page: str) -> None:
    program.window.show_page(page)
    assert program.window.minimumSizeHint().width() <= 1024
    assert program.window.minimumSizeHint().height() <= 640


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_tile_is_renamed_by_keyboard(qtbot: QtBot, program: Program) -> None:
    store = program.live._ground.store
    store.edit_tile("1", source="yard.mp4")
    qtbot.keyClick(program.window, Qt.Key.Key_F2)
    dialog = program.window.findChild(QInputDialog)
    assert dialog is not None
    qtbot.keyClicks(dialog.findChild(QLineEdit), " Gate 4 ")
    qtbot.keyClick(dialog.findChild(QLineEdit), Qt.Key.Key_Return)
    assert store.now.tile("1").name == "Gate 4"
    qtbot.waitUntil(lambda: program.live.grid.tile("1").accessibleName() == "Gate 4")


def test_a_session_is_saved_as_a_file_in_the_background(
    qtbot: QtBot, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, store = tmp_path / "night.json", program.live._ground.store
    store.edit_tile("1", name="Gate 4")
    monkeypatch.setattr("gui.views.dialogs.name_session", lambda _window: path)
    program.window.triggered.emit("file.save_session")
    qtbot.waitUntil(path.exists)
    assert read_session(path).workspace.tiles[0].name == "Gate 4"


def test_a_session_that_cannot_be_saved_is_a_problem(
    qtbot: QtBot, program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground = program.live._ground
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setattr("gui.views.dialogs.name_session", lambda _window: tmp_path / "file" / "night.json")
    program.window.triggered.emit("file.save_session")

    def told() -> bool:
        ground.bridge.settle()
        return any("night.json" in problem.about for problem in ground.problems.items)

    qtbot.waitUntil(told)
