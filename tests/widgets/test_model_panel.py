"""The model panel with real clicks and keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest
from cards import make_card
from frame_results import make_detections, make_result
from PySide6.QtCore import QPersistentModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QColorDialog, QPushButton, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot
from waiting_tasks import WaitingTasks

from engine.errors import ModelError
from gui.presenters.model_panel import ClassesState, Count, ModelPanelPresenter, SortBy
from gui.presenters.port import EnginePort, LoadState, ModelState, Picture
from gui.presenters.problems import Problems
from gui.presenters.workspace import ModelChoice, Tile, Workspace, WorkspaceStore
from gui.views.model_panel import ModelPanel, connect
from gui.views.model_panel.class_model import ClassListModel

# The screen that tests draw on cannot be told how small a dialog may be.
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

LEFT = Qt.MouseButton.LeftButton
CARD = make_card(Path("m.onnx"), sha256="a", class_names=("person", "car", "bus"))


class Room:
    """The panel and everything behind it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.engine: Any = create_autospec(EnginePort, instance=True)
        self.engine.model_state.return_value = ModelState(card=CARD)
        self.engine.picture.return_value = None
        self.store = WorkspaceStore(Workspace((Tile("1", model_id="9"),), (ModelChoice("9", Path("m.onnx")),)))
        self.panel = ModelPanel()
        qtbot.addWidget(self.panel)
        self.tasks = WaitingTasks()
        self.known: list[Path] = []
        self.presenter = ModelPanelPresenter(
            self.panel, self.store, self.engine, self.tasks, Problems(), known_models=lambda: self.known
        )
        connect(self.panel, self.presenter)
        self.panel.resize(308, 900)
        self.panel.show()
        qtbot.waitExposed(self.panel)

    @property
    def tile(self) -> Tile:
        return self.store.now.tiles[0]

    def state(self, **changes: Any) -> None:
        self.engine.model_state.return_value = ModelState(**changes)
        self.presenter.refresh()

    def row(self, name: str) -> int:
        model = self.panel.classes.model
        return next(r for r in range(model.rowCount()) if model.index(r).data() == name)

    def click(self, qtbot: QtBot, name: str, x_px: int) -> None:
        view = self.panel.classes.list
        rect = view.visualRect(self.panel.classes.model.index(self.row(name)))
        qtbot.mouseClick(view.viewport(), LEFT, pos=QPoint(rect.left() + x_px, rect.center().y()))


@pytest.fixture
def room(qtbot: QtBot) -> Room:
    return Room(qtbot)


def test_a_dragged_slider_changes_the_threshold_while_it_moves(qtbot: QtBot, room: Room) -> None:
    slider = room.panel.thresholds.rows["confidence"].slider
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    handle = slider.style().subControlRect(
        QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
    )
    begin = handle.center()
    qtbot.mousePress(slider, LEFT, pos=begin)
    qtbot.mouseMove(slider, begin + QPoint(30, 0))
    qtbot.waitUntil(lambda: room.tile.thresholds.confidence > 0.4)
    qtbot.mouseRelease(slider, LEFT, pos=begin + QPoint(30, 0))

    assert room.panel.thresholds.rows["confidence"].field.value() == pytest.approx(room.tile.thresholds.confidence)


def test_keys_move_the_slider(qtbot: QtBot, room: Room) -> None:
    qtbot.keyClick(room.panel.thresholds.rows["iou"].slider, Qt.Key.Key_Right)

    assert room.tile.thresholds.iou == pytest.approx(0.46)


def test_a_typed_number_is_taken_with_return(qtbot: QtBot, room: Room) -> None:
    field = room.panel.thresholds.rows["max_detections"].field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "12")
    assert room.tile.thresholds.max_detections == 300
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert room.tile.thresholds.max_detections == 12
    assert room.panel.thresholds.rows["max_detections"].slider.value() == 12


def test_a_double_click_on_the_name_takes_the_usual_value(qtbot: QtBot, room: Room) -> None:
    room.presenter.on_threshold("confidence", 0.9)

    qtbot.mouseDClick(room.panel.thresholds.rows["confidence"].label, LEFT)

    assert room.tile.thresholds.confidence == 0.25


def test_the_wheel_changes_nothing_it_passes_over(qtbot: QtBot, room: Room) -> None:
    slider = room.panel.thresholds.rows["confidence"].slider
    slider.clearFocus()
    middle = QPointF(slider.rect().center())
    event = QWheelEvent(
        middle,
        slider.mapToGlobal(middle),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)

    assert room.tile.thresholds.confidence == 0.25


