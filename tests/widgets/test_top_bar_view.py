from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QProgressBar, QToolButton
from pytestqt.qtbot import QtBot
from shell_rooms import REPORT, Shell, make_shell

from engine.cards import Fallback, Precision
from gui import theme
from gui.presenters.port import LoadState, ModelState, RecordingState
from gui.presenters.selection import Choice, Selector
from gui.views.badge import ReportPopup
from gui.views.selector import SelectorField

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
"""Without a screen, popups cannot take the keyboard."""


@pytest.fixture
def shell(qtbot: QtBot, tmp_path: Path) -> Shell:
    shell = make_shell(tmp_path)
    qtbot.addWidget(shell.window)
    with qtbot.waitExposed(shell.window):
        shell.window.show()
    return shell


def box(shell: Shell, name: str) -> QComboBox:
    return next(b for b in shell.window.top_bar.findChildren(QComboBox) if b.accessibleName() == name)


def test_what_cannot_run_is_shown_with_its_reason_and_cannot_be_chosen(qtbot: QtBot, shell: Shell) -> None:
    device = box(shell, "Device")
    row = device.findText("GPU")
    index = device.model().index(row, 0)
    assert not index.flags() & Qt.ItemFlag.ItemIsEnabled
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "0. 1."
    assert index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "0. 1."
    device.setFocus()
    for _ in range(4):
        qtbot.keyClick(device, Qt.Key.Key_Down)
    assert shell.store.now.models[0].device == "CPU"


def test_a_choice_by_keyboard_reaches_the_workspace(qtbot: QtBot, shell: Shell) -> None:
    qtbot.keyClick(box(shell, "Precision"), Qt.Key.Key_Down)
    assert shell.store.now.models[0].precision is Precision.FP32
    qtbot.keyClick(box(shell, "Backend"), Qt.Key.Key_Down)
    assert shell.store.now.models[0].backend == "onnxruntime"


def test_return_takes_the_line_of_an_open_list(qtbot: QtBot, shell: Shell) -> None:
    ids: list[str] = []
    shell.window.triggered.connect(ids.append)
    backend = box(shell, "Backend")
    backend.setFocus()
    backend.showPopup()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is backend.view())
    popup = backend.view().window()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(popup.windowHandle(), key)
    qtbot.waitUntil(lambda: not popup.isVisible())
    assert shell.store.now.models[0].backend == "onnxruntime"
    assert ids == []


def test_the_lines_stay_while_the_person_looks_at_them(qtbot: QtBot) -> None:
    field = SelectorField("Device", "Where it runs")
    qtbot.addWidget(field)
    first = Selector((Choice("a", "A"), Choice("b", "B")), "a")
    field.show_selector(first)
    field.show()
    field.box.showPopup()
    field.show_selector(Selector((Choice("c", "C"),), "c"))
    assert field.box.count() == 2
    field.box.hidePopup()
    assert field.box.currentText() == "C"


def test_the_last_line_leads_to_the_file_dialog(qtbot: QtBot, shell: Shell) -> None:
    ids: list[str] = []
    shell.window.triggered.connect(ids.append)
    source = box(shell, "Source")
    source.activated.emit(source.count() - 1)
    assert ids == ["file.source"]
    assert source.currentText() == "12.mp4"


def test_the_wheel_changes_nothing_by_accident(shell: Shell) -> None:
    backend = box(shell, "Backend")
    before = backend.currentText()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(backend, event)
    assert backend.currentText() == before


def test_start_turns_into_stop(qtbot: QtBot, shell: Shell) -> None:
    shell.store.edit_tile("1", running=False)
    texts = {b.text() for b in shell.window.top_bar.findChildren(QToolButton)}
    assert "Start" in texts
    shell.store.edit_tile("1", running=True)
    texts = {b.text() for b in shell.window.top_bar.findChildren(QToolButton)}
    assert "Stop" in texts and "Start" not in texts


def test_a_recording_shows_its_length(shell: Shell) -> None:
    shell.engine.recording.return_value = RecordingState(active=True, elapsed_s=65)
    shell.refresh()
    button = next(b for b in shell.window.top_bar.findChildren(QToolButton) if b.text() == "1:05")
    assert button.accessibleName() == "End the recording"


def test_loading_shows_phase_progress_and_a_way_out(qtbot: QtBot, shell: Shell) -> None:
    state = ModelState(report=REPORT, loading=LoadState("Compiling for CPU", 3.0, 6.0))
    shell.engine.model_state.return_value = state
    shell.refresh()
    badge = shell.window.top_bar.badge
    assert badge.findChild(QProgressBar).value() == 50
    assert "Compiling for CPU · 3 s" in {label.text() for label in badge.findChildren(QLabel)}
    cancel = next(b for b in badge.findChildren(QToolButton) if b.accessibleName() == "Cancel loading")
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    shell.engine.cancel_load.assert_called_once()
    shell.engine.model_state.return_value = ModelState(report=REPORT)
    shell.refresh()
    assert not cancel.isVisible()


def test_a_fall_back_is_in_the_badge_and_its_report(qtbot: QtBot, shell: Shell) -> None:
    report = replace(REPORT, fallbacks=(Fallback("FP16", "BF16", "The CPU computes in BF16", "Ask for bf16"),))
    shell.engine.model_state.return_value = ModelState(report=report)
    shell.refresh()
    face = next(w for w in shell.window.top_bar.badge.children() if hasattr(w, "clicked"))
    assert "Ask for bf16" in face.toolTip()
    qtbot.mouseClick(face, Qt.MouseButton.LeftButton)
    popup = shell.window.top_bar.badge.findChild(ReportPopup)
    words = {label.text() for label in popup.findChildren(QLabel)}
    assert "FP16 was asked for, BF16 runs: The CPU computes in BF16. Ask for bf16." in words
    assert "CPU: 268 operations" in words
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: shell.window.top_bar.badge.findChild(ReportPopup) is None)


def test_all_tiles_can_be_chosen_where_there_are_several(qtbot: QtBot, shell: Shell) -> None:
    scope = box(shell, "Changes are for")
    assert not scope.isVisible()
    shell.store.add_tile(source="2.mp4")
    assert scope.isVisible()
    qtbot.keyClick(scope, Qt.Key.Key_Down)
    assert shell.store.now.all_selected


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_badge_follows_the_theme(qapp: QApplication, shell: Shell, name: str) -> None:
    now = theme.apply(qapp, name)
    image = next(label for label in shell.window.top_bar.badge.findChildren(QLabel) if not label.pixmap().isNull())
    picture = image.pixmap().toImage()
    colours = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert now.good in colours
