from __future__ import annotations

from pathlib import Path
from unittest.mock import create_autospec

import pytest

from engine.capture.source import SourceInfo, SourceState, SourceStatus
from gui.actions import Situation
from gui.presenters.port import EnginePort, RecordingState, TileState
from gui.presenters.situation import situation
from gui.presenters.workspace import WorkspaceStore

FILE = SourceInfo("video", "street.mp4", 640, 480, 25.0, 100, 4.0, "avc1", live=False, seekable=True)
PLAYING = TileState(open=True, status=SourceStatus(SourceState.LIVE), info=FILE, position=7)


def engine(state: TileState, recording: bool = False) -> EnginePort:
    made = create_autospec(EnginePort, instance=True)
    made.tile_state.return_value, made.recording.return_value = state, RecordingState(active=recording)
    return made


def test_a_file_that_plays_can_be_sought_and_saved() -> None:
    store = WorkspaceStore()
    store.edit_tile("1", source="street.mp4", running=True)
    store.use_model(Path("m.onnx"))
    assert situation(store.now, engine(PLAYING), "live") == Situation(
        has_source=True, running=True, seekable=True, has_picture=True
    )


@pytest.mark.parametrize("recording", [False, True])
def test_an_empty_tile_can_do_nothing_but_end_a_recording(recording: bool) -> None:
    got = situation(WorkspaceStore().now, engine(TileState(), recording), "models")
    assert got == Situation(page="models", recording=recording)
