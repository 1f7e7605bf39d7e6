from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QCoreApplication, QLocale, Qt, QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QMenu,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shell_rooms import make_shell

from gui.app.ground import Ground
from gui.app.program import Program
from gui.arguments import Wanted
from gui.settings import LANGUAGES
from gui.texts import text
from gui.translation import load_translation

GUI = Path(__file__).parents[2] / "gui"
NAMES = {
    *LANGUAGES.values(),
    "Inferoscope",
    "GB",
    "PNG",
    "JPEG",
    "MP4",
    "WebM",
    "CPU",
    "GPU",
    "FP32",
    "BF16",
    "OpenVINO",
    "OPENVINO",
    "ONNX Runtime",
    "12.mp4",
    "8.onnx",
    "rtsp://camera.local:554/stream",
}
"""The same in every language."""


class Brackets(QTranslator):
    """A language in which every text stands in brackets."""

    def translate(self, _context: str, source: str, _comment: str | None = None, _count: int = -1) -> str:
        return f"[{source}]"

    def isEmpty(self) -> bool:  # noqa: N802
        return False


@pytest.fixture
def brackets(qapp: QApplication) -> Iterator[None]:
    translator = Brackets()
    qapp.installTranslator(translator)
    yield
    qapp.removeTranslator(translator)


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
            yield node


FILES = sorted(set(GUI.rglob("*.py")) - {GUI / "engine_words.py"})
"""That one looks up what has been collected from the engine."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GUI)))
def test_only_literals_are_translated(path: Path) -> None:
    for call in calls(path):
        literal = [isinstance(a, ast.Constant) and isinstance(a.value, str) for a in call.args]
        assert literal == [True, True], f"line {call.lineno}: the texts are collected as they stand in the source"


def words_of(widget: QWidget) -> Iterator[str]:
    yield widget.toolTip()
    yield widget.accessibleName()
    yield widget.windowTitle()
    yield widget.accessibleDescription()
    yield widget.statusTip()
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(row) for row in range(widget.count()))
    elif isinstance(widget, QMenu):
        yield from (words for action in widget.actions() for words in (action.text(), action.toolTip()))
    elif isinstance(widget, QAbstractSpinBox):
        yield from (widget.property("prefix") or "", widget.property("suffix") or "")
    elif isinstance(widget, QTabWidget):
        yield from (widget.tabText(index) for index in range(widget.count()))
    elif isinstance(widget, QGroupBox):
        yield widget.title()
    elif isinstance(widget, QAbstractItemView) and widget.model() is not None:
        yield from cells(widget.model())


def cells(model: QAbstractItemModel) -> Iterator[str]:
    """Headings and contents of a table or list."""
    across = range(1 if isinstance(model, QAbstractListModel) else model.columnCount())
    down = range(model.rowCount())
    heading = Qt.Orientation.Horizontal
    for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
        yield from (str(model.headerData(column, heading, role) or "") for column in across)
        yield from (str(model.index(row, column).data(role) or "") for row in down for column in across)


def untranslated(words: str) -> bool:
    left = re.findall(r"[A-Za-z]{2,}", re.sub("|".join(map(re.escape, NAMES)), "", words))
    return "[" not in words and bool(left)


@pytest.mark.usefixtures("brackets")
def test_each_text_of_the_window_is_translated(qtbot: QtBot, tmp_path: Path) -> None:
    shell = make_shell(tmp_path)
    qtbot.addWidget(shell.window)
    names = set(shell.about.findChildren(QWidget))
    widgets = [w for w in (shell.window, *shell.window.findChildren(QWidget)) if w not in names]
    left = {words for widget in widgets for words in words_of(widget) if words and untranslated(words)}
    assert left == set()


def test_a_translation_file_is_found_by_the_language(qapp: QApplication, tmp_path: Path) -> None:
    source = tmp_path / "inferoscope_de.ts"
    source.write_text(
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE TS><TS version="2.1" language="de"><context>'
        "<name>TopBar</name><message><source>Model</source><translation>Netz</translation></message></context></TS>"
    )
    tool = Path(sys.executable).parent / "pyside6-lrelease"
    subprocess.run([str(tool), str(source)], check=True, capture_output=True)
    before = set(qapp.findChildren(QTranslator))
    found = load_translation(qapp, QLocale("de_AT"), tmp_path)
    try:
        assert any(name.endswith("inferoscope_de.qm") for name in found)
        assert text("TopBar", "Model") == "Netz"
        assert text("TopBar", "Source") == "Source"
    finally:
        for translator in set(qapp.findChildren(QTranslator)) - before:
            QCoreApplication.removeTranslator(translator)
            translator.deleteLater()


def test_a_language_without_a_file_leaves_the_texts(qapp: QApplication, tmp_path: Path) -> None:
    assert not any("inferoscope" in Path(name).name for name in load_translation(qapp, QLocale("eo"), tmp_path))
    assert text("TopBar", "Model") == "Model"


@pytest.mark.usefixtures("brackets")
def test_each_text_of_the_program_is_translated(qapp: QApplication) -> None:
    """With all pages and dialogs; the rows of the tables in the engine and names of the field are no texts of ours."""
    ground = Ground(Wanted())
    program = Program(qapp, ground)
    widgets = [program.window, *program.window.findChildren(QWidget)]
    left = {words for widget in widgets for words in words_of(widget) if words and untranslated(words)}
    program.close()
    ground.close()
    assert left == set()
