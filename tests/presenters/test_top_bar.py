from __future__ import annotations

from pathlib import Path
from unittest.mock import MagicMock, create_autospec

import pytest
from cards import make_card

from engine.backends.backend import DeviceInfo, PrecisionInfo
from engine.capture.source import SourceState, SourceStatus
from engine.cards import Precision, Profile
from engine.library.preferences import Preference
from gui.presenters.port import BackendState, EnginePort, ModelState, RecordingState, TileState
from gui.presenters.top_bar import TopBarPresenter, TopBarState, TopBarView
from gui.presenters.workspace import Chosen, WorkspaceStore

CPU = DeviceInfo("CPU", "CPU", usable=True, precisions=(PrecisionInfo(Precision.FP32, usable=True),))
BACKENDS = (BackendState("openvino", "OpenVINO", (CPU,)), BackendState("onnxruntime", "ONNX Runtime", (CPU,)))
LIVE = TileState(open=True, status=SourceStatus(SourceState.LIVE), captured=3)
ENDED = TileState(open=True, status=SourceStatus(SourceState.ENDED), captured=3)


class Room:
    """A presenter between a mocked view and a mocked engine."""

    def __init__(self) -> None:
        self.view = create_autospec(TopBarView, instance=True)
        self.engine = create_autospec(EnginePort, instance=True)
        self.engine.tile_state.return_value = TileState()
        self.engine.model_state.return_value = ModelState()
        self.engine.backends.return_value = BACKENDS
        self.engine.recording.return_value = RecordingState()
        self.store = WorkspaceStore()
        self.opened, self.int8_wanted = MagicMock(), MagicMock()
        self.offered = ["a.mp4", "b.mp4"]
        self.presenter = TopBarPresenter(
            self.view,
            self.store,
            self.engine,
            sources=lambda: tuple(self.offered),
            recent_models=lambda: (Path("/m/old.onnx"),),
            open_source=self.opened,
            want_int8=self.int8_wanted,
        )
        self.presenter.refresh()

    @property
    def shown(self) -> TopBarState:
        state = self.view.show_top_bar.call_args.args[0]
        assert isinstance(state, TopBarState)
        return state


@pytest.fixture
def room() -> Room:
    return Room()


def test_an_empty_window_offers_sources_and_models_only(room: Room) -> None:
    assert [choice.title for choice in room.shown.source.choices] == ["No source", "a.mp4", "b.mp4"]
    assert [choice.title for choice in room.shown.model.choices] == ["No model", "old.onnx"]
    assert room.shown.backend.choices == ()
    assert not room.shown.startable


def test_a_model_brings_its_choices(room: Room) -> None:
    room.presenter.on_model_chosen("/m/new.onnx")
    assert room.shown.model.current == "/m/new.onnx"
    assert [choice.key for choice in room.shown.backend.choices] == ["openvino", "onnxruntime"]
    assert [choice.key for choice in room.shown.device.choices] == ["", "CPU"]
    room.presenter.on_model_chosen("")
    assert room.store.now.models == ()


def test_int8_for_a_float_model_is_built_and_not_asked_of_the_runtime(room: Room) -> None:
    room.presenter.on_model_chosen("/m/new.onnx")
    room.engine.model_state.return_value = ModelState(card=make_card(Path("/m/new.onnx")))
    room.presenter.on_precision_chosen("int8")
    room.int8_wanted.assert_called_once_with()
    assert room.store.now.models[0].precision is Precision.AUTO


def test_choices_reach_the_model_of_the_tile(room: Room) -> None:
    room.presenter.on_model_chosen("/m/new.onnx")
    room.presenter.on_device_chosen("CPU")
    room.presenter.on_precision_chosen("fp32")
    room.presenter.on_backend_chosen("onnxruntime")
    model = room.store.now.models[0]
    assert (model.backend, model.device, model.precision) == ("onnxruntime", "CPU", Precision.FP32)