def test_only_thresholds_that_make_a_difference_are_there(room: Room) -> None:
    room.state(card=replace(CARD, family="rtdetr"))
    rows = room.panel.thresholds.rows
    assert rows["iou"].slider.isHidden()
    assert rows["confidence"].slider.isVisible()

    room.state()
    assert room.panel.thresholds_section.isHidden()


def test_a_click_on_the_box_hides_a_class(qtbot: QtBot, room: Room) -> None:
    room.click(qtbot, "car", 14)
    assert room.tile.hidden_classes == {1}

    room.click(qtbot, "car", 14)
    assert room.tile.hidden_classes == frozenset()

    room.click(qtbot, "car", 120)
    assert room.tile.hidden_classes == frozenset()


def test_space_hides_the_class_that_has_the_focus(qtbot: QtBot, room: Room) -> None:
    view = room.panel.classes.list
    view.setFocus()
    view.setCurrentIndex(room.panel.classes.model.index(room.row("bus")))

    qtbot.keyClick(view, Qt.Key.Key_Space)

    assert room.tile.hidden_classes == {2}


def test_a_click_on_the_colour_asks_for_another(qtbot: QtBot, room: Room) -> None:
    room.click(qtbot, "person", 38)
    dialog = room.panel.classes.findChild(QColorDialog)
    assert dialog is not None
    assert dialog.isVisible()

    dialog.setCurrentColor(QColor(1, 2, 3))
    dialog.accept()

    assert room.tile.class_colours == {0: (1, 2, 3)}
    assert room.panel.classes.model.state.colour(0) == (1, 2, 3)


def test_return_asks_for_a_colour_too(qtbot: QtBot, room: Room) -> None:
    view = room.panel.classes.list
    view.setFocus()
    view.setCurrentIndex(room.panel.classes.model.index(0))
    qtbot.keyClick(view, Qt.Key.Key_Return)

    dialog = room.panel.classes.findChild(QColorDialog)
    assert dialog is not None
    dialog.reject()
    assert room.tile.class_colours == {}


def test_the_list_is_filtered_sorted_and_hidden_as_a_whole(qtbot: QtBot, room: Room) -> None:
    classes = room.panel.classes
    qtbot.keyClicks(classes.filter, "b")
    assert classes.model.rowCount() == 1
    qtbot.mouseClick(classes.show_none, LEFT)
    assert room.tile.hidden_classes == {2}

    qtbot.keyClicks(classes.filter, "zz")
    assert classes.list.isHidden()
    assert classes.nothing.text() == "No class is called like that."

    classes.filter.clear()
    qtbot.mouseClick(classes.show_all, LEFT)
    assert room.tile.hidden_classes == frozenset()
    classes.sort.setCurrentIndex(classes.sort.findData(SortBy.NAME.value))
    assert [classes.model.index(r).data() for r in range(3)] == ["bus", "car", "person"]


def test_only_what_was_seen_is_listed(qtbot: QtBot, room: Room) -> None:
    qtbot.mouseClick(room.panel.classes.only_seen, LEFT)
    assert room.panel.classes.nothing.text() == "Nothing was seen yet."
    result = make_result(make_detections((0, 0, 9, 9, 0.9, 1)), card={"sha256": "a"})
    room.engine.picture.return_value = Picture(result.frame, result)
    room.presenter.refresh()

    index = room.panel.classes.model.index(0)
    assert index.data() == "car"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "car, 1"


def test_without_a_model_it_says_what_to_do(qtbot: QtBot, room: Room) -> None:
    room.store.edit_tile("1", model_id=None)
    assert room.panel.card.empty.isVisible()
    assert room.panel.classes_section.isHidden()

    with qtbot.waitSignal(room.panel.open_model_requested):
        qtbot.mouseClick(room.panel.card.empty.open_model, LEFT)


def test_a_model_that_is_here_is_one_press_away_and_a_long_name_does_not_widen_the_panel(
    qtbot: QtBot, room: Room
) -> None:
    long = Path(f"/models/{'very_' * 20}long & new.onnx")
    room.known = [long]
    room.store.edit_tile("1", model_id=None)
    (offer,) = (b for b in room.panel.card.empty.findChildren(QPushButton) if b is not room.panel.card.empty.open_model)
    QApplication.processEvents()

    assert offer.visibleRegion().boundingRect() == offer.rect()
    assert room.panel.widget().width() <= room.panel.viewport().width()
    assert offer.accessibleName() == long.name
    qtbot.mouseClick(offer, LEFT)

    model = room.store.now.model_of("1")
    assert model is not None
    assert model.path == long


