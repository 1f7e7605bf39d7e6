from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from gui.presenters.diagnostics import DiagnosticsDisplay
from gui.views import diagnostics
from gui.views.diagnostics import DiagnosticsStrip

FAILED = DiagnosticsDisplay("failed", "Inferoscope did not end properly last time.", Path("/tmp"))
BUSY = DiagnosticsDisplay("busy", "Collecting diagnostics: Cameras", can_skip=True)
SAVED = DiagnosticsDisplay("saved", "Saved as a.zip.", Path("/tmp"))


@pytest.fixture
def strip(qtbot: QtBot) -> DiagnosticsStrip:
    strip = DiagnosticsStrip()
    qtbot.addWidget(strip)
    return strip


def buttons(strip: DiagnosticsStrip) -> dict[str, QAbstractButton]:
    """What can be pressed now, by name."""
    shown = [button for button in strip.findChildren(QAbstractButton) if not button.isHidden()]
    return {button.text() or button.accessibleName(): button for button in shown}


def test_it_is_hidden_while_there_is_nothing_to_tell(strip: DiagnosticsStrip) -> None:
    assert strip.isHidden()
    strip.show_diagnostics(FAILED)
    assert not strip.isHidden()
    strip.show_diagnostics(DiagnosticsDisplay())
    assert strip.isHidden()


@pytest.mark.parametrize(
    ("display", "offered"),
    [
        (FAILED, ["Show the folder", "Save diagnostics…", "Dismiss the message"]),
        (BUSY, ["Skip the self-test", "Cancel"]),
        (DiagnosticsDisplay("busy", "Collecting"), ["Cancel"]),
        (SAVED, ["Show the folder", "Dismiss the message"]),
    ],
)
def test_it_offers_what_makes_sense(strip: DiagnosticsStrip, display: DiagnosticsDisplay, offered: list[str]) -> None:
    strip.show_diagnostics(display)
    assert list(buttons(strip)) == offered


def test_each_button_is_an_intent(strip: DiagnosticsStrip, qtbot: QtBot) -> None:
    for display, name, signal in (
        (FAILED, "Save diagnostics…", strip.save_requested),
        (FAILED, "Dismiss the message", strip.dismissed),
        (BUSY, "Skip the self-test", strip.skip_requested),
        (BUSY, "Cancel", strip.cancel_requested),
    ):
        strip.show_diagnostics(display)
        with qtbot.waitSignal(signal, timeout=1000):
            qtbot.mouseClick(buttons(strip)[name], Qt.MouseButton.LeftButton)


def test_the_folder_is_shown(strip: DiagnosticsStrip, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(diagnostics, "open_folder", opened.append)
    strip.show_diagnostics(SAVED)
    qtbot.mouseClick(buttons(strip)["Show the folder"], Qt.MouseButton.LeftButton)
    assert opened == [Path("/tmp")]


def test_a_person_chooses_the_file_or_changes_their_mind(
    strip: DiagnosticsStrip, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [Path("/tmp/a.zip"), None]
    monkeypatch.setattr(diagnostics, "name_archive", lambda _parent, _name: answers.pop(0))
    with qtbot.waitSignal(strip.file_chosen, timeout=1000) as chosen:
        strip.ask_file("a.zip")
    assert chosen.args == [Path("/tmp/a.zip")]
    with qtbot.assertNotEmitted(strip.file_chosen):
        strip.ask_file("a.zip")


def test_the_focus_stays_on_the_strip_when_its_button_goes(strip: DiagnosticsStrip, qtbot: QtBot) -> None:
    with qtbot.waitActive(strip):
        strip.show_diagnostics(BUSY)
        strip.activateWindow()
    buttons(strip)["Skip the self-test"].setFocus()
    strip.show_diagnostics(DiagnosticsDisplay("busy", "Collecting"))
    assert buttons(strip)["Cancel"].hasFocus()
    strip.show_diagnostics(SAVED)
    assert any(button.hasFocus() for button in buttons(strip).values())
