"""The live presenter with a mock of its view and of the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import Mock, create_autospec

import pytest
from frame_results import make_result

from engine.capture.source import SourceInfo, SourceState, SourceStatus
from gui.presenters.live import LivePresenter, LiveView
from gui.presenters.port import EnginePort, ModelState, Picture, TileState
from gui.presenters.tile_display import Remedy, TileDisplay
from gui.presenters.workspace import Display, Tile, Workspace, WorkspaceStore
from gui.settings import Settings

CAMERA = SourceInfo("camera", "Front door", 640, 480, 30.0, None, None, "", True, False)
FILM = SourceInfo("video", "road.mp4", 640, 480, 30.0, 300, 10.0, "", False, True)


class Room:
    """The presenter and everything round it."""

    def __init__(self, tmp_path: Path, tiles: int = 1) -> None:
        sources = tuple(Tile(str(n), source=f"camera:{n}", running=True) for n in range(1, tiles + 1))
        self.view = create_autospec(LiveView, instance=True)
        self.engine = create_autospec(EnginePort, instance=True)
        self.store = WorkspaceStore(Workspace(tiles=sources))
        self.settings = Settings(tmp_path / "settings.json")
        self.asked = Mock()
        self.now_ns = 100_000_000_000
        self.picture: Picture | None = None
        self.state = TileState(open=True, status=SourceStatus(SourceState.LIVE), info=CAMERA)
        self.engine.picture.side_effect = lambda _tile_id: self.picture
        self.engine.tile_state.side_effect = lambda _tile_id: self.state
        self.engine.model_state.return_value = ModelState()
        self.view.visible_tiles.return_value = tuple(t.tile_id for t in sources)
        self.presenter = LivePresenter(
            self.view,
            self.store,
            self.engine,
            self.settings,
            open_source=self.asked.open_source,
            choose_source=self.asked.choose_source,
            ask_password=self.asked.ask_password,
            clock_ns=lambda: self.now_ns,
        )

    def tiles(self) -> tuple[TileDisplay, ...]:
        """What the view was told last."""
        return self.view.show_tiles.call_args.args[0]  # type: ignore[no-any-return]

    def shown(self) -> list[Any]:
        """The pictures that the view got since the last call."""
        calls = [call.args for call in self.view.show_picture.call_args_list]
        self.view.show_picture.reset_mock()
        return calls


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


def a_picture(captured_s: float = 100.0) -> Picture:
    result = make_result(captured_s=captured_s)
    return Picture(result.frame, result)


def test_a_picture_is_shown_once(room: Room) -> None:
    room.presenter.tick()
    assert room.shown() == []
    room.picture = a_picture()
    for _ in range(3):
        room.presenter.tick()
    ((tile_id, picture, look),) = room.shown()
    assert (tile_id, picture, look.results, look.label_px) == ("1", room.picture, True, 13.0)
    room.picture = a_picture()
    room.presenter.tick()
    assert len(room.shown()) == 1
    room.picture = None
    room.presenter.tick()
    assert [args[1] for args in room.shown()] == [None]


def test_tiles_that_nobody_sees_get_no_pictures(room: Room) -> None:
    room.picture = a_picture()
    room.view.visible_tiles.return_value = ()
    room.engine.picture.reset_mock()
    room.presenter.tick()
    assert room.shown() == [] and not room.engine.picture.called


def test_a_changed_look_shows_the_same_picture_again(room: Room) -> None:
    room.picture = a_picture()
    room.presenter.tick()
    room.shown()

    room.store.edit_tile("1", hidden_classes=frozenset({2}), class_colours={1: (1, 2, 3)})
    room.presenter.tick()
    ((_, _, look),) = room.shown()
    assert (look.style.hidden_classes, look.style.class_colours) == (frozenset({2}), {1: (1, 2, 3)})

    room.settings.put("label_px", 20)
    room.presenter.tick()
    assert room.shown()[0][2].label_px == 20.0

    assert room.presenter.on_action("view.overlay")
    room.presenter.tick()
    assert not room.shown()[0][2].results

    room.store.edit_tile("1", max_fps=5.0)
    room.presenter.tick()
    assert room.shown() == []


def test_the_view_hears_of_states_only_when_they_differ(room: Room) -> None:
    room.view.show_tiles.reset_mock()
    room.presenter.refresh()
    assert not room.view.show_tiles.called
    room.state = TileState(open=True, status=SourceStatus(SourceState.RECONNECTING, attempt=1, why="time-out"))
    room.presenter.refresh()
    assert room.tiles()[0].banner is not None


def test_a_camera_that_falls_silent_is_grey_within_two_seconds_though_looked_at_four_times_a_second(room: Room) -> None:
    room.picture = a_picture(captured_s=100.0)
    room.now_ns = 101_690_000_000
    room.presenter.refresh()
    assert not room.tiles()[0].old
    room.now_ns = 101_940_000_000
    room.presenter.refresh()
    assert room.tiles()[0].old
    assert room.tiles()[0].age == "Picture is 2 s old"


def test_what_was_painted_is_told_to_the_engine(room: Room) -> None:
    picture = a_picture()
    room.presenter.on_drawn("1", picture, 2.5)
    room.engine.drawn.assert_called_once_with("1", picture, 2.5)


def test_a_dropped_model_analyses_the_tile(room: Room) -> None:
    room.presenter.on_drop("1", ["/models/yolo.ONNX"])
    model = room.store.now.model_of("1")
    assert model is not None and model.path == Path("/models/yolo.ONNX")
    assert not room.asked.open_source.called


def test_a_model_and_two_films_dropped_together(room: Room) -> None:
    room.presenter.on_drop("1", ["/a.mp4", "/models/ir.xml", "/b.mp4"])
    added = room.store.now.tiles[1].tile_id
    assert [call.args for call in room.asked.open_source.call_args_list] == [("1", "/a.mp4"), (added, "/b.mp4")]
    assert room.store.now.model_of("1") is not None and room.store.now.model_of(added) is None


def test_an_address_that_ends_like_a_model_is_a_source(room: Room) -> None:
    room.presenter.on_drop("1", ["http://camera/stream.xml"])
    room.asked.open_source.assert_called_once_with("1", "http://camera/stream.xml")


def test_more_films_than_tiles_fill_what_there_is(tmp_path: Path) -> None:
    room = Room(tmp_path, tiles=15)
    room.presenter.on_drop("15", [f"/{n}.mp4" for n in range(5)])
    assert len(room.store.now.tiles) == 16
    assert room.asked.open_source.call_count == 2


def test_the_buttons_of_banners(room: Room) -> None:
    model_id = room.store.use_model(Path("/yolo.onnx"))
    for remedy in Remedy:
        room.presenter.on_remedy("1", remedy)
    room.presenter.on_cancel_load("1")
    room.asked.ask_password.assert_called_once_with("1")
    room.engine.restart.assert_called_once_with("1")
    room.engine.try_now.assert_called_once_with("1")
    room.engine.reload.assert_called_once_with(model_id)
    room.engine.cancel_load.assert_called_once_with(model_id)


def test_choosing_a_source_selects_the_tile(tmp_path: Path) -> None:
    room = Room(tmp_path, tiles=2)
    room.presenter.on_choose_source("2")
    room.asked.choose_source.assert_called_once_with("2")
    assert room.store.now.selected == "2"


def test_a_tile_is_enlarged_and_put_back(tmp_path: Path) -> None:
    room = Room(tmp_path, tiles=2)
    room.presenter.on_enlarge("2")
    assert (room.store.now.enlarged, room.store.now.selected) == ("2", "2")
    room.presenter.on_enlarge("2")
    assert room.store.now.enlarged is None


def test_a_single_tile_needs_no_enlarging(room: Room) -> None:
    room.presenter.on_enlarge("1")
    assert room.store.now.enlarged is None


def test_the_next_tile_comes_round_and_stays_enlarged(tmp_path: Path) -> None:
    room = Room(tmp_path, tiles=2)
    room.presenter.on_enlarge("2")
    room.presenter.on_action("view.next_tile")
    assert (room.store.now.selected, room.store.now.enlarged) == ("1", "1")
    room.view.focus_tile.assert_called_with("1")


def test_play_and_pause_act_on_all_targets_as_suits_the_selected_one(tmp_path: Path) -> None:
    room = Room(tmp_path, tiles=2)
    room.store.edit(all_selected=True)
    room.presenter.on_action("stream.play_pause")
    assert [call.args for call in room.engine.pause.call_args_list] == [("1",), ("2",)]
    room.state = TileState(open=True, info=FILM, paused=True)
    room.presenter.on_action("stream.play_pause")
    assert room.engine.play.call_count == 2


@pytest.mark.parametrize(
    ("action", "command", "args"),
    [
        ("stream.step_forward", "step", ("1", 1)),
        ("stream.step_back", "step", ("1", -1)),
        ("stream.seek_forward", "seek_frame", ("1", 250)),
        ("stream.seek_back", "seek_frame", ("1", 0)),
    ],
)
def test_keys_that_move_in_a_file(room: Room, action: str, command: str, args: tuple[Any, ...]) -> None:
    room.state = TileState(open=True, info=FILM, position=100)
    assert room.presenter.on_action(action)
    getattr(room.engine, command).assert_called_once_with(*args)


@pytest.mark.parametrize(("action", "steps"), [("view.zoom_in", 1), ("view.zoom_out", -1), ("view.fit", 0)])
def test_keys_that_zoom(room: Room, action: str, steps: int) -> None:
    assert room.presenter.on_action(action)
    room.view.zoom.assert_called_once_with("1", steps)


def test_other_actions_are_left_to_others(room: Room) -> None:
    assert not room.presenter.on_action("file.quit")


def test_what_is_chosen_in_the_bar_is_kept_for_all_targets(tmp_path: Path) -> None:
    room = Room(tmp_path, tiles=2)
    room.store.edit(all_selected=True)
    room.presenter.on_speed(2.0)
    room.presenter.on_loop(False)
    room.presenter.on_display(Display.SMOOTH)
    room.presenter.on_every_frame(True)
    room.presenter.on_max_fps(5.0)
    for tile in room.store.now.tiles:
        chosen = (tile.speed, tile.loop, tile.display, tile.every_frame, tile.max_fps)
        assert chosen == (2.0, False, Display.SMOOTH, True, 5.0)


def test_the_bar_follows_the_selected_tile(tmp_path: Path) -> None:
    room = Room(tmp_path, tiles=2)
    room.store.edit_tile("2", source="")
    room.presenter.on_select("2")
    room.view.show_transport.assert_called_with(None)
    room.presenter.on_select("1")
    assert room.view.show_transport.call_args.args[0].tile_id == "1"


def test_what_is_hidden_of_a_model_stays_hidden_until_another_one_is_warm(room: Room) -> None:
    first, second = Path("/models/first.onnx"), Path("/models/second.onnx")
    room.store.use_model(first, ("1",))
    room.store.edit_tile("1", hidden_classes=frozenset({2}))
    room.picture = picture_of(first)
    room.store.use_model(second, ("1",))
    room.presenter.tick()
    assert room.shown()[-1][2].style.hidden_classes == {2}
    room.picture = picture_of(second)
    room.presenter.tick()
    assert room.shown()[-1][2].style.hidden_classes == frozenset()


def picture_of(model: Path) -> Picture:
    result = make_result(card={"path": model})
    return Picture(result.frame, result)