def test_loading_shows_progress_and_can_be_cancelled(qtbot: QtBot, room: Room) -> None:
    room.state(loading=LoadState("Compiling for CPU", 3.0, 6.0))
    loading = room.panel.card.loading
    assert loading.phase.text() == "Compiling for CPU, 3 of about 6 s"
    assert loading.bar.value() == loading.bar.maximum() // 2

    qtbot.mouseClick(loading.cancel, LEFT)
    room.engine.cancel_load.assert_called_once_with("9")

    room.state(loading=LoadState("Identifying the model", 1.0, None))
    assert loading.bar.maximum() == 0


def test_a_problem_is_told_unfolded_copied_and_tried_again(qtbot: QtBot, room: Room) -> None:
    room.state(error=ModelError("It is no model", subject="x.onnx", remedy="Export it again", detail="byte 4"))
    problem = room.panel.card.problem
    assert problem.isVisible()
    assert problem.copy.isHidden()

    qtbot.mouseClick(problem.details, LEFT)
    qtbot.mouseClick(problem.copy, LEFT)
    assert QGuiApplication.clipboard().text() == "It is no model.\nExport it again.\nx.onnx\nbyte 4"
    qtbot.mouseClick(problem.retry, LEFT)
    room.engine.reload.assert_called_once_with("9")


def test_facts_and_evidence_unfold_and_stay_so_at_the_next_start(qtbot: QtBot, room: Room) -> None:
    details = room.panel.card.details
    assert details.isHidden()

    qtbot.mouseClick(details.more, LEFT)

    assert details.isVisible()
    assert room.panel.choices == {"details": True}
    room.panel.take_choices({"details": False})
    assert details.isHidden()
    with pytest.raises(ValueError, match="details"):
        room.panel.take_choices({"details": "much"})


def test_correct_is_asked_for(qtbot: QtBot, room: Room) -> None:
    with qtbot.waitSignal(room.panel.correct_requested):
        qtbot.mouseClick(room.panel.card.correct, LEFT)


def test_a_correction_can_be_forgotten(qtbot: QtBot, room: Room) -> None:
    assert room.panel.card.corrected.isHidden()
    room.state(card=replace(CARD, corrected=True))

    qtbot.mouseClick(room.panel.card.corrected.forget, LEFT)

    assert room.tasks.names == ["Forget the correction"]


def test_sections_fold(qtbot: QtBot, room: Room) -> None:
    section = room.panel.thresholds_section
    qtbot.mouseClick(section.heading, LEFT)
    assert section.content.isHidden()

    qtbot.keyClick(section.heading, Qt.Key.Key_Space)
    assert section.content.isVisible()


def test_a_folded_section_stays_below_the_one_before(qtbot: QtBot, room: Room) -> None:
    heading = room.panel.classes_section.heading
    place = heading.mapTo(room.panel, QPoint(0, 0))
    qtbot.mouseClick(heading, LEFT)
    qtbot.waitUntil(lambda: room.panel.classes_section.height() > 0 and not room.panel.classes.isVisible())
    QApplication.sendPostedEvents()
    assert heading.mapTo(room.panel, QPoint(0, 0)) == place


def test_every_control_has_a_name(room: Room) -> None:
    for button in room.panel.findChildren(QPushButton):
        assert button.text() or button.accessibleName()
    for row in room.panel.thresholds.rows.values():
        assert row.slider.accessibleName()
        assert row.field.accessibleName()


# The list model -------------------------------------------------------------------------------------------------------

MANY = tuple(f"class {number}" for number in range(2000))


@pytest.fixture
def model() -> Iterator[ClassListModel]:
    made = ClassListModel()
    made.show_classes(ClassesState(MANY, tuple(range(2000))))
    yield made
    made.deleteLater()


def test_only_rows_that_changed_are_told(qtbot: QtBot, model: ClassListModel) -> None:
    told: list[int] = []
    model.dataChanged.connect(lambda first, _last: told.append(first.row()))
    model.modelReset.connect(lambda: told.append(-1))
    model.layoutChanged.connect(lambda: told.append(-2))

    model.show_classes(replace(model.state, counts={7: Count(1, 1)}, hidden=frozenset({9}), colours={1999: (1, 2, 3)}))

    assert sorted(told) == [7, 9, 1999]


def test_another_order_keeps_the_current_row(qtbot: QtBot, model: ClassListModel) -> None:
    kept = QPersistentModelIndex(model.index(5))
    order = (5, *(i for i in range(2000) if i != 5))

    model.show_classes(replace(model.state, order=order))

    assert kept.row() == 0
    assert kept.data() == "class 5"
