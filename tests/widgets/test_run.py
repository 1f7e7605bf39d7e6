from __future__ import annotations

import gc
import sys

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.diagnostics.watch import WINDOW, Watch
from gui.app.run import FirstPaint, begin_log, reporting_hook, telling_hook, without_log
from gui.presenters.problems import Problems


class Button(QObject):
    clicked = Signal()


def test_a_mistake_in_a_slot_is_logged_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    problems, logged = Problems(), []
    hook = telling_hook(lambda _kind, error, _trace: logged.append(error), problems)
    monkeypatch.setattr(sys, "excepthook", hook)
    button = Button()
    button.clicked.connect(lambda: 1 / 0)
    for _ in range(3):
        button.clicked.emit()
    assert len(logged) == 3
    (problem,) = problems.items
    assert (problem.times, problem.error.detail) == (3, "ZeroDivisionError: division by zero")
    assert problem.error.remedy


def test_a_mistake_is_written_down_but_not_that_the_person_left() -> None:
    reported: list[BaseException] = []
    told: list[BaseException] = []
    hook = reporting_hook(lambda _kind, error, _trace: told.append(error), reported.append)
    for error in (ValueError("out of range"), KeyboardInterrupt()):
        hook(type(error), error, None)
    assert [type(error) for error in told] == [ValueError, KeyboardInterrupt]
    assert [type(error) for error in reported] == [ValueError]


def test_a_window_that_cannot_write_its_log_says_so_and_goes_on() -> None:
    reason = begin_log(Watch(WINDOW))
    assert reason is not None
    error = without_log(reason)
    assert "Neither a log nor a report" in error.what and error.subject and error.remedy


@pytest.mark.parametrize("seen", [True, False])
def test_garbage_is_collected_from_the_first_painting_on(qtbot: QtBot, seen: bool) -> None:
    window, begun = QWidget(), []
    qtbot.addWidget(window)
    gc.disable()
    try:
        FirstPaint(window, lambda: begun.append(gc.isenabled()))
        window.setVisible(seen)
        qtbot.waitUntil(lambda: bool(begun))
    finally:
        gc.enable()
    assert begun == [True]
