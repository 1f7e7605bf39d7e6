"""The dialogs that Qt brings along speak the language of the window, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import QApplication, QColorDialog, QDialog, QFileDialog
from pytestqt.qtbot import QtBot

from gui.settings import LANGUAGES
from gui.translation import load_translation, locale_of

_CONTEXTS = ("QFileDialog", "QColorDialog", "QAbstractFileIconProvider", "QFileSystemModel", "QPlatformTheme")


class Unknown(QTranslator):
    """Asked last: remembers what no translation has."""

    def __init__(self) -> None:
        super().__init__()
        self.texts = set[tuple[str, str]]()

    def translate(self, context: str, source: str, _comment: str | None = None, _count: int = -1) -> str:
        if context in _CONTEXTS:
            self.texts.add((context, source))
        return source

    def isEmpty(self) -> bool:  # noqa: N802
        return False


@pytest.fixture(params=[language for language in LANGUAGES if language != "en"])
def unknown(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Unknown]:
    """What is not known in a language, while the application speaks it."""
    last, before = Unknown(), set(qapp.findChildren(QTranslator))
    qapp.installTranslator(last)
    load_translation(qapp, locale_of(request.param))
    yield last
    for translator in {last, *(set(qapp.findChildren(QTranslator)) - before)}:
        qapp.removeTranslator(translator)
        translator.deleteLater()


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("saves", [False, True])
def test_files_are_chosen_in_the_language(qtbot: QtBot, tmp_path: Path, unknown: Unknown, saves: bool) -> None:
    (tmp_path / "folder").mkdir()
    dialog = QFileDialog(None, "", str(tmp_path), "Models (*.onnx);;All (*)")
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave if saves else QFileDialog.AcceptMode.AcceptOpen)
    assert_all_known(qtbot, dialog, unknown)


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_colours_are_chosen_in_the_language(qtbot: QtBot, unknown: Unknown) -> None:
    dialog = QColorDialog()
    dialog.setOption(QColorDialog.ColorDialogOption.DontUseNativeDialog)
    assert_all_known(qtbot, dialog, unknown)


def assert_all_known(qtbot: QtBot, dialog: QDialog, unknown: Unknown) -> None:
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    dialog.close()
    assert unknown.texts == set()
