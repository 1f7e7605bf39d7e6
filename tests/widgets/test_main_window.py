from __future__ import annotations

from pathlib import Path

import pytest
from keyboard import missed_by_tab
from PySide6.QtCore import QMimeData, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSlider,
    QSplitter,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shell_rooms import Shell, make_shell

from engine.errors import SourceError
from gui import actions
from gui.actions import Situation
from gui.views.health import StatusLine
from gui.views.main_window import MainWindow
from gui.views.rail import Rail
from gui.views.settings_page import SettingsPage
from gui.views.top_bar import TopBar


@pytest.fixture
def shell(qtbot: QtBot, tmp_path: Path) -> Shell:
    shell = make_shell(tmp_path)
    qtbot.addWidget(shell.window)
    with qtbot.waitExposed(shell.window):
        shell.window.show()
    shell.window.activateWindow()
    return shell


def wanted(shell: Shell) -> list[str]:
    ids: list[str] = []
    shell.window.triggered.connect(ids.append)
    return ids


def test_the_first_page_is_shown_and_others_by_the_rail(qtbot: QtBot, shell: Shell) -> None:
    assert shell.window.page == "live"
    button = next(b for b in shell.window.findChildren(QToolButton) if b.text() == "2")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shell.window.page == "settings"
    assert button.isChecked()
    first = next(b for b in shell.window.findChildren(QToolButton) if b.text() == "1")
    assert not first.isChecked()
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Space)
    assert shell.window.page == "live"


@pytest.mark.parametrize("action", [a for a in actions.table() if a.shortcuts], ids=lambda a: str(a.action_id))
def test_each_shortcut_leads_to_its_action(qtbot: QtBot, shell: Shell, action: actions.Action) -> None:
    everything = Situation(True, True, True, False, True, False, 4)
    shell.window.set_situation(everything)
    shell.window.centralWidget().setFocus()
    for keys in action.shortcuts:
        ids = wanted(shell)
        qtbot.keySequence(shell.window, keys)
        assert ids == [action.action_id], keys


def test_what_makes_no_sense_now_cannot_be_chosen(shell: Shell) -> None:
    shell.window.set_situation(Situation())
    assert not shell.window.action("stream.snapshot").isEnabled()
    assert shell.window.action("file.source").isEnabled()
    shell.window.set_situation(Situation(has_picture=True))
    assert shell.window.action("stream.snapshot").isEnabled()


@pytest.mark.parametrize("key", [Qt.Key.Key_O, Qt.Key.Key_F, Qt.Key.Key_Space, Qt.Key.Key_Comma, Qt.Key.Key_Left])
def test_single_keys_belong_to_the_field_that_has_the_focus(qtbot: QtBot, shell: Shell, key: Qt.Key) -> None:
    shell.window.set_situation(Situation(True, True, True, False, True, False, 4))
    shell.window.show_page("settings")
    search = next(e for e in shell.page.findChildren(QLineEdit) if e.placeholderText() == "Search the settings")
    search.setFocus()
    ids = wanted(shell)
    qtbot.keyClick(search, key)
    assert ids == []


def test_a_button_with_the_focus_is_pressed_by_space(qtbot: QtBot, shell: Shell) -> None:
    shell.window.set_situation(Situation(True, True, True, False, True, False, 4))
    stop = next(b for b in shell.window.findChildren(QToolButton) if b.text() == "Stop")
    stop.setFocus()
    ids = wanted(shell)
    qtbot.keyClick(stop, Qt.Key.Key_Space)
    assert ids == ["stream.start_stop"]


def test_a_slider_keeps_its_arrows_and_leaves_the_rest(qtbot: QtBot, shell: Shell) -> None:
    shell.window.set_situation(Situation(True, True, True, False, True, False, 4))
    slider = QSlider(Qt.Orientation.Horizontal)
    shell.window.add_status_widget(slider)
    slider.show()
    slider.setFocus()
    ids = wanted(shell)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert (slider.value(), ids) == (1, [])
    qtbot.keyClick(slider, Qt.Key.Key_O)
    assert ids == ["view.overlay"]