def test_what_a_person_chooses_is_theirs_and_not_what_was_measured(room: Room) -> None:
    room.presenter.on_model_chosen("/m/new.onnx")
    best = Preference("", "onnxruntime", "CPU", Precision.FP32, Profile.THROUGHPUT, lanes=2, threads=2)
    room.store.edit(models=tuple(model.as_measured(best) for model in room.store.now.models))
    assert (room.shown.backend.current, room.shown.device.current) == ("onnxruntime", "CPU")
    room.presenter.on_backend_chosen("openvino")
    model = room.store.now.models[0]
    assert (model.backend, model.chosen, model.lanes) == ("openvino", Chosen.BY_HAND, None)


def test_with_all_tiles_chosen_all_models_change(room: Room) -> None:
    room.presenter.on_model_chosen("/m/one.onnx")
    room.store.add_tile(source="c.mp4")
    room.presenter.on_model_chosen("/m/two.onnx")
    room.presenter.on_backend_chosen("onnxruntime")
    assert {m.path.name: m.backend for m in room.store.now.models} == {
        "one.onnx": "openvino",
        "two.onnx": "onnxruntime",
    }
    room.presenter.on_all_selected(True)
    room.presenter.on_backend_chosen("openvino")
    assert {m.backend for m in room.store.now.models} == {"openvino"}


def test_start_and_stop_turn_about(room: Room) -> None:
    room.store.edit_tile("1", source="a.mp4")
    assert (room.shown.startable, room.shown.running) == (True, False)
    room.engine.tile_state.return_value = LIVE
    room.presenter.on_start_stop()
    assert room.store.now.tiles[0].running
    assert room.shown.running
    room.presenter.on_start_stop()
    assert not room.store.now.tiles[0].running


def test_what_has_ended_is_started_again(room: Room) -> None:
    room.engine.tile_state.return_value = ENDED
    room.store.edit_tile("1", source="a.mp4", running=True)
    assert not room.shown.running
    room.presenter.on_start_stop()
    room.engine.restart.assert_called_once_with("1")
    assert room.store.now.tiles[0].running


def test_start_all_leaves_empty_tiles_alone(room: Room) -> None:
    room.store.add_tile(source="c.mp4")
    room.presenter.on_start_all()
    assert [tile.running for tile in room.store.now.tiles] == [False, True]
    room.presenter.on_stop_all()
    assert [tile.running for tile in room.store.now.tiles] == [False, False]


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (RecordingState(), ""),
        (RecordingState(active=True, elapsed_s=7.9), "0:07"),
        (RecordingState(active=True, elapsed_s=3725), "1:02:05"),
        (RecordingState(active=True, elapsed_s=9, finishing=0.42), "Finishing 42 %"),
    ],
)
def test_the_length_of_a_recording_is_told(room: Room, state: RecordingState, shown: str) -> None:
    room.engine.recording.return_value = state
    room.presenter.refresh()
    assert room.shown.recording == shown
    assert room.shown.recordable is state.active


def test_nothing_is_shown_twice(room: Room) -> None:
    room.presenter.refresh()
    room.view.show_top_bar.assert_called_once()


def test_loading_is_cancelled_for_the_tile_s_model(room: Room) -> None:
    room.presenter.on_load_cancelled()
    room.engine.cancel_load.assert_not_called()
    room.presenter.on_model_chosen("/m/new.onnx")
    room.presenter.on_load_cancelled()
    room.engine.cancel_load.assert_called_once_with(room.store.now.models[0].model_id)


def test_a_source_used_before_is_opened_by_whoever_opens_sources(room: Room) -> None:
    room.presenter.on_source_chosen("b.mp4")
    room.opened.assert_called_once_with("b.mp4")


def test_a_camera_is_offered_once_and_by_its_name(room: Room) -> None:
    room.offered[:] = ["camera:Yard", "a.mp4", "camera:Yard"]
    room.presenter.refresh()
    assert [(c.title, c.detail) for c in room.shown.source.choices[1:]] == [("Yard", "Camera"), ("a.mp4", "a.mp4")]
    room.store.edit_tile("1", source="camera:Yard")
    assert [choice.key for choice in room.shown.source.choices] == ["camera:Yard", "a.mp4"]
