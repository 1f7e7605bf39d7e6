"""The traces as a person sees and handles them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from gui import theme
from gui.presenters.traces import Curves, Export, TracesDisplay
from gui.presenters.traces.display import Table, charts
from gui.presenters.traces.numbers import latency_table
from gui.views.traces import TracesPanel
from gui.views.traces.card import ChartCard
from gui.views.traces.numerals import NumberTable, Readouts, written
from gui.views.traces.plot import Plot
from gui.views.traces.scale import Scale, round_top, time_ticks

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

DISPLAY = TracesDisplay("Yard")


def make_curves(points: int = 300, level: float = 20.0, **changes: Any) -> Curves:
    keys = [trace.key for chart in charts() for trace in (*chart.lines, *chart.areas)]
    values = {key: np.full(points, level, np.float32) for key in keys}
    return replace(
        Curves(-60.0, 0.0, np.linspace(-60, 0, points), values, dict.fromkeys(keys, level), 1_760_000_000.0), **changes
    )


@pytest.fixture
def panel(qtbot: QtBot) -> TracesPanel:
    panel = TracesPanel()
    qtbot.addWidget(panel)
    panel.resize(1000, 220)
    panel.show_display(DISPLAY)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


def shown(panel: TracesPanel) -> dict[str, ChartCard]:
    return {card.chart.key: card for card in panel.findChildren(ChartCard) if card.isVisible()}


def draw(panel: TracesPanel, curves: Curves, qtbot: QtBot) -> None:
    panel.show_curves(curves)
    qtbot.waitUntil(lambda: not panel._waiting)


def is_near(image: QImage, colour: str, rest: float = 0.2) -> int:
    """How many pixels have about that colour."""
    wanted = QColor(colour)
    pixels = image.convertToFormat(QImage.Format.Format_RGB32)
    array = np.frombuffer(pixels.constBits(), np.uint8).reshape(pixels.height(), pixels.width(), 4)[..., :3]
    far = np.abs(array.astype(int) - (wanted.blue(), wanted.green(), wanted.red())).max(2)
    return int((far < 255 * rest).sum())


def wheel(widget: QWidget, at: QPoint, notches: int) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(widget.mapToGlobal(at)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_three_charts_fit_beside_one_another(panel: TracesPanel, qtbot: QtBot) -> None:
    draw(panel, make_curves(), qtbot)
    cards = shown(panel)
    assert list(cards) == ["rates", "latency", "age"]
    assert all(not card.visibleRegion().isEmpty() for card in cards.values())
    right = cards["age"].mapTo(panel, cards["age"].rect().bottomRight())
    assert panel.rect().contains(right)


@pytest.mark.parametrize("name", ["dark", "light", "contrast"])
def test_lines_have_the_colours_of_the_theme(panel: TracesPanel, qtbot: QtBot, name: str) -> None:
    draw(panel, make_curves(), qtbot)
    theme.apply(QApplication.instance(), name)  # type: ignore[arg-type]
    draw(panel, make_curves(level=17.0), qtbot)
    plot = shown(panel)["age"].findChild(Plot)
    assert plot is not None
    assert is_near(plot.grab().toImage(), theme.current().traces[0]) > 50


def test_a_gap_is_not_bridged(panel: TracesPanel, qtbot: QtBot) -> None:
    curves = make_curves(level=20.0)
    for values in curves.values.values():
        values[100:200] = math.nan
    draw(panel, curves, qtbot)
    plot = shown(panel)["rates"].findChild(Plot)
    assert plot is not None
    area = plot.area()
    third = area.width() // 3
    image = plot.grab().toImage()
    middle = image.copy(area.left() + third + 4, area.top() + 4, third - 8, area.height() - 8)
    left = image.copy(area.left() + 4, area.top() + 4, third - 8, area.height() - 8)
    assert max(is_near(left, colour) for colour in theme.current().traces[:3]) > 20
    assert max(is_near(middle, colour) for colour in theme.current().traces[:3]) == 0


def test_numbers_are_written_like_those_of_an_instrument() -> None:
    assert [written(v, 1) for v in (math.nan, 0.04, 12.345, 1234.5)] == ["–", "0.0", "12.3", "1 234"]


def test_the_wheel_zooms_about_the_pointer(panel: TracesPanel, qtbot: QtBot) -> None:
    draw(panel, make_curves(), qtbot)
    card = shown(panel)["rates"]
    plot = card.findChild(Plot)
    assert plot is not None
    middle = plot.mapTo(card, plot.area().center())
    with qtbot.waitSignal(panel.range_requested) as asked:
        wheel(card, middle, 1)
    from_s, to_s = asked.args
    assert to_s - from_s == pytest.approx(48.0, abs=0.1)
    assert (from_s + to_s) / 2 == pytest.approx(-30.0, abs=0.5)


def test_dragging_moves_the_time(panel: TracesPanel, qtbot: QtBot) -> None:
    draw(panel, make_curves(from_s=-30.0, to_s=-10.0), qtbot)
    card = shown(panel)["rates"]
    plot = card.findChild(Plot)
    assert plot is not None
    begin = plot.mapTo(card, plot.area().center())
    qtbot.mousePress(card, Qt.MouseButton.LeftButton, pos=begin)
    with qtbot.waitSignal(panel.range_requested) as asked:
        qtbot.mouseMove(card, begin + QPoint(plot.area().width() // 4, 0))
    qtbot.mouseRelease(card, Qt.MouseButton.LeftButton)
    assert asked.args[0] == pytest.approx(-35.0, abs=0.3)
    with qtbot.waitSignal(panel.live_requested):
        qtbot.mouseDClick(card, Qt.MouseButton.LeftButton, pos=begin)


def test_the_pointer_reads_all_charts_at_one_moment(panel: TracesPanel, qtbot: QtBot) -> None:
    curves = make_curves()
    curves.values["age_ms"][:] = np.linspace(0, 300, 301)[:300]
    draw(panel, curves, qtbot)
    cards = shown(panel)
    readouts = cards["age"].findChild(Readouts)
    assert readouts is not None
    assert readouts._values == ("20",)
    cards["rates"].pointed.emit(-30.0)
    assert readouts._values == ("149",)
    cards["rates"].pointed.emit(None)
    assert readouts._values == ("20",)


def test_keys_read_zoom_and_return(panel: TracesPanel, qtbot: QtBot) -> None:
    draw(panel, make_curves(), qtbot)
    card = shown(panel)["rates"]
    card.setFocus()
    with qtbot.waitSignal(card.pointed) as pointed:
        qtbot.keyClick(card, Qt.Key.Key_Left)
    assert pointed.args == [-1.5]
    with qtbot.waitSignal(panel.range_requested) as asked:
        qtbot.keyClick(card, Qt.Key.Key_Plus)
    assert asked.args[1] - asked.args[0] == pytest.approx(48.0)
    with qtbot.waitSignal(panel.live_requested):
        qtbot.keyClick(card, Qt.Key.Key_End)


def test_hold_and_live_are_one_button(panel: TracesPanel, qtbot: QtBot) -> None:
    button = next(b for b in panel.findChildren(QToolButton) if b.text() == "Hold")
    with qtbot.waitSignal(panel.hold_toggled):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    panel.show_display(replace(DISPLAY, held_at="08:12:03"))
    assert button.text() == "Live"
    assert any(label.text() == "Held at 08:12:03" for label in panel.findChildren(QWidget) if hasattr(label, "text"))


def test_the_length_of_time_is_chosen(panel: TracesPanel, qtbot: QtBot) -> None:
    box = panel.findChild(QComboBox)
    assert box is not None
    assert [box.itemText(i) for i in range(box.count())] == ["30 s", "1 min", "2 min", "5 min", "10 min"]
    assert box.currentText() == "1 min"
    box.setFocus()
    with qtbot.waitSignal(panel.window_requested) as asked:
        qtbot.keyClick(box, Qt.Key.Key_Down)
    assert asked.args == [120]


def test_charts_are_chosen_and_stand_in_their_order(panel: TracesPanel, qtbot: QtBot) -> None:
    menu = next(b.menu() for b in panel.findChildren(QToolButton) if b.accessibleName() == "Choose the plots")
    assert menu is not None
    processor = next(a for a in menu.actions() if a.text() == "Processor")
    with qtbot.waitSignal(panel.chart_toggled) as asked:
        processor.trigger()
    assert asked.args == ["processor"]
    panel.show_display(replace(DISPLAY, shown=("rates", "dropped", "processor")))
    qtbot.waitUntil(lambda: len({card.x() for card in shown(panel).values()}) == 3)
    places = {key: card.x() for key, card in shown(panel).items()}
    assert sorted(places, key=places.__getitem__) == ["rates", "dropped", "processor"]
    assert [a.text() for a in menu.actions() if a.isChecked()] == ["Frame rate", "Dropped", "Processor"]


def test_four_charts_fit_into_a_window_of_1280_with_whole_headings(panel: TracesPanel, qtbot: QtBot) -> None:
    panel.show_tables({"latency": latency_table(np.full((5, 10), 4, np.float32))})
    panel.resize(903, 190)  # what the rail and the model panel leave
    panel.show_display(replace(DISPLAY, shown=("rates", "accuracy", "latency", "age")))
    draw(panel, make_curves(), qtbot)
    cards = shown(panel)
    qtbot.waitUntil(lambda: len({card.x() for card in cards.values()}) == 4)
    assert panel.rect().contains(cards["age"].mapTo(panel, cards["age"].rect().bottomRight()))
    for card in cards.values():
        readouts = card.findChild(Readouts)
        assert readouts is not None
        image = readouts.grab(QRect(0, 0, readouts.width(), 18)).toImage()
        last = image.copy(image.width() - 1, 0, 1, image.height())
        assert is_near(last, theme.current().surface, 0.02) == image.height(), f"{card.chart.title} is cut off"


def test_accuracy_ends_at_a_hundred_and_says_what_it_is_compared_with(panel: TracesPanel, qtbot: QtBot) -> None:
    panel.show_display(replace(DISPLAY, shown=("rates", "accuracy")))
    draw(panel, make_curves(level=100.0), qtbot)
    card = shown(panel)["accuracy"]
    plot = card.findChild(Plot)
    assert plot is not None
    assert is_near(plot.grab().toImage(), theme.current().traces[0]) > 150, "the line along the top is not to be seen"
    assert "what the demo really shows" in card.toolTip()
    assert "what the demo really shows" in card.accessibleName()
    assert "Precision 100.0, Recall 100.0" in card.accessibleDescription()


def test_what_cannot_be_shown_is_not_offered(panel: TracesPanel, qtbot: QtBot) -> None:
    panel.show_display(replace(DISPLAY, offered=DISPLAY.shown))
    assert not panel._choices["accuracy"].isVisible()
    panel.show_display(DISPLAY)
    assert panel._choices["accuracy"].isVisible()


def test_a_screen_reader_hears_the_numbers(panel: TracesPanel, qtbot: QtBot) -> None:
    panel.show_tables({"latency": latency_table(np.full((5, 10), 4, np.float32)), "dropped": Table((), (), "None.")})
    draw(panel, make_curves(), qtbot)
    cards = shown(panel)
    assert cards["rates"].accessibleName() == "Frame rate, frames per second"
    assert cards["rates"].accessibleDescription() == "Capture 20.0, Inference 20.0, Display 20.0"
    assert "95 % within 20.0" in cards["latency"].accessibleDescription()
    assert all(b.text() or b.accessibleName() for b in panel.findChildren(QToolButton) if b.isVisible())


def test_a_table_that_did_not_change_is_not_painted(panel: TracesPanel, qtbot: QtBot) -> None:
    table = latency_table(np.full((5, 10), 4, np.float32))
    panel.show_tables({"latency": table})
    draw(panel, make_curves(), qtbot)
    QApplication.processEvents()
    numbers = panel.findChild(NumberTable)
    assert numbers is not None
    painted = []
    original = NumberTable.paintEvent
    numbers.paintEvent = lambda event: (painted.append(1), original(numbers, event))  # type: ignore[assignment]
    panel.show_tables({"latency": latency_table(np.full((5, 10), 4, np.float32))})
    draw(panel, make_curves(), qtbot)
    QApplication.processEvents()
    assert painted == []


def test_hidden_traces_are_not_drawn(panel: TracesPanel, qtbot: QtBot) -> None:
    panel.hide()
    assert not panel.is_showing()
    panel.show_curves(make_curves())
    QApplication.processEvents()
    readouts = panel.findChild(Readouts)
    assert readouts is not None
    assert readouts._values == ("–", "–", "–")
    with qtbot.waitSignal(panel.shown):
        panel.show()


def test_a_picture_of_the_plots_is_a_png_with_its_caption(panel: TracesPanel, qtbot: QtBot) -> None:
    draw(panel, make_curves(), qtbot)
    content = panel.rendered("Yard   60 s until 2026-11-21 08:12:03   OpenVINO · CPU · FP32")()
    image = QImage.fromData(content, "PNG")
    assert image.width() >= 900
    assert is_near(image.copy(0, 0, image.width(), 30), theme.current().text) > 200
    assert is_near(image, theme.current().traces[0]) > 100


def test_a_file_is_asked_for_without_waiting(panel: TracesPanel, qtbot: QtBot, tmp_path: Any) -> None:
    panel.ask_path(Export.TABLE, str(tmp_path / "Yard.csv"))
    dialog = next(w for w in panel.findChildren(QWidget) if w.inherits("QFileDialog"))
    with qtbot.waitSignal(panel.path_chosen) as chosen:
        dialog.accept()  # type: ignore[attr-defined]
    assert chosen.args == [Export.TABLE, tmp_path / "Yard.csv"]


# The vertical axis and the marks of the horizontal one ---------------------------------------------------------------


@pytest.mark.parametrize(("value", "top"), [(0.3, 0.3), (9.0, 10.0), (10.0, 10.0), (31.0, 40.0), (612.0, 800.0)])
def test_tops_are_round(value: float, top: float) -> None:
    assert round_top(value) == pytest.approx(top)


def test_the_axis_grows_at_once_and_shrinks_later() -> None:
    scale = Scale(10.0)
    assert scale.follow(20, 30)
    assert scale.top == 40
    changes = [scale.follow(5, 8) for _ in range(13)]
    assert changes == [False] * 12 + [True]
    assert scale.top == 10


def test_an_axis_with_an_end_stays_there() -> None:
    scale = Scale(100.0, 100.0)
    assert not scale.follow(99.0, 100.0)
    assert scale.top == 100.0


def test_one_peak_does_not_flatten_the_rest() -> None:
    scale = Scale(10.0)
    scale.follow(30, 2000)
    assert scale.top == 80


@pytest.mark.parametrize(
    ("axis", "marks"),
    [
        ((-30, 0, 4), ["−30 s", "−20 s", "−10 s", "0"]),
        ((-600, 0, 4), ["−9 min", "−6 min", "−3 min", "0"]),
        ((-12, -10, 5), ["−12 s", "−11.5 s", "−11 s", "−10.5 s", "−10 s"]),
    ],
)
def test_moments_are_marked(axis: tuple[float, float, int], marks: list[str]) -> None:
    assert [words for _s, words in time_ticks(*axis)] == marks
