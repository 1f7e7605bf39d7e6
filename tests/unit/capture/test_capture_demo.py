"""The demo as a source: a film that is drawn."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.capture.source import Ended, Source, SourceOptions, SourceState
from engine.capture.table import open_source, parse_source
from engine.frames import Frame
from engine.scene import CLASS_NAMES, FRAMES, RATE_HZ


@pytest.fixture
def demo() -> Iterator[Source]:
    source = open_source("demo", SourceOptions())
    source.open()
    yield source
    source.close()


def frame_of(source: Source) -> Frame:
    frame = source.read()
    assert isinstance(frame, Frame)
    return frame


def test_it_is_named_demo() -> None:
    assert parse_source(" demo ") == ("demo", "")


def test_what_is_told_of_it(demo: Source) -> None:
    info = demo.info
    assert info is not None and demo.source_id == "demo"
    assert (info.kind, info.width, info.height, info.rate_hz) == ("demo", 960, 540, 30.0)
    assert (info.frames, info.duration_s, info.live, info.seekable) == (FRAMES, 60.0, False, True)
    assert demo.status.state is SourceState.LIVE


def test_frames_come_in_order_with_their_time_and_their_truth(demo: Source) -> None:
    first, second = frame_of(demo), frame_of(demo)
    assert (first.sequence, second.sequence) == (0, 1)
    assert second.media_time_s == pytest.approx(1 / RATE_HZ)
    assert first.truth is not None and first.truth.class_names == CLASS_NAMES
    assert len(first.truth.objects) > 5


def test_a_place_that_is_sought_shows_the_same_picture_again(demo: Source) -> None:
    for _ in range(3):
        shown = frame_of(demo)
    demo.seek_frame(2)
    again = frame_of(demo)
    assert (again.image == shown.image).all()
    assert shown.media_time_s is not None
    demo.seek_time(shown.media_time_s)
    assert frame_of(demo).sequence == 2
    demo.seek_time(shown.media_time_s + 0.6 / RATE_HZ)
    assert frame_of(demo).sequence == 2


def test_every_frame_is_found_by_its_own_time(demo: Source) -> None:
    for number in range(0, FRAMES, 97):
        demo.seek_time(number / RATE_HZ)
        assert frame_of(demo).sequence == number


def test_behind_the_end_there_is_none_and_before_it_there_is(demo: Source) -> None:
    demo.seek_frame(FRAMES)
    assert isinstance(demo.read(), Ended)
    assert demo.status.state is SourceState.ENDED
    demo.seek_frame(FRAMES - 1)
    assert frame_of(demo).sequence == FRAMES - 1


def test_closed_it_is_stopped(demo: Source) -> None:
    demo.close()
    demo.close()
    assert demo.status.state is SourceState.STOPPED
