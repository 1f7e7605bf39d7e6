"""Videos as a player decodes them: how many pictures, how long, which picture when."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from frame_results import make_detections, make_result
from numpy.typing import NDArray

from engine.errors import CancelledError, SinkError
from engine.frames import FrameResult
from engine.overlay import Style
from engine.sinks.video_clock import Clock, Timing
from engine.sinks.video_file import VideoFileSink

BITS = 10
"""Numbers of pictures up to 1023 are burnt in as black and white squares."""


@dataclass
class Played:
    """What a player finds in a file."""

    codec: str
    size: tuple[int, int]
    rate_hz: float
    duration_s: float
    times: list[float]
    images: list[NDArray[np.uint8]]

    @property
    def numbers(self) -> list[int]:
        return [number_in(image) for image in self.images]


def play(path: Path) -> Played:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert container.duration is not None and stream.average_rate is not None
        return Played(
            stream.codec_context.name,
            (stream.codec_context.width, stream.codec_context.height),
            float(stream.average_rate),
            container.duration / 1e6,
            [float(frame.time or 0.0) for frame in frames],
            [frame.to_ndarray(format="bgr24") for frame in frames],
        )


def numbered(number: int, size: tuple[int, int] = (160, 48)) -> NDArray[np.uint8]:
    """A picture with its number in squares of 16 pixels along its top."""
    image = np.full((size[1], size[0], 3), 128, np.uint8)
    for bit in range(BITS):
        image[:16, 16 * bit : 16 * bit + 16] = 255 * (number >> bit & 1)
    return image


def number_in(image: NDArray[np.uint8]) -> int:
    return sum(int(image[4:12, 16 * bit + 4 : 16 * bit + 12].mean() > 127) << bit for bit in range(BITS))


def in_file(count: int, rate_hz: float, start: int = 0) -> Iterable[FrameResult]:
    for i in range(start, start + count):
        yield make_result(image=numbered(i), sequence=i, media_time_s=i / rate_hz)


def live(times: Iterable[float]) -> Iterable[FrameResult]:
    for i, time_s in enumerate(times):
        yield make_result(image=numbered(i % 1024), sequence=i, captured_s=1000.0 + time_s)


def record(path: Path, results: Iterable[FrameResult], timing: Timing | None = None, **options: object) -> Played:
    sink = VideoFileSink(path, None if timing is None else lambda: timing, style=None, **options)  # type: ignore[arg-type]
    sink.open()
    for result in results:
        sink.write(result)
    sink.close()
    sink.close()
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    return play(path)


@pytest.mark.parametrize(("name", "codec"), [("out.mp4", "mpeg4"), ("out.webm", "vp8"), ("OUT.MP4", "mpeg4")])
@pytest.mark.parametrize("timing", [None, Timing(Clock.MEDIA, 12.5)])
def test_a_file_gives_one_picture_for_each_of_its_frames(
    tmp_path: Path, name: str, codec: str, timing: Timing | None
) -> None:
    played = record(tmp_path / name, in_file(40, 12.5), timing)
    assert (played.codec, played.size, played.rate_hz) == (codec, (160, 48), 12.5)
    assert played.numbers == list(range(40))
    assert played.duration_s == pytest.approx(40 / 12.5, abs=0.01)
    assert played.times == pytest.approx([i / 12.5 for i in range(40)], abs=0.002)


def test_ten_minutes_of_an_irregular_camera_last_ten_minutes(tmp_path: Path) -> None:
    steps = np.random.default_rng(2).choice([0.02, 0.1, 0.8, 3.0], 3000, p=[0.2, 0.3, 0.4, 0.1])
    times = np.concatenate([[0.0], np.cumsum(steps)])
    times = np.append(times[times < 599.0], 599.9)
    played = record(tmp_path / "out.mp4", live(times), Timing(Clock.CAPTURE, 10.0))
    assert played.duration_s == pytest.approx(600.0, abs=0.1)
    assert len(played.times) == pytest.approx(6000, abs=1)
    for slot in range(0, 5990, 37):
        newest = int(np.searchsorted(times, (slot + 0.5) / 10.0) - 1)
        assert number_in(played.images[slot]) - newest == pytest.approx(0, abs=1), slot


def test_a_live_stream_shows_its_newest_picture_at_each_moment(tmp_path: Path) -> None:
    played = record(tmp_path / "out.mp4", live([0.0, 0.1, 0.5, 0.52, 0.54, 1.0]), Timing(Clock.CAPTURE, 10.0))
    assert played.numbers == [0, 1, 1, 1, 1, 4, 4, 4, 4, 4, 5]


def test_the_rate_of_a_live_stream_is_measured_where_nobody_knows_it(tmp_path: Path) -> None:
    played = record(tmp_path / "out.mp4", live(np.arange(30) / 5.0))
    assert played.rate_hz == 5.0
    assert played.numbers == list(range(30))


@pytest.mark.parametrize("rate_hz", [0.0, 1000.0, 90000.0, float("nan")])
def test_a_time_base_is_not_taken_for_a_rate(tmp_path: Path, rate_hz: float) -> None:
    played = record(tmp_path / "out.mp4", in_file(10, 25.0), Timing(Clock.MEDIA, rate_hz))
    assert (played.rate_hz, played.numbers) == (25.0, list(range(10)))


def test_one_result_is_a_video_too(tmp_path: Path) -> None:
    assert record(tmp_path / "out.mp4", in_file(1, 30.0, start=7)).numbers == [7]


def test_a_loop_and_a_seek_are_placed_one_after_the_other(tmp_path: Path) -> None:
    results = itertools.chain(in_file(5, 10.0), in_file(5, 10.0), in_file(3, 10.0, start=500))
    played = record(tmp_path / "out.mp4", results, Timing(Clock.MEDIA, 10.0))
    assert played.numbers == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 500, 501, 502]


def test_pictures_of_a_folder_are_shown_for_half_a_second_each(tmp_path: Path) -> None:
    played = record(tmp_path / "out.mp4", live([0.0, 0.01, 0.02]), Timing(Clock.COUNT))
    assert (played.numbers, played.duration_s) == ([0, 1, 2], pytest.approx(1.5))


def test_timing_is_asked_once_with_the_first_result(tmp_path: Path) -> None:
    asked = []

    def timing() -> Timing:
        asked.append(1)
        return Timing(Clock.MEDIA, 10.0)

    sink = VideoFileSink(tmp_path / "out.mp4", timing)
    sink.open()
    assert asked == []
    for result in in_file(3, 10.0):
        sink.write(result)
    sink.close()
    assert asked == [1]


@pytest.mark.parametrize("name", ["out.mp4", "out.webm"])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (17, 16), (161, 49), (160, 48)])
def test_any_size_can_be_recorded(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    image = np.full((size[1], size[0], 3), (30, 120, 220), np.uint8)
    played = record(tmp_path / name, [make_result(image=image, media_time_s=i / 10, sequence=i) for i in range(3)])
    assert played.size == tuple(max(16, side + side % 2) for side in size)
    assert len(played.images) == 3
    assert np.abs(played.images[1].astype(int) - (30, 120, 220)).max() < 12, "the edge is repeated, not black"


def test_a_changed_size_is_fitted_with_borders_into_the_first(tmp_path: Path) -> None:
    grey, bright = np.full((48, 160, 3), 90, np.uint8), np.full((96, 96, 3), 220, np.uint8)
    results = [
        make_result(image=image, sequence=i, media_time_s=i / 10) for i, image in enumerate((grey, bright, grey))
    ]
    first, second, third = record(tmp_path / "out.mp4", results).images
    assert first.shape == second.shape == third.shape == (48, 160, 3)
    assert second[24, 80].mean() > 200 and second[24, 10].mean() < 20 and second[24, 150].mean() < 20
    assert abs(third[24, 10].mean() - 90) < 8


def test_results_are_drawn_unless_clean_pictures_are_wanted(tmp_path: Path) -> None:
    image = np.full((240, 320, 3), 128, np.uint8)
    result = make_result(make_detections((50, 50, 250, 200, 0.9, 0)), image=image, media_time_s=0.0)
    shown = {}
    for name, style in (("drawn.mp4", Style()), ("clean.mp4", None)):
        sink = VideoFileSink(tmp_path / name, style=style)
        sink.open()
        sink.write(result)
        sink.close()
        shown[name] = play(tmp_path / name).images[0].astype(int)
    assert np.abs(shown["clean.mp4"] - 128).max() < 10
    assert np.abs(shown["drawn.mp4"] - 128).max() > 80


@pytest.mark.parametrize("name", ["out.avi", "out", "out.mkv"])
def test_another_ending_is_refused_with_the_two_that_work(tmp_path: Path, name: str) -> None:
    with pytest.raises(SinkError, match=r"expected \.mp4 \(fast\) or \.webm \(for browsers\)"):
        VideoFileSink(tmp_path / name).open()
    assert list(tmp_path.iterdir()) == []


def test_an_older_video_stays_until_the_new_one_is_finished(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    path.write_bytes(b"older")
    sink = VideoFileSink(path, style=None)
    sink.open()
    for result in in_file(20, 10.0):
        sink.write(result)
    assert path.read_bytes() == b"older"
    assert (tmp_path / "out.part.mp4").exists()
    sink.close()
    assert play(path).numbers == list(range(20))
    assert not (tmp_path / "out.part.mp4").exists()


@pytest.mark.parametrize("name", ["out.mp4", "out.webm"])
def test_nothing_native_is_printed(tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    record(tmp_path / name, in_file(3, 10.0))
    assert tuple(capfd.readouterr()) == ("", "")


# Browsers, live -------------------------------------------------------------------------------------------------------


def large_live(count: int) -> Iterable[FrameResult]:
    image = np.full((1080, 1920, 3), 128, np.uint8)
    for i in range(count):
        marked = image.copy()
        marked[:48, :160] = numbered(i)
        yield make_result(image=marked, sequence=i, captured_s=100.0 + i / 30)


def recording(path: Path) -> VideoFileSink:
    sink = VideoFileSink(path, lambda: Timing(Clock.CAPTURE, 30.0), style=None)
    sink.open()
    for result in large_live(4):
        sink.write(result)
    assert "out.recording.mp4" in (found.name for found in path.parent.iterdir())
    return sink


def test_a_large_live_stream_is_converted_for_browsers_after_the_stop(tmp_path: Path) -> None:
    told: list[float] = []
    recording(tmp_path / "out.webm").close(told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]
    assert [found.name for found in tmp_path.iterdir()] == ["out.webm"]
    played = play(tmp_path / "out.webm")
    assert (played.codec, played.numbers, played.rate_hz) == ("vp8", [0, 1, 2, 3], 30.0)


def test_a_cancelled_conversion_keeps_the_recording(tmp_path: Path) -> None:
    def cancel(_done: float) -> None:
        raise CancelledError

    sink = recording(tmp_path / "out.webm")
    with pytest.raises(SinkError, match=r"out\.recording\.mp4: The recording was not converted to \.webm but is kept"):
        sink.close(cancel)
    assert [found.name for found in tmp_path.iterdir()] == ["out.recording.mp4"]
    assert play(tmp_path / "out.recording.mp4").numbers == [0, 1, 2, 3]


def test_a_file_of_any_size_is_encoded_for_browsers_at_once(tmp_path: Path) -> None:
    results = [
        make_result(image=result.frame.image, sequence=i, media_time_s=i / 30) for i, result in enumerate(large_live(2))
    ]
    assert record(tmp_path / "out.webm", results, Timing(Clock.MEDIA, 30.0)).numbers == [0, 1]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are always Unicode; only on Windows and macOS")
def test_a_name_in_no_alphabet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="The file name has letters that cannot be passed on"):
        VideoFileSink(tmp_path / "caf\udce9.mp4").open()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="files are not locked; only on Windows")
def test_a_second_recording_to_the_same_file_is_refused_while_the_first_one_runs(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    first, second = VideoFileSink(path), VideoFileSink(path)
    first.open()
    with pytest.raises(SinkError, match=r"out\.mp4: Another recording to this file is running"):
        second.open()
    for result in in_file(5, 12.5):
        first.write(result)
    with pytest.raises(SinkError, match="Another recording"):
        second.open()
    second.close()
    first.close()
    assert len(play(path).times) == 5
    second.open()
    second.close()
    assert [found.name for found in tmp_path.iterdir()] == ["out.mp4"]
