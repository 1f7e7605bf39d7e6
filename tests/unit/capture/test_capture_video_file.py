"""Video files: every picture in order, and any picture on request, checked by the numbers burnt into them."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numbered_video import HEIGHT, WIDTH, copy_packets, number_in, write_video

from engine.capture.source import Ended, SourceOptions, SourceState, Wait
from engine.capture.video_file import VideoFileSource
from engine.frames import Frame

FRAMES = 120
_MATRIX_IN_TKHD = 44
_TURNED_RIGHT = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, HEIGHT << 16, 0, 1 << 30)


def _irregular_times() -> list[Fraction]:
    gaps = random.Random(1).choices((1, 2, 3, 10), k=FRAMES - 1)
    return [Fraction(sum(gaps[:number]), 60) for number in range(FRAMES)]


IRREGULAR_S = _irregular_times()
KEY_FRAMES = "keyint=30:min-keyint=30:scenecut=0:bframes=3:b-adapt=0"

SPECIMENS: dict[str, Callable[[Path], Path]] = {
    "b_frames.mp4": lambda path: write_video(path, **{"x264-params": KEY_FRAMES}),
    "open_gop.mp4": lambda path: write_video(path, **{"x264-params": KEY_FRAMES + ":open-gop=1:b-pyramid=normal"}),
    "open_gop_hevc.mp4": lambda path: write_video(
        path, codec="libx265", **{"x265-params": "keyint=30:bframes=4:open-gop=1:log-level=none"}
    ),
    "one_key_frame.mp4": lambda path: write_video(path, **{"x264-params": "keyint=1000:bframes=3:scenecut=0"}),
    "irregular.mp4": lambda path: write_video(path, times_s=IRREGULAR_S, bf="3", g="40"),
    "irregular.mkv": lambda path: write_video(path, times_s=IRREGULAR_S, bf="3", g="40"),
    "fragmented.mp4": lambda path: write_video(path, muxer={"movflags": "frag_keyframe+empty_moov"}, bf="3", g="40"),
    "late_start.mp4": lambda path: write_video(path, times_s=[Fraction(n, 25) + 10 for n in range(FRAMES)], bf="3"),
    "transport.ts": lambda path: write_video(path, bf="3", g="30"),
    "vp9.webm": lambda path: write_video(path, codec="libvpx-vp9", gop=40, deadline="realtime"),
    "mpeg4.avi": lambda path: write_video(path, codec="mpeg4", time_base=Fraction(1, 25)),
    "mpeg2.mpg": lambda path: write_video(path, codec="mpeg2video", time_base=Fraction(1, 25), gop=12, bf="2"),
    "b_frames.avi": lambda path: write_video(path, codec="mpeg4", time_base=Fraction(1, 25), gop=12, bf="2"),
    "no_times.h264": lambda path: write_video(path, bf="3", g="40"),
    "edit_list.mp4": lambda path: _cut(path, from_s=1.2, zero_s=1.76),
    "no_key_at_first.ts": lambda path: _cut(path, from_s=1.44, zero_s=1.0),
}
FIRST_NUMBER = {"edit_list.mp4": 44, "no_key_at_first.ts": 60}


def _cut(path: Path, *, from_s: float, zero_s: float) -> Path:
    whole = write_video(path.with_name("whole.mp4"), **{"x264-params": KEY_FRAMES})
    return copy_packets(whole, path, from_s=from_s, zero_s=zero_s)


@pytest.fixture(scope="session")
def videos(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes the video of a name in ``SPECIMENS``, once."""
    folder = tmp_path_factory.mktemp("videos")

    def make(name: str) -> Path:
        path = folder / name
        return path if path.exists() else SPECIMENS[name](path)

    return make


@pytest.fixture
def opened() -> Iterator[Callable[[Path], VideoFileSource]]:
    """Opens video files and closes them at the end."""
    sources: list[VideoFileSource] = []

    def open_(path: Path) -> VideoFileSource:
        sources.append(VideoFileSource(str(path), SourceOptions()))
        sources[-1].open()
        return sources[-1]

    yield open_
    for source in sources:
        source.close()


def read(source: VideoFileSource) -> Frame | Ended:
    """The next frame, however long the search takes."""
    while isinstance(item := source.read(), Wait):
        pass
    return item


def read_all(source: VideoFileSource) -> list[Frame]:
    frames = []
    while isinstance(item := read(source), Frame):
        frames.append(item)
    return frames


@pytest.mark.parametrize("name", SPECIMENS)
def test_every_picture_comes_in_order_and_is_found_again(
    name: str, videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource]
) -> None:
    source = opened(videos(name))
    frames = read_all(source)
    first = FIRST_NUMBER.get(name, 0)
    numbers = [number_in(frame.image) for frame in frames]
    assert numbers == list(range(first, FRAMES))
    assert [frame.sequence for frame in frames] == list(range(len(frames)))
    assert source.status.state is SourceState.ENDED
    assert source.info is not None
    assert source.info.frames == len(frames)
    assert source.info.warnings == ()

    wanted = random.Random(name).sample(range(len(frames) - 1), 25)
    for index in (*wanted, 0, len(frames) - 2):
        source.seek_frame(index)
        found, after = read(source), read(source)
        assert isinstance(found, Frame)
        assert isinstance(after, Frame)
        assert (found.sequence, number_in(found.image)) == (index, numbers[index])
        assert (after.sequence, number_in(after.image)) == (index + 1, numbers[index + 1])
        assert found.media_time_s == pytest.approx(frames[index].media_time_s, abs=1e-4)


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_time_finds_the_picture_on_screen_then_without_having_read_before(
    name: str, videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource]
) -> None:
    frames = read_all(opened(videos(name)))
    times_s = [frame.media_time_s or 0.0 for frame in frames]
    source = opened(videos(name))
    for index in random.Random(name).sample(range(len(frames) - 1), 15):
        gap_s = times_s[index + 1] - times_s[index]
        for part in (0.0, 0.5, 0.95):
            source.seek_time(times_s[index] + part * gap_s)
            found = read(source)
            assert isinstance(found, Frame)
            assert number_in(found.image) == number_in(frames[index].image)


