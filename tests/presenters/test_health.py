from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest

from engine.capture.source import SourceInfo, SourceState, SourceStatus
from engine.errors import BackendError, SourceError
from gui.presenters.health import Health, HealthPresenter, HealthView, Level, health
from gui.presenters.port import EnginePort, LoadState, ModelState, TileState
from gui.presenters.workspace import ModelChoice, Tile, WorkspaceStore

FILE = SourceInfo("video", "street.mp4", 640, 480, 25.0, 100, 4.0, "avc1", live=False, seekable=True)
CAMERA = SourceInfo("network", "rtsp://***@10.0.0.4/1", 640, 480, 25.0, None, None, "h264", live=True, seekable=False)


def status(state: SourceState = SourceState.LIVE, **fields: Any) -> TileState:
    tile = {key: fields.pop(key) for key in ("info", "paused", "error", "age_s", "password_wanted") if key in fields}
    return TileState(open=True, status=SourceStatus(state, **fields), **tile)


def tile(name: str = "Gate", **fields: Any) -> Tile:
    return Tile("1", name, **{"source": "rtsp://***@10.0.0.4/1", "running": True, **fields})


REFUSED = status(SourceState.RECONNECTING, attempt=3, retry_in_s=4.0, why="connection refused")
STALLED = status(SourceState.STALLED, age_s=3.2)
LIVE = status(info=CAMERA)
PLAYING = status(info=FILE)
PAUSED = status(info=FILE, paused=True)
ENDED = status(SourceState.ENDED, info=FILE)
CONNECTING = status(SourceState.CONNECTING)
BROKEN = status(SourceState.FAILED, error=SourceError("There is no such file"))
LOCKED = status(SourceState.RECONNECTING, password_wanted=True)


@pytest.mark.parametrize(
    ("states", "level", "sentence"),
    [
        ([], Level.IDLE, "Nothing is running"),
        ([LIVE], Level.GOOD, "Gate is live"),
        ([PLAYING], Level.GOOD, "Gate is playing"),
        ([PAUSED], Level.IDLE, "Gate is paused"),
        ([ENDED], Level.IDLE, "Gate has come to its end"),
        ([CONNECTING], Level.BUSY, "Gate: connecting"),
        ([TileState()], Level.BUSY, "Gate: connecting"),
        ([REFUSED], Level.WARNING, "Gate is offline: connection refused, next try in 3 s"),
        ([STALLED], Level.WARNING, "Gate has given no picture for 3 s"),
        ([BROKEN], Level.ERROR, "Gate does not run: there is no such file"),
        ([LOCKED], Level.ERROR, "Gate needs its password"),
        ([LIVE, LIVE], Level.GOOD, "Both streams are live"),
        ([LIVE, PLAYING], Level.GOOD, "Both streams are running"),
        ([LIVE, LIVE, LIVE], Level.GOOD, "All 3 streams are live"),
        ([LIVE, PAUSED, ENDED, CONNECTING], Level.BUSY,
         "1 of 4 streams is running, 1 connecting, 1 paused, 1 at the end"),
        ([LIVE, REFUSED, LIVE], Level.WARNING,
         "2 of 3 streams are live; Gate is offline: connection refused, next try in 3 s"),
        ([REFUSED, LIVE], Level.WARNING,
         "1 of 2 streams is live; Gate is offline: connection refused, next try in 3 s"),
        ([REFUSED, BROKEN], Level.ERROR,
         "0 of 2 streams are live; Gate does not run: there is no such file; 1 more with trouble"),
    ],
)  # fmt: skip
def test_the_worst_comes_first(states: list[TileState], level: Level, sentence: str) -> None:
    assert health([(tile(), state) for state in states], [], now_ns=1_000_000_000) == Health(level, sentence)


def test_a_try_that_runs_now_is_told_with_its_number() -> None:
    said = health([(tile(), REFUSED)], [], now_ns=5_000_000_000).sentence
    assert said == "Gate is offline: connection refused, trying again (3)"


def test_the_wait_counts_from_when_it_was_foretold_not_from_the_loss() -> None:
    lost_long_ago = status(SourceState.RECONNECTING, retry_in_s=30.0, why="connection refused", made_ns=90_000_000_000)
    said = health([(tile(), lost_long_ago)], [], now_ns=100_000_000_000).sentence
    assert said == "Gate is offline: connection refused, next try in 20 s"


def test_what_is_stopped_or_has_no_source_does_not_count() -> None:
    tiles = [(tile(running=False), LIVE), (tile(source=""), LIVE)]
    assert health(tiles, [], 0).sentence == "Nothing is running"


def test_a_stream_without_a_name_is_called_by_its_source() -> None:
    assert health([(tile(""), PLAYING)], [], 0).sentence == "street.mp4 is playing"


@pytest.mark.parametrize(
    ("state", "level", "sentence"),
    [
        (
            ModelState(loading=LoadState("Compiling for CPU", 1.0, None)),
            Level.BUSY,
            "The model yolo.onnx is being loaded: compiling for CPU",
        ),
        (
            ModelState(error=BackendError("ONNX Runtime does not read OpenVINO models")),
            Level.ERROR,
            "The model yolo.onnx does not run as wanted: ONNX Runtime does not read OpenVINO models",
        ),
    ],
)
def test_a_model_is_told_when_the_streams_are_well(state: ModelState, level: Level, sentence: str) -> None:
    models = [(ModelChoice("2", Path("/m/yolo.onnx")), state)]
    assert health([(tile(), LIVE)], models, 0) == Health(level, sentence)
    assert health([(tile(), REFUSED)], models, 0).level is Level.WARNING


def test_only_what_has_changed_is_shown() -> None:
    view, engine = create_autospec(HealthView, instance=True), create_autospec(EnginePort, instance=True)
    store = WorkspaceStore()
    store.edit_tile("1", source="street.mp4", running=True)
    engine.tile_state.return_value = PLAYING
    presenter = HealthPresenter(view, store, engine)
    presenter.refresh()
    presenter.refresh()
    view.show_health.assert_called_once_with(Health(Level.GOOD, "street.mp4 is playing"))


def test_a_picture_that_does_not_move_is_shown_not_played() -> None:
    still = SourceInfo("image", "door.png", 640, 480, None, 1, None, "", live=False, seekable=True)
    state = TileState(open=True, status=SourceStatus(SourceState.LIVE), info=still)
    tile = Tile("1", source="door.png", running=True)
    assert health([(tile, state)], [], 0).sentence == "door.png is shown"
