"""One open connection to a network stream: its newest picture, its clock, and how it was lost.

Measured with OpenCV 5.0 (FFmpeg 8): an open that gets no answer ends after ``OPEN_LIMIT_S``, a read that gets no
picture after ``READ_LIMIT_S``; each limit covers the whole call. A refused or broken connection shows at once. When the
limit of a read has passed the decoder still gives, as if nothing had happened, the last picture it had kept back: it
is old and thrown away. The system's look-up of names is not covered: it has limits of its own, commonly 10 s. An open
waits for a key picture, so its limit is also the longest distance of key pictures that can be shown.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

from engine.addresses import NetworkAddress
from engine.capture.source import SourceInfo, Wait
from engine.capture.stream_clock import LATE_S, LagMeter, PlayClock
from engine.errors import SourceReason
from engine.frames import Image
from engine.opencv import cv2

OPEN_LIMIT_S = 10.0
READ_LIMIT_S = 3.0
BEHIND_LIMIT_S = 5.0
_SKIP_LIMIT_S = 0.5
_DRAIN_LIMIT_S = 1.0
_OVERLOAD_S = 1.0
_MEANINGFUL_S = 0.05
_AT_END_S = 2.0
_LOWEST_RATE_HZ, _HIGHEST_RATE_HZ = 0.05, 1000.0
_ASSUMED_RATE_HZ = 25.0
_UNVERIFIED = "The certificate of the server is not checked"


class Capture(Protocol):
    """What is used of ``cv2.VideoCapture``."""

    def grab(self) -> bool:
        """Receive and decode the next picture."""

    def retrieve(self) -> tuple[bool, Any]:
        """The picture that was grabbed last, uint8 (H, W, 3) BGR."""

    def get(self, propId: int, /) -> float:  # noqa: N803 - the name of OpenCV
        """A property."""

    def release(self) -> None:
        """Close the connection."""


class Clock:
    """What time it is, in seconds; replaced in tests."""

    def now_s(self) -> float:
        """Time that never runs backwards."""
        return time.monotonic()

    def worked_s(self) -> float:
        """Processor time of this thread."""
        return time.thread_time()


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded picture, uint8 (H, W, 3) BGR, and its position in the media where that is known."""

    image: Image
    media_time_s: float | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Why there will be no further picture on this connection.

    Attributes:
        reason: In one word.
        why: As a clause for a person ("the server has ended the stream").
        finished: True when a file has been played to its end.
        behind: True when the pictures came too late, so that a new connection is needed at once.
        overloaded: True when they did because decoding is too slow.
    """

    reason: SourceReason
    why: str
    finished: bool = False
    behind: bool = False
    overloaded: bool = False


def open_capture(address: str, threads: int) -> Capture | None:
    """Connect within ``OPEN_LIMIT_S``; None when that fails or no picture could be decoded.

    Args:
        address: With user and password.
        threads: Of the decoder; 0 for one a core, which delays each picture by as many pictures less one.
    """
    limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, int(OPEN_LIMIT_S * 1000)]
    limits += [cv2.CAP_PROP_READ_TIMEOUT_MSEC, int(READ_LIMIT_S * 1000)]
    try:
        capture = cv2.VideoCapture(address, cv2.CAP_FFMPEG, [*limits, cv2.CAP_PROP_N_THREADS, threads])
    except cv2.error:
        return None  # its text holds the password; the probe finds the reason
    if capture.isOpened() and capture.get(cv2.CAP_PROP_FRAME_WIDTH) > 0:
        return capture
    capture.release()
    return None


@dataclass(frozen=True, slots=True)
class _Effort:
    """What grabbing pictures took: seconds by the clock, and seconds of work in this thread."""

    wall_s: float = 0.0
    work_s: float = 0.0

    def __add__(self, other: _Effort) -> _Effort:
        return _Effort(self.wall_s + other.wall_s, self.work_s + other.work_s)

    def waited(self, least_s: float) -> bool:
        """True when it took so long, and most of that was spent waiting for the network, not decoding.

        Then the pictures are the newest there are, whatever their time stamps say. A short time proves nothing: the
        thread may have waited for a processor.
        """
        return self.wall_s > least_s and self.work_s < 0.25 * self.wall_s


class NetworkStream:
    """Gives the newest pictures of one open connection.

    Live streams are read as fast as they come, and what has gathered before the first picture is skipped. Where their
    time stamps show that pictures come late they are decoded but not given, until they are current again; if they
    stay late the connection is lost. Files and HLS come in bursts: their pictures are held until they are due.
    MJPEG over HTTP has no time stamps (FFmpeg makes some up at 25 Hz).

    The size is that of the beginning: FFmpeg fits later pictures of another size into it.
    """

    def __init__(self, capture: Capture, address: NetworkAddress, clock: Clock) -> None:
        self._capture, self._clock = capture, clock
        self.info = _describe(capture, address)
        over_http = address.scheme.startswith("http")
        in_bursts = over_http and (self.info.frames is not None or _is_playlist(address))
        self._is_timed = in_bursts or not (over_http and self.info.codec == "MJPG")
        self._play = PlayClock() if in_bursts else None
        self._lag = LagMeter()
        self._late = _Effort()
        self._opened_s = clock.now_s()
        self._drained = in_bursts
        self._held = False
        self._position_s = 0.0

    def read(self) -> Picture | Wait | Lost:
        """The newest picture, or when to ask again, or why there is none any more. ``READ_LIMIT_S`` and 1 s at most."""
        if not self._held and (lost := self._advance()):
            return lost
        wait_s = self._play.wait_s(self._position_s, self._clock.now_s()) if self._play else 0.0
        self._held = wait_s > 0
        return Wait(wait_s) if self._held else self._retrieve()

    def close(self) -> None:
        """Give the connection back."""
        self._capture.release()

    def _advance(self) -> Lost | None:
        """Go to the newest picture that has come."""
        spent = _Effort()
        while True:
            grabbed_s, worked_s = self._clock.now_s(), self._clock.worked_s()
            got = self._capture.grab()
            now_s = self._clock.now_s()
            timed_out = now_s - grabbed_s >= 0.9 * READ_LIMIT_S
            if timed_out or not got:
                return self._explain_end(timed_out)
            self._position_s = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            effort = _Effort(now_s - grabbed_s, self._clock.worked_s() - worked_s)
            spent = spent + effort
            if not self._is_drained(effort, now_s):
                continue
            lag_s = self._lag_s(now_s)
            if lag_s > BEHIND_LIMIT_S and (lost := self._explain_lag(lag_s, effort)):
                return lost
            self._late = self._late + effort if lag_s > LATE_S else _Effort()
            if lag_s <= LATE_S or spent.waited(_MEANINGFUL_S) or spent.wall_s > _SKIP_LIMIT_S:
                return None

    def _lag_s(self, now_s: float) -> float:
        return self._lag.lag_s(self._position_s, now_s) if self._is_timed and not self._play else 0.0

    def _is_drained(self, effort: _Effort, now_s: float) -> bool:
        """True once a picture had to be waited for: those before it had gathered while the stream was opened."""
        waited = effort.waited(0.5 / (self.info.rate_hz or _ASSUMED_RATE_HZ))
        self._drained = self._drained or waited or now_s - self._opened_s > _DRAIN_LIMIT_S
        return self._drained

    def _explain_lag(self, lag_s: float, effort: _Effort) -> Lost | None:
        """Lost, unless the late pictures had to be waited for: then the time stamps do not run like a clock."""
        late = self._late + effort
        if late.waited(_MEANINGFUL_S):
            self._lag = LagMeter()
            return None
        why = f"its pictures came {lag_s:.0f} s late"
        return Lost(SourceReason.TIMEOUT, why, behind=True, overloaded=late.wall_s > _OVERLOAD_S)

    def _explain_end(self, timed_out: bool) -> Lost:
        if timed_out:
            return Lost(SourceReason.TIMEOUT, f"no picture for {READ_LIMIT_S:g} s")
        duration_s = self.info.duration_s
        if duration_s is not None and self._position_s >= duration_s - _AT_END_S:
            return Lost(SourceReason.ENDED, "it was played to its end", finished=True)
        return Lost(SourceReason.ENDED, "the server ended the stream")

    def _retrieve(self) -> Picture | Lost:
        try:
            got, image = self._capture.retrieve()
        except cv2.error:
            got, image = False, None
        if not got or image is None:
            return Lost(SourceReason.CODEC, "a picture could not be decoded")
        return Picture(image, self._position_s if self._is_timed else None)


def _is_playlist(address: NetworkAddress) -> bool:
    return address.target.partition("?")[0].endswith((".m3u8", ".m3u"))


def _describe(capture: Capture, address: NetworkAddress) -> SourceInfo:
    fourcc = (int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF).to_bytes(4, "little").decode("ascii", "ignore")
    codec = "".join(letter for letter in fourcc if letter.isprintable()).strip()
    rate_hz = capture.get(cv2.CAP_PROP_FPS)
    frames = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    is_finite = frames > 0 and rate_hz > 0
    is_made_up = codec == "MJPG" and address.scheme.startswith("http") and not is_finite
    has_rate = _LOWEST_RATE_HZ <= rate_hz <= _HIGHEST_RATE_HZ and not is_made_up
    return SourceInfo(
        kind="network",
        title=address.title,
        width=int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
        height=int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
        rate_hz=rate_hz if has_rate else None,
        frames=frames if is_finite else None,
        duration_s=frames / rate_hz if is_finite else None,
        codec=codec,
        live=True,
        seekable=False,
        warnings=(_UNVERIFIED,) if address.encrypted else (),
    )