@pytest.mark.parametrize("name", ["irregular.mp4", "irregular.mkv"])
def test_times_of_an_irregular_video_are_its_own(
    name: str, videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource]
) -> None:
    frames = read_all(opened(videos(name)))
    assert [frame.media_time_s for frame in frames] == pytest.approx([float(t) for t in IRREGULAR_S], abs=1e-3)


@pytest.mark.parametrize("name", ["b_frames.mp4", "irregular.mkv", "no_times.h264"])
def test_beyond_the_end_there_is_the_end_and_a_way_back(
    name: str, videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource]
) -> None:
    source = opened(videos(name))
    source.seek_frame(FRAMES)
    assert isinstance(read(source), Ended)
    source.seek_frame(10**9)
    assert isinstance(read(source), Ended)
    source.seek_time(1e6)
    assert isinstance(read(source), Ended)
    assert isinstance(read(source), Ended)
    source.seek_frame(FRAMES - 1)
    found = read(source)
    assert isinstance(found, Frame)
    assert number_in(found.image) == FRAMES - 1


def test_an_interrupted_search_leaves_nothing_wrong(
    videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.capture.video_file._SLICE_S", -1.0)
    source = opened(videos("one_key_frame.mp4"))
    for steps in range(1, 60, 3):
        source.seek_frame(100)
        assert isinstance(source.read(), Wait)
        for _ in range(steps):
            source.read()
        source.seek_frame(40 + steps % 5)
        found = read(source)
        assert isinstance(found, Frame)
        assert (found.sequence, number_in(found.image)) == (40 + steps % 5, 40 + steps % 5)


def test_a_picture_can_be_asked_for_twice_and_stepped_back_from(
    videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource]
) -> None:
    source = opened(videos("b_frames.mp4"))
    seen = []
    for index in (70, 70, 69, 68, 69, 71, 0, 0):
        source.seek_frame(index)
        frame = read(source)
        assert isinstance(frame, Frame)
        seen.append(number_in(frame.image))
    assert seen == [70, 70, 69, 68, 69, 71, 0, 0]


def test_a_phone_video_stands_upright(
    videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource], tmp_path: Path
) -> None:
    data = bytearray(videos("b_frames.mp4").read_bytes())
    matrix = data.index(b"tkhd") + _MATRIX_IN_TKHD
    data[matrix : matrix + len(_TURNED_RIGHT)] = _TURNED_RIGHT
    path = tmp_path / "phone.mp4"
    path.write_bytes(data)
    source = opened(path)
    frame = read(source)
    assert isinstance(frame, Frame)
    assert source.info is not None
    assert (source.info.width, source.info.height) == (frame.width, frame.height) == (HEIGHT, WIDTH)
    source.seek_frame(90)
    frame = read(source)
    assert isinstance(frame, Frame)
    assert number_in(np.rot90(frame.image)) == 90


def test_what_is_known_of_a_video(videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource]) -> None:
    source = opened(videos("b_frames.mp4"))
    info = source.info
    assert info is not None
    assert (info.kind, info.title, info.codec, info.live, info.seekable) == (
        "video",
        "b_frames.mp4",
        "h264",
        False,
        True,
    )
    assert (info.width, info.height, info.rate_hz, info.frames) == (WIDTH, HEIGHT, 25.0, FRAMES)
    assert info.duration_s == pytest.approx(FRAMES / 25)
    assert source.status.state is SourceState.LIVE
    source.close()
    source.close()
    assert source.status.state is SourceState.STOPPED


@pytest.mark.parametrize("name", ["two words.mp4", "стрім 映像 é.mp4", "a:b?c%03d.mp4", "#1 & 50%.mp4"])
def test_any_name_can_be_opened(
    name: str, videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(videos("b_frames.mp4").read_bytes())
    frame = read(opened(path))
    assert isinstance(frame, Frame)
    assert frame.source_id == str(path)


def test_a_large_video_is_decoded_by_several_threads_and_still_to_the_picture(
    videos: Callable[[str], Path], opened: Callable[[Path], VideoFileSource], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.capture.video_file._ONE_THREAD_PIXELS", 0)
    source = opened(videos("b_frames.mp4"))
    assert [number_in(frame.image) for frame in read_all(source)] == list(range(FRAMES))
    source.seek_frame(77)
    frame = read(source)
    assert isinstance(frame, Frame)
    assert number_in(frame.image) == 77


@pytest.mark.data
def test_a_real_video_is_read_to_its_end(shared_data: Path, opened: Callable[[Path], VideoFileSource]) -> None:
    source = opened(shared_data / "video" / "car-detection.mp4")
    frames = read_all(source)
    assert len(frames) == 377
    source.seek_frame(300)
    found = read(source)
    assert isinstance(found, Frame)
    assert np.array_equal(found.image, frames[300].image)
