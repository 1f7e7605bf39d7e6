"""What a tile says of itself, as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fakes import fake_report

from engine.capture.source import SourceInfo, SourceState, SourceStatus
from engine.errors import BackendError, SourceError, SourceReason
from gui.presenters.port import LoadState, ModelState, TileState
from gui.presenters.tile_display import Remedy, TileDisplay, TileHealth, length_words, tile_display
from gui.presenters.workspace import Tile

CAMERA = SourceInfo("camera", "Front door", 640, 480, 30.0, None, None, "", True, False)
FILM = SourceInfo("video", "road.mp4", 640, 480, 30.0, 300, 10.0, "", False, True)
NOW_NS = 100_000_000_000
WANTED = Tile("1", source="camera:0", running=True, model_id="2")


def state(source: SourceState = SourceState.LIVE, info: SourceInfo | None = CAMERA, **more: Any) -> TileState:
    status = SourceStatus(
        source,
        made_ns=NOW_NS - 2_000_000_000,
        **{k: more.pop(k) for k in ("attempt", "retry_in_s", "why", "message") if k in more},
    )
    return TileState(open=True, status=status, info=info, **more)


def shown(
    tile: Tile = WANTED, now: TileState | None = None, model: ModelState | None = None, age_s: float | None = 0.12
) -> TileDisplay:
    return tile_display(tile, now or state(), model, picture_age_s=age_s, now_ns=NOW_NS, selected=True)


NO_FILM = SourceError("This is not a video", reason=SourceReason.CODEC, subject="notes.txt")
REFUSED = SourceError("The connection was refused", subject="rtsp://yard", remedy="Check the address")
BROKEN = BackendError("The graph has a loop", subject="yolo.onnx", remedy="Export it again")


@pytest.mark.parametrize(
    ("tile", "now", "health", "words"),
    [
        (Tile("1"), TileState(), TileHealth.EMPTY, "Empty"),
        (replace(WANTED, running=False), TileState(), TileHealth.STOPPED, "Stopped"),
        (WANTED, TileState(), TileHealth.CONNECTING, "Connecting"),
        (WANTED, state(SourceState.CONNECTING), TileHealth.CONNECTING, "Connecting"),
        (WANTED, state(), TileHealth.LIVE, "Live"),
        (WANTED, state(info=FILM), TileHealth.PLAYING, "Playing"),
        (WANTED, state(info=FILM, paused=True), TileHealth.PAUSED, "Paused"),
        (WANTED, state(SourceState.STALLED), TileHealth.RECONNECTING, "Reconnecting"),
        (WANTED, state(SourceState.RECONNECTING, paused=True), TileHealth.RECONNECTING, "Reconnecting"),
        (WANTED, state(SourceState.ENDED, FILM), TileHealth.ENDED, "Ended"),
        (WANTED, state(SourceState.FAILED), TileHealth.FAILED, "Not running"),
        (WANTED, state(error=REFUSED), TileHealth.FAILED, "Not running"),
        (WANTED, state(SourceState.CONNECTING, password_wanted=True), TileHealth.FAILED, "Not running"),
    ],
)
def test_the_state_in_words(tile: Tile, now: TileState, health: TileHealth, words: str) -> None:
    display = shown(tile, now)
    assert (display.health, display.state) == (health, words)


@pytest.mark.parametrize(
    ("now", "age_s", "old", "words"),
    [
        (state(), 0.12, False, "0.1 s old"),
        (state(), 1.69, False, "1.7 s old"),
        (state(), 1.71, True, "Picture is 2 s old"),
        (state(), 125.0, True, "Picture is 2 min 5 s old"),
        (state(SourceState.RECONNECTING), 7.0, True, "Picture is 7 s old"),
        (state(paused=True), 60.0, False, "60.0 s old"),
        (state(info=FILM), 60.0, False, ""),
        (state(info=None), 60.0, True, "Picture is 1 min 0 s old"),
        (state(), None, False, ""),
    ],
)
def test_an_old_picture_of_a_live_source_is_not_shown_as_live(
    now: TileState, age_s: float | None, old: bool, words: str
) -> None:
    display = shown(now=now, age_s=age_s)
    assert (display.old, display.age) == (old, words)


def test_a_stopped_camera_leaves_no_picture_that_looks_live() -> None:
    assert shown(replace(WANTED, running=False), age_s=0.1).old
    assert not shown(replace(WANTED, running=False), state(info=FILM), age_s=0.1).old


@pytest.mark.parametrize(
    ("now", "model", "message", "remedy"),
    [
        (state(), None, None, None),
        (
            state(SourceState.RECONNECTING, attempt=3, retry_in_s=6.2, why="connection refused"),
            None,
            "Reconnecting, try 3: connection refused, next in 4 s",
            Remedy.TRY_NOW,
        ),
        (
            state(SourceState.RECONNECTING, attempt=3, why="connection refused"),
            None,
            "Reconnecting, try 3: connection refused",
            Remedy.TRY_NOW,  # it stays under the pointer and keeps the focus
        ),
        (state(SourceState.STALLED), None, "No new picture: no picture comes", Remedy.NONE),
        (state(error=REFUSED), None, "rtsp://yard: The connection was refused. Check the address.", Remedy.RESTART),
        (state(error=NO_FILM), None, str(NO_FILM), Remedy.CHOOSE),
        (state(SourceState.FAILED, message="The file is damaged."), None, "The file is damaged.", Remedy.RESTART),
        (state(password_wanted=True), None, "This source wants a password.", Remedy.PASSWORD),
        (
            state(why="user or password is wrong", password_wanted=True),
            None,
            "This source wants a password: user or password is wrong.",
            Remedy.PASSWORD,
        ),
        (
            state(),
            ModelState(error=BROKEN),
            "The model failed: The graph has a loop. The video goes on.",
            Remedy.RELOAD,
        ),
        (
            state(),
            ModelState(error=BROKEN, report=fake_report()),
            "The model could not be changed: The graph has a loop. What ran before goes on.",
            Remedy.RELOAD,
        ),
        (state(error=REFUSED), ModelState(error=BROKEN), str(REFUSED), Remedy.RESTART),
    ],
)
def test_the_banner_says_what_is_wrong_and_what_helps(
    now: TileState, model: ModelState | None, message: str | None, remedy: Remedy | None
) -> None:
    banner = shown(now=now, model=model).banner
    assert (banner and banner.message, banner and banner.remedy) == (message, remedy)


def test_an_empty_tile_says_nothing_of_its_model() -> None:
    assert shown(Tile("1", model_id="2"), TileState(), ModelState(error=BROKEN)).banner is None


@pytest.mark.parametrize(
    ("expected_s", "elapsed_s", "share"), [(None, 3.0, None), (10.0, 4.0, 0.4), (10.0, 100.0, 0.95)]
)
def test_a_model_on_its_way_says_how_far_it_is(expected_s: float | None, elapsed_s: float, share: float | None) -> None:
    loading = shown(model=ModelState(loading=LoadState("Compiling", elapsed_s, expected_s))).loading
    assert loading is not None
    assert loading.message == f"Model: Compiling, {elapsed_s:.0f} s"
    assert loading.share == share


@pytest.mark.parametrize(
    ("tile", "info", "name"),
    [
        (replace(WANTED, name="Yard"), CAMERA, "Yard"),
        (WANTED, CAMERA, "Front door"),
        (WANTED, None, "Camera 0"),
        (Tile("1"), None, ""),
    ],
)
def test_the_name_is_the_persons_own_or_that_of_the_source(tile: Tile, info: SourceInfo | None, name: str) -> None:
    assert shown(tile, state(info=info)).name == name


def test_everything_is_said_to_a_screen_reader() -> None:
    trouble = state(SourceState.RECONNECTING, attempt=2, why="time-out")
    said = shown(now=trouble, model=ModelState(loading=LoadState("Reading", 1.0, None)), age_s=9.0).description
    assert said == "Reconnecting. Picture is 9 s old. Reconnecting, try 2: time-out. Model: Reading, 1 s"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0, "0 s"), (59.9, "59 s"), (60.0, "1 min 0 s"), (3725.0, "1 h 2 min")]
)
def test_lengths_of_time(seconds: float, words: str) -> None:
    assert length_words(seconds) == words


def test_a_picture_that_does_not_move_is_not_called_playing() -> None:
    info = SourceInfo("image", "door.png", 640, 480, None, 1, None, "", live=False, seekable=True)
    assert shown(now=state(SourceState.LIVE, info=info)).state == "Still picture"
