from __future__ import annotations

from pathlib import Path
from unittest.mock import create_autospec

from engine.capture.source import SourceInfo, SourceState, SourceStatus
from engine.errors import SourceError
from gui.actions import Situation
from gui.presenters.port import EnginePort, RecordingState, TileState
from gui.presenters.situation import ActionsPresenter, ActionsView, situation
from gui.presenters.workspace import WorkspaceStore

FILE = SourceInfo("video", "street.mp4", 640, 480, 25.0, 100, 4.0, "avc1", live=False, seekable=True)
PLAYING = TileState(open=True, status=SourceStatus(SourceState.LIVE), info=FILE, captured=7)


def store() -> WorkspaceStore:
    made = WorkspaceStore()
    made.edit_tile("1", source="street.mp4", running=True)
    made.use_model(Path("m.onnx"))
    return made


def test_a_file_that_plays_can_be_sought_and_saved() -> None:
    assert situation(store().now, PLAYING, False, "live") == Situation(
        has_source=True, running=True, seekable=True, has_picture=True, has_model=True
    )


def test_an_empty_tile_can_do_nothing() -> None:
    assert situation(WorkspaceStore().now, TileState(), False, "models") == Situation(page="models")


def test_what_has_failed_does_not_run() -> None:
    failed = TileState(status=SourceStatus(SourceState.FAILED), error=SourceError("There is no such file"))
    assert not situation(store().now, failed, False, "live").running


def test_menus_follow_what_happens() -> None:
    view, engine = create_autospec(ActionsView, instance=True), create_autospec(EnginePort, instance=True)
    view.page = "live"
    engine.tile_state.return_value, engine.recording.return_value = PLAYING, RecordingState(active=True)
    room = store()
    presenter = ActionsPresenter(view, room, engine)
    room.edit(overlay=False)
    presenter.refresh()
    presenter.refresh()
    view.set_situation.assert_called_once()
    view.set_checked.assert_any_call("view.overlay", False)
    view.set_checked.assert_any_call("stream.record", True)
