"""What of the traces is drawn, and when."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import numpy as np
import pytest

from engine.agreement import Agreement
from engine.errors import InferoscopeError, SinkError
from gui.presenters.port import EnginePort, ModelState, Tasks, TileState, Timing
from gui.presenters.problems import Problems
from gui.presenters.traces import Curves, Export, TracesDisplay, TracesPresenter, TracesView
from gui.presenters.workspace import Tile, Workspace, WorkspaceStore


class Process:
    rss = 1_000_000

    def cpu_percent(self) -> float:
        return 10.0

    def memory_info(self) -> Process:
        return self


class Room:
    """A presenter on a clock that is moved by hand."""

    def __init__(self, tiles: int = 1) -> None:
        self.now_s = 1000.0
        self.view = create_autospec(TracesView, instance=True)
        self.view.is_showing.return_value = True
        self.engine = create_autospec(EnginePort, instance=True)
        self.engine.tile_state.return_value = TileState(open=True, capture_hz=30.0, age_s=0.05)
        self.engine.take_timings.return_value = (Timing(self.now_s, (1.0, 1.0, 20.0, 1.0, 2.0)),)
        self.engine.model_state.return_value = ModelState()
        named = tuple(Tile(str(i + 1), name=f"Camera {i + 1}") for i in range(tiles))
        self.store = WorkspaceStore(Workspace(tiles=named))
        self.tasks = create_autospec(Tasks, instance=True)
        self.problems = Problems()
        self.presenter = TracesPresenter(
            self.view,
            self.store,
            self.engine,
            self.tasks,
            self.problems,
            clock=lambda: self.now_s,
            wall=lambda: 1_760_000_000.0 + self.now_s,
            process=Process(),
        )

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now_s += 0.1
            self.engine.take_timings.return_value = (Timing(self.now_s, (1.0, 1.0, 20.0, 1.0, 2.0)),)
            self.presenter.sample()

    @property
    def curves(self) -> Curves:
        curves: Curves = self.view.show_curves.call_args.args[0]
        return curves

    @property
    def display(self) -> TracesDisplay:
        display: TracesDisplay = self.view.show_display.call_args.args[0]
        return display

    def finish_task(self) -> Any:
        _name, work, done, failed = self.tasks.start.call_args.args
        try:
            answer = work(None)
        except InferoscopeError as error:
            return failed(error)
        return done(answer)


@pytest.mark.parametrize(("window_s", "most"), [(30, 101), (60, 51), (120, 26), (600, 21)])
def test_a_longer_window_is_drawn_less_often(window_s: int, most: int) -> None:
    room = Room()
    room.presenter.on_window(window_s)
    room.run(10)
    assert most - 10 <= room.view.show_curves.call_count <= most


def test_nothing_is_drawn_while_nobody_looks_but_everything_is_measured() -> None:
    room = Room()
    room.view.is_showing.return_value = False
    room.run(5)
    room.view.show_curves.assert_not_called()
    room.view.is_showing.return_value = True
    room.presenter.on_shown()
    room.run(0.1)
    assert room.curves.at_s[0] == pytest.approx(-5.0, abs=0.05)


def test_held_plots_stay_while_measuring_goes_on() -> None:
    room = Room()
    room.run(5)
    room.presenter.on_hold_toggled()
    room.run(3)
    assert room.display.held_at
    assert room.curves.at_s[-1] == pytest.approx(0.0, abs=0.05)
    drawn = room.view.show_curves.call_count
    room.run(3)
    assert room.view.show_curves.call_count == drawn
    room.presenter.on_hold_toggled()
    room.run(0.1)
    assert not room.display.held_at
    assert len(room.curves.at_s) == 111


def test_zooming_holds_and_the_numbers_are_of_what_is_seen() -> None:
    room = Room()
    room.run(60)
    room.presenter.on_range(-20.05, -10.05)
    room.run(0.1)
    assert (room.curves.from_s, room.curves.to_s) == (-20.05, -10.05)
    assert room.display.held_at
    assert "100 results" in room.view.show_tables.call_args.args[0]["latency"].summary
    room.presenter.on_live()
    room.run(0.2)
    assert (room.curves.from_s, room.curves.to_s) == (-60.0, 0.0)


@pytest.mark.parametrize(
    ("wanted", "got"),
    [((-5.0, 40.0), (-45.0, 0.0)), ((-3.1, -3.0), (-5.0, -3.0)), ((-900.0, -800.0), (-600.0, -500.0))],
)
def test_no_zoom_leaves_the_ten_minutes(wanted: tuple[float, float], got: tuple[float, float]) -> None:
    room = Room()
    room.run(1)
    room.presenter.on_range(*wanted)
    room.run(0.1)
    assert (room.curves.from_s, room.curves.to_s) == pytest.approx(got)


def test_all_tiles_together_are_added_up() -> None:
    room = Room(tiles=3)
    room.run(2)
    assert room.curves.latest["capture_hz"] == 30
    assert room.display.title == "Camera 1"
    room.store.edit(all_selected=True)
    room.run(0.1)
    assert room.curves.latest["capture_hz"] == 90
    assert room.display.title == "All 3 tiles together"


def test_another_tile_is_drawn_when_it_is_selected() -> None:
    room = Room(tiles=2)
    room.run(1)
    room.store.edit(selected="2")
    assert room.display.title == "Camera 2"


def test_one_chart_always_stays() -> None:
    room = Room()
    for key in ("rates", "latency", "age"):
        room.presenter.on_chart_toggled(key)
    assert room.display.shown == ("age",)
    room.presenter.on_chart_toggled("memory")
    assert room.display.shown == ("age", "memory")


def test_a_window_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="77"):
        Room().presenter.on_window(77)


def test_the_table_is_written_as_it_was_when_it_was_wanted(tmp_path: Path) -> None:
    room = Room()
    room.run(5)
    room.presenter.on_export(Export.TABLE)
    kind, suggested = room.view.ask_path.call_args.args
    assert suggested.startswith("Camera 1-traces-20")
    room.presenter.on_path_chosen(kind, tmp_path / suggested)
    room.run(800)
    room.finish_task()
    lines = (tmp_path / suggested).read_text().splitlines()
    assert len(lines) == 1 + 50
    assert lines[1].count(",") == lines[0].count(",")
    room.view.show_saved.assert_called_once_with(tmp_path / suggested)


def test_the_picture_is_encoded_in_the_background(tmp_path: Path) -> None:
    room = Room()
    room.run(5)
    room.view.rendered.return_value = lambda: b"PNG"
    room.presenter.on_path_chosen(Export.PICTURE, tmp_path / "a.png")
    assert "Camera 1" in room.view.rendered.call_args.args[0]
    assert not (tmp_path / "a.png").exists()
    room.finish_task()
    assert (tmp_path / "a.png").read_bytes() == b"PNG"


def test_a_disk_that_refuses_is_a_problem_in_words(tmp_path: Path) -> None:
    room = Room()
    room.run(1)
    room.presenter.on_path_chosen(Export.TABLE, tmp_path / "gone" / "a.csv")
    room.finish_task()
    assert isinstance(room.problems.items[0].error, SinkError)
    room.view.show_saved.assert_not_called()


def test_plots_and_window_come_back_at_the_next_start() -> None:
    first = Room()
    first.presenter.on_window(300)
    first.presenter.on_chart_toggled("age")
    second = Room()

    second.presenter.take_choices(first.presenter.choices)

    display: TracesDisplay = second.view.show_display.call_args.args[0]
    assert display.window_s == 300
    assert "age" not in display.shown
    assert "latency" in display.shown


@pytest.mark.parametrize("choices", [None, [], {"window_s": 7, "shown": ["age"]}, {"window_s": 60, "shown": ["x"]}])
def test_choices_that_are_none_are_refused(choices: object) -> None:
    with pytest.raises(ValueError, match="choices"):
        Room().presenter.take_choices(choices)


# Accuracy ------------------------------------------------------------------------------------------------------------


def tell(room: Room, accuracy: Agreement | None) -> None:
    room.engine.tile_state.return_value = TileState(open=True, capture_hz=30.0, accuracy=accuracy)
    room.run(0.5)


def test_accuracy_is_shown_while_a_source_tells_the_truth_and_is_no_empty_box_otherwise() -> None:
    room = Room()
    room.run(1)
    assert "accuracy" not in room.display.shown + room.display.offered
    tell(room, Agreement(hits=8, found=10, expected=16))
    assert room.display.shown == ("rates", "accuracy", "latency", "age")
    assert room.curves.latest["precision_percent"] == pytest.approx(80.0)
    assert room.curves.latest["recall_percent"] == pytest.approx(50.0)


def test_a_stream_that_is_held_keeps_its_chart_and_another_source_takes_it_away() -> None:
    room = Room()
    tell(room, Agreement(8, 10, 16))
    tell(room, None)
    assert "accuracy" in room.display.shown
    assert np.isnan(room.curves.latest["recall_percent"])
    room.store.edit_tile("1", source="film.mp4")
    room.run(0.1)
    assert "accuracy" not in room.display.shown


def test_accuracy_of_a_tile_is_not_shown_for_another_one() -> None:
    room = Room(tiles=2)
    states = {"1": TileState(open=True), "2": TileState(open=True, accuracy=Agreement(1, 1, 1))}
    room.engine.tile_state.side_effect = lambda tile_id: states[tile_id]
    room.run(0.5)
    assert "accuracy" not in room.display.shown
    room.store.edit(selected="2")
    assert "accuracy" in room.display.shown


def test_of_all_tiles_together_every_object_counts_alike() -> None:
    room = Room(tiles=3)
    accuracies = {"1": Agreement(1, 1, 2), "2": Agreement(8, 9, 18), "3": None}
    room.engine.tile_state.side_effect = lambda tile_id: TileState(open=True, accuracy=accuracies[tile_id])
    room.store.edit(all_selected=True)
    room.run(0.5)
    assert room.curves.latest["precision_percent"] == pytest.approx(90.0)
    assert room.curves.latest["recall_percent"] == pytest.approx(45.0)


def test_accuracy_can_be_hidden_and_stays_so_at_the_next_start() -> None:
    first = Room()
    tell(first, Agreement(1, 1, 1))
    first.presenter.on_chart_toggled("accuracy")
    assert "accuracy" not in first.display.shown
    assert "accuracy" in first.display.offered
    second = Room()
    second.presenter.take_choices(first.presenter.choices)
    tell(second, Agreement(1, 1, 1))
    assert "accuracy" not in second.display.shown
    second.presenter.on_chart_toggled("accuracy")
    assert "accuracy" in second.display.shown


def test_choices_from_before_there_was_accuracy_show_it() -> None:
    room = Room()
    room.presenter.take_choices({"window_s": 30, "shown": ["memory"]})
    tell(room, Agreement(1, 1, 1))
    assert room.display.shown == ("accuracy", "memory")