def test_full_screen_shows_the_page_alone_and_escape_leads_back(qtbot: QtBot, shell: Shell) -> None:
    around = [shell.window.top_bar, shell.window.status_line, shell.window.menuBar()]
    shell.window.set_full_screen(True)
    assert [w.isVisible() for w in around] == [False, False, False]
    assert shell.window.isFullScreen()
    assert shell.window.action("view.full_screen").isChecked()
    qtbot.keyClick(shell.window, Qt.Key.Key_Escape)
    assert [w.isVisible() for w in around] == [True, True, True]
    assert not shell.window.full_screen


def test_the_window_comes_back_where_it_was(qtbot: QtBot, tmp_path: Path) -> None:
    def window() -> tuple[MainWindow, QSplitter]:
        made = MainWindow(tmp_path / "window.json")
        made.setMinimumSize(300, 300)
        qtbot.addWidget(made)
        splitter = QSplitter()
        splitter.setObjectName("live")
        splitter.addWidget(QLabel("1"))
        splitter.addWidget(QLabel("2"))
        made.add_page("live", "Live", "activity", splitter)
        return made, splitter

    first, splitter = window()
    first.setGeometry(40, 60, 620, 440)
    first.show()
    splitter.setSizes([100, 400])
    sizes = splitter.sizes()
    first.close()
    second, again = window()
    second.bring_back()
    second.show()
    assert second.size() == QSize(620, 440)
    assert again.sizes() == sizes


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"geometry": 3, "splitters": {}}', '{"geometry": "AA", "splitters": 4}']
)
def test_a_broken_memory_is_forgotten(qtbot: QtBot, tmp_path: Path, content: str) -> None:
    (tmp_path / "window.json").write_text(content)
    window = MainWindow(tmp_path / "window.json")
    qtbot.addWidget(window)
    fresh = window.size()
    window.bring_back()
    assert window.size() == fresh


def test_the_first_window_fits_the_screen(qtbot: QtBot, tmp_path: Path) -> None:
    window = MainWindow(tmp_path / "window.json")
    qtbot.addWidget(window)
    assert window.height() < window.screen().availableSize().height()


def test_choices_come_back_and_those_that_make_no_sense_do_not(qtbot: QtBot, tmp_path: Path) -> None:
    def window(said: object, heard: list[object]) -> MainWindow:
        made = MainWindow(tmp_path / "window.json")
        qtbot.addWidget(made)

        def take(choice: object) -> None:
            if choice == "nonsense":
                raise ValueError(choice)
            heard.append(choice)

        made.keep("zoom", lambda: said, take)
        made.bring_back()
        return made

    heard: list[object] = []
    window({"to": 3}, heard).close()
    window("nonsense", heard).close()
    window(None, heard).close()
    assert heard == [{"to": 3}]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_a_menu_offers_actions_of_the_window(qtbot: QtBot, shell: Shell) -> None:
    ids = wanted(shell)
    shell.window.pop_up(actions.TILE_MENU, shell.window.mapToGlobal(QPointF(300, 300).toPoint()))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [action.objectName() for action in menu.actions() if not action.isSeparator()] == [
        action_id for action_id in actions.TILE_MENU if action_id
    ]
    shell.window.set_situation(Situation(has_source=True))
    qtbot.keyClick(menu, Qt.Key.Key_N)
    assert ids == ["file.rename_tile"]
    menu.close()


def test_a_window_can_refuse_to_close(qtbot: QtBot, shell: Shell) -> None:
    shell.window.may_close = lambda: False
    assert not shell.window.close()
    shell.window.may_close = lambda: True
    with qtbot.waitSignal(shell.window.closed):
        assert shell.window.close()


