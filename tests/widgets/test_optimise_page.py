"""The optimise page under real clicks and keys."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from pathlib import Path
from unittest.mock import create_autospec

import pytest
from cards import make_card
from findings import FP16_FINDING, INT8_FINDING, ORIGINAL_FINDING, POOR_FINDING
from keyboard import missed_by_tab
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QTabWidget,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.errors import ModelError
from engine.optimise.plan import FRAMES_STEP, Progress, Step, StepState
from gui import theme
from gui.presenters.model_displays import Message
from gui.presenters.optimise.presenter import OptimisePresenter
from gui.presenters.optimise.results import comparison, results, row_key
from gui.presenters.optimise.setup import Wanted, running, setup
from gui.presenters.port import EnginePort, TileState
from gui.presenters.workspace import ModelChoice, Tile, Workspace
from gui.views.optimise import OptimisePage, connect

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

MODEL = Path("demo")
FINDINGS = (ORIGINAL_FINDING, INT8_FINDING, FP16_FINDING, POOR_FINDING)
STEPS = (
    Step(FRAMES_STEP, StepState.DONE),
    Step("openvino-int8", StepState.RUNNING, "Calibrating", 0.5),
    Step("onnx-fused", StepState.REFUSED, error=ModelError("It has a loop", subject="yard.onnx")),
)
RESULTS = results(FINDINGS, STEPS, 0.95, ModelChoice("2", MODEL), original_path=MODEL, saveable=True)
INT8 = row_key(INT8_FINDING)


@pytest.fixture
def presenter() -> OptimisePresenter:
    return create_autospec(OptimisePresenter, instance=True)


@pytest.fixture
def page(qtbot: QtBot, presenter: OptimisePresenter) -> OptimisePage:
    engine = create_autospec(EnginePort, instance=True)
    engine.tile_state.return_value = TileState()
    now = Workspace(tiles=(Tile("1", source="demo", model_id="2"),), models=(ModelChoice("2", MODEL),))
    page = OptimisePage()
    connect(page, presenter)
    qtbot.addWidget(page)
    page.resize(1204, 600)
    page.show_setup(setup(Wanted(), now, engine, MODEL, make_card(Path("/m/demo.onnx"))))
    page.show_running(None)
    page.show()
    qtbot.waitExposed(page)
    page.activateWindow()
    return page


def button(page: QWidget, words: str) -> QPushButton:
    return next(b for b in page.findChildren(QPushButton) if b.isVisible() and b.text() == words)


def box(page: QWidget, words: str) -> QCheckBox:
    return next(b for b in page.findChildren(QCheckBox) if b.text() == words)


def said(page: QWidget) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_choices_are_told(qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter) -> None:
    box(page, "INT8 as ONNX").click()
    presenter.on_variant_checked.assert_called_once_with("onnx-int8", True)
    page.findChildren(QSlider)[0].setValue(8)
    presenter.on_loss_changed.assert_called_once_with(8)
    box(page, "Swap in the best when it is ready").click()
    presenter.on_swap_checked.assert_called_once_with(True)
    qtbot.mouseClick(button(page, "Build and measure"), Qt.MouseButton.LeftButton)
    presenter.on_start.assert_called_once_with()


def test_what_is_shown_is_not_told_as_a_choice(page: OptimisePage, presenter: OptimisePresenter) -> None:
    presenter.reset_mock()
    page.show_results(RESULTS)
    page.show_selected(INT8, None)
    assert presenter.method_calls == []


def test_a_folder_is_asked_for_and_told(page: OptimisePage, presenter: OptimisePresenter, tmp_path: Path) -> None:
    page.choices._folder.click()
    (dialog,) = page.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    presenter.on_folder_chosen.assert_called_once_with(str(tmp_path))


def test_steps_take_the_place_of_the_choices_with_a_way_to_stop(
    qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter
) -> None:
    button(page, "Build and measure").setFocus()
    page.show_running(running(Progress(STEPS), 65.0, "Demo"))
    words = said(page)
    assert "Optimising Demo" in words
    assert "1:05" in words
    assert "It has a loop" in words
    (bar,) = (bar for bar in page.findChildren(QProgressBar) if bar.isVisible())
    assert bar.value() == bar.maximum() / 2
    assert QApplication.focusWidget() is page.steps.cancel
    qtbot.keyClick(page.steps.cancel, Qt.Key.Key_Space)
    presenter.on_cancel.assert_called_once_with()


def test_rows_are_gone_through_by_key_and_applied_by_return(
    qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter
) -> None:
    page.show_results(RESULTS)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    qtbot.keyClick(page.table, Qt.Key.Key_Down)
    assert presenter.on_selected.call_args.args == (INT8,)
    page.show_selected(INT8, comparison(FINDINGS, INT8, 0))
    assert "2.00 times as fast" in said(page)
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    presenter.on_apply.assert_called_once_with(INT8)


def test_a_row_that_is_clicked_stays_marked_when_the_table_makes_room_for_frames(
    qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter
) -> None:
    page.show_results(RESULTS)
    page.grab()
    table = page.table
    row = next(n for n in range(table.rowCount()) if table.item(n, 0).text() == "INT8 as ONNX")
    place = table.visualItemRect(table.item(row, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert page.findChild(QTabWidget).currentIndex() == 1
    assert {item.row() for item in table.selectedItems()} == {row}
    presenter.on_selected.assert_called_once_with(row_key(POOR_FINDING))


def test_apply_is_for_what_is_not_in_use(qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter) -> None:
    page.show_results(RESULTS)
    page.show_selected(INT8, None)
    qtbot.mouseClick(button(page, "Apply"), Qt.MouseButton.LeftButton)
    presenter.on_apply.assert_called_once_with(INT8)
    rows = tuple(replace(row, in_use=row.key == INT8) for row in RESULTS.rows)
    button(page, "Apply").setFocus()
    page.show_results(replace(RESULTS, rows=rows))
    assert not button(page, "In use").isEnabled()
    assert page.table.hasFocus()


def test_a_refused_variant_says_why_and_cannot_be_applied(page: OptimisePage) -> None:
    page.show_results(RESULTS)
    page.show_selected("onnx-fused", None)
    assert "It has a loop" in said(page)
    assert not button(page, "Apply").isEnabled()


def test_choosing_a_row_shows_its_frames_and_arrows_lead_on(
    qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter
) -> None:
    two = replace(INT8_FINDING, worst=2 * INT8_FINDING.worst)
    page.show_results(RESULTS)
    page.table.selected.emit(INT8)
    page.show_selected(INT8, comparison((ORIGINAL_FINDING, two), INT8, 0))
    assert page.findChild(QTabWidget).currentIndex() == 1
    assert "1 / 2" in said(page)
    qtbot.mouseClick(page._frames.pane.next, Qt.MouseButton.LeftButton)
    presenter.on_frame_wanted.assert_called_once_with(1)


def test_a_disc_is_chosen_by_a_click(qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter) -> None:
    page.show_results(RESULTS)
    plot = page._plot
    qtbot.waitUntil(lambda: plot._box.rect().width() > 200)
    place = plot.mapFromScene(plot._box.mapViewToScene(plot._discs.points()[1].pos()))
    qtbot.mouseMove(plot.viewport(), place)
    qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    presenter.on_selected.assert_called_once_with(INT8)


def test_the_plot_tells_everything_in_words_too(page: OptimisePage) -> None:
    page.show_results(RESULTS)
    told = page._plot.accessibleDescription()
    assert "INT8 for OpenVINO: 2.00 times as fast, agreement 97.0 %" in told


def test_without_results_it_says_what_there_will_be(page: OptimisePage) -> None:
    assert "Nothing is changed until you apply one" in said(page)


def test_a_message_can_be_dismissed(qtbot: QtBot, page: OptimisePage, presenter: OptimisePresenter) -> None:
    page.show_message(Message("error", "The disk is full"))
    assert "The disk is full" in said(page)
    qtbot.mouseClick(page._strip.controls[-1], Qt.MouseButton.LeftButton)
    presenter.on_dismiss.assert_called_once_with()


def test_tab_reaches_everything(qtbot: QtBot, page: OptimisePage) -> None:
    page.show_results(RESULTS)
    page.show_selected(INT8, comparison(FINDINGS, INT8, 0))
    assert missed_by_tab(qtbot, page) == set()


@pytest.mark.parametrize("name", theme.THEMES)
def test_verdicts_have_the_colours_of_the_theme(page: OptimisePage, qapp: QApplication, name: str) -> None:
    page.show_results(RESULTS)
    now = theme.apply(qapp, name)
    verdicts = {item.text(): item.foreground().color().name() for r in range(5) if (item := page.table.item(r, 1))}
    assert verdicts["recommended"] == now.good
    assert verdicts["loses too much"] == now.error


@pytest.mark.parametrize("size", [(1204, 600), (884, 479)])
def test_nothing_lies_on_anything_else_in_a_small_window(page: OptimisePage, size: tuple[int, int]) -> None:
    page.resize(*size)
    page.show_results(RESULTS)
    page.show_message(Message("good", "Done."))
    page.show_selected(INT8, comparison(FINDINGS, INT8, 0))
    page._tabs.setCurrentIndex(1)
    page.grab()
    parts = [page._frames, page.table, page._about, button(page, "Export…"), button(page, "Apply")]
    places = [QRect(part.mapTo(page, QPoint()), part.size()) for part in parts]
    assert not [pair for pair in combinations(places, 2) if pair[0].intersects(pair[1])]
    assert max(place.bottom() for place in places) < page.height() == size[1]


def test_what_lost_nearly_everything_leaves_the_others_told_apart(page: OptimisePage) -> None:
    lost = replace(POOR_FINDING, likeness=replace(POOR_FINDING.likeness, agreement=0.2))
    page.show_results(results((*FINDINGS[:-1], lost), (), 0.95, original_path=MODEL))
    plot = page._plot
    places = {spot.data(): spot.pos().y() for spot in plot._discs.points()}
    assert places[row_key(lost)] == pytest.approx(0.85)
    assert places[INT8] == pytest.approx(0.97)
    assert "INT8 as ONNX ▼ 20 %" in [label.toPlainText() for label in plot._labels]
