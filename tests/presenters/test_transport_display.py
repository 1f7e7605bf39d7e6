"""The bar of a stream, as data."""

from __future__ import annotations

import pytest

from engine.capture.source import SourceInfo
from gui.presenters.port import TileState
from gui.presenters.transport import clock, seek_target, transport_display
from gui.presenters.workspace import Display, Tile

FILM = SourceInfo("video", "road.mp4", 640, 480, 30.0, 1625, 54.1, "", False, True)
FOLDER = SourceInfo("folder", "photos", 640, 480, None, 12, None, "", False, True)
CAMERA = SourceInfo("camera", "Front door", 640, 480, 30.0, None, None, "", True, False)
TILE = Tile("1", source="road.mp4", running=True)


def test_an_empty_tile_has_no_bar() -> None:
    assert transport_display(Tile("1"), TileState()) is None


def test_a_file_that_plays() -> None:
    tile = Tile("1", source="road.mp4", running=True, model_id="2", speed=2.0, display=Display.SMOOTH, max_fps=5.0)
    shown = transport_display(tile, TileState(open=True, info=FILM, position=311, media_time_s=10.36))
    assert shown is not None
    assert (shown.file, shown.enabled, shown.playing, shown.analysed) == (True, True, True, True)
    assert (shown.position, shown.frames, shown.place) == (311, 1625, "0:10.3 / 0:54.1   ·   312 of 1,625")
    assert (shown.speed, shown.display, shown.max_fps) == (2.0, Display.SMOOTH, 5.0)


@pytest.mark.parametrize(
    ("state", "file", "playing", "place"),
    [
        (TileState(open=True, info=FILM, position=0, media_time_s=0.0, paused=True), True, False,
         "0:00.0 / 0:54.1   ·   1 of 1,625"),
        (TileState(open=True, info=FOLDER, position=3), True, True, "4 of 12"),
        (TileState(open=True, info=CAMERA, position=99), False, True, ""),
        (TileState(), False, False, ""),
    ],
)  # fmt: skip
def test_what_applies(state: TileState, file: bool, playing: bool, place: str) -> None:
    shown = transport_display(TILE, state)
    assert shown is not None
    assert (shown.file, shown.playing, shown.place) == (file, playing, place)


@pytest.mark.parametrize(
    ("position", "seconds", "target"), [(300, 5.0, 450), (300, -5.0, 150), (60, -5.0, 0), (1600, 5.0, 1624)]
)
def test_seeking_stays_in_the_file(position: int, seconds: float, target: int) -> None:
    assert seek_target(TileState(info=FILM, position=position), seconds) == target


@pytest.mark.parametrize("state", [TileState(), TileState(info=CAMERA, position=5), TileState(info=FOLDER, position=1)])
def test_where_seconds_mean_nothing_nothing_is_sought(state: TileState) -> None:
    assert seek_target(state, 5.0) is None


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0, "0:00.0"), (7.2, "0:07.2"), (725.0, "12:05.0"), (3725.0, "1:02:05.0")]
)
def test_the_clock(seconds: float, words: str) -> None:
    assert clock(seconds) == words