def test_what_is_dropped_is_told(qtbot: QtBot, shell: Shell, tmp_path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a b.mp4")), QUrl("rtsp://10.0.0.4/stream1")])
    drop = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(shell.window.dropped) as got:
        shell.window.dropEvent(drop)
    assert got.args == [[str(tmp_path / "a b.mp4"), "rtsp://10.0.0.4/stream1"]]


def controls(shell: Shell) -> list[QWidget]:
    roots: list[QWidget] = [shell.window, shell.cheat_sheet, shell.about]
    found = {widget for root in roots for widget in root.findChildren(QWidget)}
    return [w for w in found if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.metaObject().className() != "QMenu"]


def test_each_control_has_a_name_for_screen_readers(shell: Shell) -> None:
    nameless = []
    for widget in controls(shell):
        popup = widget.metaObject().className() in ("QComboBoxListView", "QComboBoxPrivateContainer")
        inside_of_another = popup or widget.objectName().startswith("qt_")
        text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
        if not (widget.accessibleName() or text or inside_of_another):
            nameless.append(f"{widget.metaObject().className()} in {widget.parentWidget()}")
    assert nameless == []


@pytest.mark.parametrize("page", ["live", "settings"])
def test_tab_reaches_each_control(qtbot: QtBot, shell: Shell, page: str) -> None:
    shell.window.show_page(page)
    shell.panel.set_open(True)
    missed_widgets = missed_by_tab(qtbot, shell.window)
    assert QApplication.focusWidget() is not None
    missed = [f"{w.metaObject().className()} {w.accessibleName() or w.property('text')}" for w in missed_widgets]
    assert missed == []


def test_tab_goes_through_rail_bar_page_and_status_line(qtbot: QtBot, shell: Shell) -> None:
    shell.window.show_page("settings")
    parts = (Rail, TopBar, SettingsPage, StatusLine)
    next(b for b in shell.window.findChildren(QToolButton) if b.text() == "1").setFocus()
    met: list[type] = []
    for _ in range(40):
        focused = QApplication.focusWidget()
        assert focused is not None
        owners = [part for part in parts if any(p.isAncestorOf(focused) for p in shell.window.findChildren(part))]
        assert owners, focused
        part = owners[0]
        if part not in met:
            met.append(part)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert met == list(parts)


def test_nothing_is_cut_at_1280_pixels(qtbot: QtBot, shell: Shell) -> None:
    shell.window.resize(1280, 720)
    qtbot.waitUntil(lambda: shell.window.width() == 1280)
    assert shell.window.top_bar.sizeHint().width() <= shell.window.top_bar.width()


def test_a_problem_is_told_without_taking_the_focus(qtbot: QtBot, shell: Shell) -> None:
    focused = QApplication.focusWidget()
    shell.problems.add("Gate", SourceError("The server refuses the connection", remedy="Check the address"))
    button = next(b for b in shell.window.findChildren(QPushButton) if b.text() == "What to do")
    assert button.isVisible()
    assert QApplication.focusWidget() is focused
    assert any(b.text() == "Problems: 1" for b in shell.window.findChildren(QPushButton))
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert shell.panel.isVisible()
    assert not button.isVisible()
    words = {label.text() for label in shell.panel.findChildren(QLabel)}
    assert {"The server refuses the connection.", "Check the address."} <= words


def test_a_problem_is_copied_whole_and_without_secrets(qtbot: QtBot, shell: Shell) -> None:
    error = SourceError(
        "It is offline", subject="rtsp://a:secret@10.0.0.4/x", remedy="Wait", detail="rtsp://a:secret@b/y"
    )
    shell.problems.add("Gate", error)
    shell.panel.set_open(True)
    details = next(b for b in shell.panel.findChildren(QPushButton) if b.text() == "Details")
    qtbot.mouseClick(details, Qt.MouseButton.LeftButton)
    shown = "\n".join(label.text() for label in shell.panel.findChildren(QLabel) if label.isVisible())
    assert "rtsp://***@10.0.0.4/x" in shown
    copy = next(b for b in shell.panel.findChildren(QPushButton) if b.text() == "Copy")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    copied = QApplication.clipboard().text()
    assert "It is offline" in copied and "Gate" in copied and "secret" not in shown + copied


def test_problems_can_be_cleared(qtbot: QtBot, shell: Shell) -> None:
    shell.problems.add("Gate", SourceError("It is offline"))
    shell.panel.set_open(True)
    qtbot.mouseClick(
        next(b for b in shell.panel.findChildren(QPushButton) if b.text() == "Clear"), Qt.MouseButton.LeftButton
    )
    assert any(
        label.text() == "Nothing has gone wrong." and label.isVisible() for label in shell.panel.findChildren(QLabel)
    )
