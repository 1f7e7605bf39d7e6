"""The correction dialog with real clicks and keys, on a real model."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from fakes import make_frame
from frame_results import make_detections, make_result
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot
from waiting_tasks import WaitingTasks

from engine.library.corrections import Correction, load_correction
from engine.library.identify import identify
from gui.presenters.correction import FieldKind, FieldState, FormState, PreviewState
from gui.presenters.port import EnginePort, Picture
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore
from gui.views.correction_dialog import CorrectionDialog, open_correction

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

LEFT = Qt.MouseButton.LeftButton
FIELDS = (
    FieldState("family", "Family", "", FieldKind.CHOICE, "yolox", (("yolox", "YOLOX"), ("detr", "DETR"))),
    FieldState("mean", "Mean", "", FieldKind.TEXT, "0"),
    FieldState("size", "Size", "", FieldKind.TEXT, "64x64", fixed="The file fixes it."),
    FieldState("raw", "Raw", "What it does.", FieldKind.SWITCH, "true"),
)


@pytest.fixture
def dialog(qtbot: QtBot) -> CorrectionDialog:
    made = CorrectionDialog()
    qtbot.addWidget(made)
    made.show_form(FormState("m.onnx", FIELDS, names_now="Now 2", evidence=("It looks like it",)))
    made.show_preview(PreviewState())
    made.show()
    return made


def control(dialog: CorrectionDialog, key: str) -> Any:
    return dialog.form.rows[key].control


def test_each_setting_has_the_control_that_suits_it(dialog: CorrectionDialog) -> None:
    assert isinstance(control(dialog, "family"), QComboBox)
    assert isinstance(control(dialog, "mean"), QLineEdit)
    assert isinstance(control(dialog, "raw"), QCheckBox)
    assert control(dialog, "family").currentText() == "YOLOX"
    assert control(dialog, "raw").isChecked()
    assert not control(dialog, "size").isEnabled()
    assert "The file fixes it." in control(dialog, "size").toolTip()
    assert control(dialog, "raw").toolTip() == "What it does.\n(raw)"


def test_what_a_person_does_is_told_and_then_that_there_is_rest(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    told: list[tuple[str, str]] = []
    dialog.form.changed.connect(lambda key, value: told.append((key, value)))

    with qtbot.waitSignal(dialog.settled):
        qtbot.mouseClick(control(dialog, "raw"), LEFT, pos=QPoint(10, control(dialog, "raw").height() // 2))
        qtbot.keyClick(control(dialog, "family"), Qt.Key.Key_Down)
        control(dialog, "mean").selectAll()
        qtbot.keyClicks(control(dialog, "mean"), "12")

    assert told == [("raw", "false"), ("family", "detr"), ("mean", "1"), ("mean", "12")]


def test_showing_a_form_tells_nothing(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    with qtbot.assertNotEmitted(dialog.form.changed), qtbot.assertNotEmitted(dialog.names_changed):
        dialog.show_form(FormState("m.onnx", tuple(reversed(FIELDS)), names="a\nb"))

    assert dialog.names.toPlainText() == "a\nb"


def test_a_control_that_stays_keeps_the_focus(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    control(dialog, "family").setFocus()
    kept = control(dialog, "family")

    dialog.show_form(FormState("m.onnx", FIELDS[:2]))

    assert control(dialog, "family") is kept
    assert QApplication.focusWidget() is kept
    assert set(dialog.form.rows) == {"family", "mean"}


def test_keys_begin_in_the_first_row_and_go_down_the_form(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    dialog.activateWindow()
    qtbot.waitUntil(lambda: dialog.focusWidget() is control(dialog, "family"))
    for key in ("mean", "raw"):
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
        assert dialog.focusWidget() is control(dialog, key)
    qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Tab)
    assert dialog.focusWidget() is dialog.names_file


def test_a_word_can_be_taken_back(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    row = dialog.form.rows["mean"]
    assert row.back.isHidden()
    said = FieldState("mean", "Mean", "", FieldKind.TEXT, "7", said=True)
    dialog.show_form(FormState("m.onnx", (FIELDS[0], said, *FIELDS[2:])))
    assert row.back.isVisible()

    with qtbot.waitSignal(dialog.form.reset) as reset:
        qtbot.mouseClick(row.back, LEFT)
    assert reset.args == ["mean"]


def test_what_is_typed_among_names_stays_as_it_is_typed(qtbot: QtBot, dialog: CorrectionDialog) -> None:
    qtbot.keyClicks(dialog.names, "cat ")
    dialog.show_form(FormState("m.onnx", FIELDS, names="cat"))

    assert dialog.names.toPlainText() == "cat "


def test_names_can_come_from_a_file(qtbot: QtBot, dialog: CorrectionDialog, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("a\n")
    qtbot.mouseClick(dialog.names_file, LEFT)
    chooser = dialog.findChild(QFileDialog)
    assert chooser is not None

    with qtbot.waitSignal(dialog.names_file_chosen) as chosen:
        chooser.fileSelected.emit(str(file))
    chooser.close()

    assert chosen.args == [file]


def test_what_was_found_and_what_went_wrong_are_told(dialog: CorrectionDialog) -> None:
    dialog.show_form(FormState("m.onnx", FIELDS, error="It cannot be.", usable=True, forgettable=True))
    dialog.show_preview(PreviewState(found="Now: 3 objects. Before: 0 objects.", busy="Analysing the picture"))

    assert dialog.error.text() == "It cannot be."
    assert dialog.error.isVisible()
    assert dialog.use.isEnabled()
    assert dialog.forget.isVisible()
    assert dialog.preview.found.text() == "Now: 3 objects. Before: 0 objects."
    assert dialog.preview.bar.isVisible()
    dialog.show_preview(PreviewState(error="The output has another shape."))
    assert dialog.preview.bar.isHidden()
    assert dialog.preview.error.isVisible()


@pytest.mark.data
def test_a_real_model_is_corrected_from_beginning_to_end(qtbot: QtBot, shared_data: Path) -> None:
    path = shared_data / "models" / "yolox_nano.onnx"
    engine: Any = create_autospec(EnginePort, instance=True)
    engine.picture.return_value = Picture(make_frame())
    engine.analyse.side_effect = lambda card, frame, _thresholds: (
        lambda _control: make_result(make_detections(), image=frame.image)
    )
    store = WorkspaceStore(Workspace((Tile("1", model_id="2"),), (ModelChoice("2", path),)))
    owner, tasks = QWidget(), WaitingTasks()
    qtbot.addWidget(owner)
    owner.show()
    dialog = open_correction(owner, store, engine, tasks)
    tasks.run()
    assert control(dialog, "family").currentData() == "yolox"
    assert not dialog.use.isEnabled()

    fit = control(dialog, "fit")
    fit.setFocus()
    with qtbot.waitSignal(dialog.settled):
        qtbot.keyClick(fit, Qt.Key.Key_Down)
    tasks.run()
    assert dialog.preview.found.text() == "Now: 0 objects. Before: 0 objects."
    qtbot.mouseClick(dialog.use, LEFT)
    tasks.run()

    sha256 = identify(path, correction=Correction()).sha256
    assert load_correction(sha256) == Correction({"fit": "stretch"})
    engine.reload.assert_called_once_with("2")
    assert not dialog.isVisible()
