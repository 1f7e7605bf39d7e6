"""Cameras: found by index and name, set to a size, lost and found again. The cameras are made of paper."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.capture.camera import CameraSource
from engine.capture.camera_list import CameraInfo, find_camera, list_cameras
from engine.capture.source import SourceOptions, SourceState, Wait
from engine.errors import SourceError, SourceReason
from engine.frames import Frame
from engine.opencv import cv2

Mode = tuple[int, int, float]
FULL_HD: tuple[Mode, ...] = ((640, 480, 30.0), (1280, 720, 30.0), (1920, 1080, 30.0), (3840, 2160, 30.0))


class PaperCapture:
    """A camera with some modes: it takes the nearest to what is asked, as Video4Linux does."""

    def __init__(self, modes: tuple[Mode, ...] = FULL_HD, blank_reads: int = 0) -> None:
        self.modes = modes
        self.mode = modes[0]
        self.blank_reads = blank_reads
        self.opens = True
        self.plugged = True
        self.released = False
        self.reads = 0
        self._wanted = {cv2.CAP_PROP_FRAME_WIDTH: 0.0, cv2.CAP_PROP_FRAME_HEIGHT: 0.0}

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self.opens and self.plugged

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        self.reads += 1
        if not self.plugged or self.reads <= self.blank_reads:
            return False, None
        width, height, _ = self.mode
        image = np.zeros((height, width, 3), np.uint8)
        image[:, : width // 2] = 200
        return True, image

    def get(self, prop: int, /) -> float:
        places = {cv2.CAP_PROP_FRAME_WIDTH: 0, cv2.CAP_PROP_FRAME_HEIGHT: 1, cv2.CAP_PROP_FPS: 2}
        return self.mode[places[prop]]

    def set(self, prop: int, value: float, /) -> bool:
        if prop in self._wanted:
            self._wanted[prop] = value
            self.mode = min(self.modes, key=self._distance)
        return True

    def release(self) -> None:
        self.released = True

    def _distance(self, mode: Mode) -> float:
        width, height = self._wanted.values()
        return abs(mode[0] - width) + abs(mode[1] - height)


@dataclass
class Desk:
    """What is plugged in at a computer whose clock is set by hand."""

    captures: dict[CameraInfo, PaperCapture] = field(default_factory=dict)
    now_s: float = 100.0

    def plug_in(self, index: int, name: str, path: str = "", capture: PaperCapture | None = None) -> PaperCapture:
        info = CameraInfo(index, name, path or f"/dev/video{index}")
        self.captures[info] = capture or PaperCapture()
        return self.captures[info]

    def unplug(self, index: int) -> None:
        info = next(info for info in self.captures if info.index == index)
        self.captures.pop(info).plugged = False

    def list(self) -> tuple[CameraInfo, ...]:
        return tuple(self.captures)

    def open(self, index: int) -> PaperCapture:
        return next(capture for info, capture in self.captures.items() if info.index == index)

    def source(self, wanted: str, options: SourceOptions | None = None) -> CameraSource:
        return CameraSource(
            wanted, options or SourceOptions(), list_=self.list, open_=self.open, clock=lambda: self.now_s
        )


def opened(desk: Desk, wanted: str = "0", options: SourceOptions | None = None) -> CameraSource:
    source = desk.source(wanted, options)
    source.open()
    return source


CAMERAS = (CameraInfo(0, "HD Webcam", "a"), CameraInfo(2, "Door", "b"), CameraInfo(4, "Door bell", "c"))


@pytest.mark.parametrize(
    ("wanted", "index"), [("0", 0), ("4", 4), ("HD Webcam", 0), ("hd w", 0), ("DOOR", 2), ("door b", 4)]
)
def test_a_camera_is_found_by_index_name_or_beginning_of_its_name(wanted: str, index: int) -> None:
    assert find_camera(wanted, CAMERAS).index == index


@pytest.mark.parametrize(
    ("wanted", "what"),
    [("7", "There is no such camera"), ("yard", "There is no such camera"), ("", "There is no such camera")],
)
def test_an_unknown_camera_is_answered_with_those_there_are(wanted: str, what: str) -> None:
    with pytest.raises(SourceError, match=what) as caught:
        find_camera(wanted, CAMERAS)
    assert "camera:0 (HD Webcam), camera:2 (Door), camera:4 (Door bell)" in str(caught.value)


def test_an_ambiguous_name_is_answered_with_those_it_fits() -> None:
    cameras = (*CAMERAS, CameraInfo(6, "Door", "d"))
    with pytest.raises(SourceError, match="Several cameras have this name") as caught:
        find_camera("door", cameras)
    assert "camera:2 (Door), camera:6 (Door)" in str(caught.value)
    assert "Webcam" not in str(caught.value)


def test_the_list_of_this_computer_can_be_asked_for() -> None:
    cameras = list_cameras()
    assert [camera.index for camera in cameras] == sorted(camera.index for camera in cameras)


def test_the_default_is_the_largest_up_to_full_hd() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam")
    info = opened(desk).info
    assert info is not None
    assert (info.width, info.height, info.rate_hz, info.warnings) == (1920, 1080, 30.0, ())
    assert (info.kind, info.title, info.live, info.seekable) == ("camera", "Webcam", True, False)


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        (((640, 480, 30.0), (1280, 720, 30.0), (1920, 1080, 5.0)), (1280, 720, 30.0)),
        (((640, 480, 15.0), (1280, 720, 15.0), (1920, 1080, 5.0)), (1280, 720, 15.0)),
        (((1456, 1088, 60.0), (720, 540, 60.0)), (720, 540, 60.0)),
        (((352, 288, 0.0),), (352, 288, None)),
    ],
    ids=["fast before large", "all slow", "sizes of its own", "no rate known"],
)
def test_the_default_keeps_the_rate(modes: tuple[Mode, ...], expected: tuple[int, int, float | None]) -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam", capture=PaperCapture(modes))
    info = opened(desk).info
    assert info is not None
    assert (info.width, info.height, info.rate_hz) == expected


def test_what_was_asked_for_and_not_got_is_said() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam")
    info = opened(desk, options=SourceOptions(width=1024, height=700, rate_hz=60)).info
    assert info is not None
    assert info.warnings == ("Asked for 1024x700, got 1280x720", "Asked for 60 pictures per second, got 30")
    same = opened(desk, options=SourceOptions(height=720)).info
    assert same is not None
    assert (same.width, same.height, same.warnings) == (1280, 720, ())


def test_frames_are_counted_and_mirrored() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam")
    for mirror, left in ((False, 200), (True, 0)):
        source = opened(desk, options=SourceOptions(mirror=mirror))
        frames = [source.read() for _ in range(3)]
        assert [frame.sequence for frame in frames if isinstance(frame, Frame)] == [0, 1, 2]
        assert isinstance(frames[0], Frame)
        assert frames[0].image[0, 0, 0] == left
        assert (frames[0].media_time_s, frames[0].source_id, source.source_id) == (
            None,
            "camera:Webcam",
            "camera:Webcam",
        )


def test_a_camera_that_needs_a_moment_is_waited_for() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam", capture=PaperCapture(blank_reads=3))
    assert isinstance(opened(desk).read(), Frame)


def test_a_camera_in_use_is_an_error_and_given_back() -> None:
    desk = Desk()
    capture = desk.plug_in(0, "Webcam")
    capture.opens = False
    with pytest.raises(SourceError, match=r"camera:Webcam: The camera cannot be opened") as caught:
        opened(desk)
    assert caught.value.reason is SourceReason.REFUSED
    assert capture.released
    silent = desk.plug_in(1, "Silent", capture=PaperCapture(blank_reads=99))
    with pytest.raises(SourceError, match="The camera gives no picture"):
        opened(desk, "silent")
    assert silent.released


def test_an_unplugged_camera_is_tried_again_with_growing_delay() -> None:
    desk = Desk()
    capture = desk.plug_in(0, "Webcam")
    source = opened(desk)
    assert isinstance(source.read(), Frame)
    desk.unplug(0)
    delays = []
    for attempt in range(1, 9):
        item = source.read()
        assert isinstance(item, Wait)
        status = source.status
        assert (status.state, status.attempt, status.reason) == (
            SourceState.RECONNECTING,
            attempt,
            SourceReason.NOT_FOUND,
        )
        assert status.retry_in_s == item.seconds
        assert f"next try in {item.seconds:g} s" in status.message
        delays.append(item.seconds)
        desk.now_s += item.seconds
    assert delays == [1, 2, 4, 8, 16, 30, 30, 30]
    assert capture.released


def test_asking_too_early_does_not_try() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam")
    source = opened(desk)
    source.read()
    desk.unplug(0)
    source.read()
    desk.plug_in(0, "Webcam")
    desk.now_s += 0.4
    item = source.read()
    assert isinstance(item, Wait)
    assert item.seconds == pytest.approx(0.6)
    assert source.status.state is SourceState.RECONNECTING


def test_nobody_has_to_wait_for_a_camera_that_is_plugged_in_again() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam")
    source = opened(desk)
    source.read()
    desk.unplug(0)
    source.read()
    desk.plug_in(0, "Webcam")
    assert isinstance(source.read(), Wait)
    source.try_now()
    assert isinstance(source.read(), Frame)


def test_a_camera_is_found_again_under_another_index_and_size() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam")
    desk.plug_in(2, "Other")
    source = opened(desk, "webcam")
    numbers = [source.read().sequence]  # type: ignore[union-attr]
    desk.unplug(0)
    assert isinstance(source.read(), Wait)
    desk.plug_in(5, "Webcam", capture=PaperCapture(((640, 480, 30.0),)))
    desk.now_s += 1.0
    frame = source.read()
    assert isinstance(frame, Frame)
    assert (frame.width, frame.sequence, source.status.state) == (640, numbers[0] + 1, SourceState.LIVE)
    assert source.info is not None
    assert source.info.width == 640
    desk.unplug(5)
    item = source.read()
    assert item == Wait(1.0)


def test_of_two_equal_cameras_only_the_one_at_its_own_place_is_taken_again() -> None:
    desk = Desk()
    desk.plug_in(0, "Webcam", "left port")
    desk.plug_in(1, "Webcam", "right port")
    source = opened(desk, "0")
    source.read()
    desk.unplug(0)
    assert isinstance(source.read(), Wait)
    desk.now_s += 1.0
    assert isinstance(source.read(), Wait)
    desk.plug_in(3, "Webcam", "left port")
    desk.now_s += 2.0
    assert isinstance(source.read(), Frame)


def test_a_camera_that_stops_giving_pictures_is_opened_anew() -> None:
    desk = Desk()
    capture = desk.plug_in(0, "Webcam")
    source = opened(desk)
    source.read()
    capture.blank_reads = capture.reads + 1
    assert isinstance(source.read(), Wait)
    assert (source.status.reason, source.status.attempt) == (SourceReason.TIMEOUT, 1)
    desk.now_s += 1.0
    assert isinstance(source.read(), Frame)
    source.close()
    source.close()
    assert source.status.state is SourceState.STOPPED


def test_a_camera_cannot_be_sought_in() -> None:
    source = Desk().source("0")
    for seek in (source.seek_frame, source.seek_time):
        with pytest.raises(SourceError, match="no past"):
            seek(1)


def test_opencv_can_be_read_as_a_camera() -> None:
    """FFmpeg's test picture stands for a camera; its options are read once a process, so this is one of its own."""
    script = """
        import os
        os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = "input_format;lavfi"
        from engine.capture.camera import CameraSource
        from engine.capture.camera_list import CameraInfo
        from engine.capture.source import SourceOptions
        from engine.opencv import cv2
        source = CameraSource(
            "test", SourceOptions(width=640, height=480, rate_hz=30),
            list_=lambda: (CameraInfo(3, "Test picture", ""),),
            open_=lambda index: cv2.VideoCapture("testsrc2=size=640x480:rate=30,realtime", cv2.CAP_FFMPEG),
        )
        source.open()
        frames = [source.read() for _ in range(5)]
        assert [frame.sequence for frame in frames] == [0, 1, 2, 3, 4]
        assert 0.08 < (frames[4].captured_ns - frames[0].captured_ns) / 1e9 < 5
        assert len({frame.image.tobytes() for frame in frames}) == 5
        print(source.info.width, source.info.height, source.info.rate_hz, source.info.warnings, source.source_id)
        source.close()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stderr == ""
    assert done.stdout == "640 480 30.0 () camera:Test picture\n"
