"""What the pipeline knows of a source: it is asked for frames and never waits on its own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from engine.errors import SourceReason
from engine.frames import Frame


class SourceState(StrEnum):
    """Where a source stands. ``stalled`` is found by whoever watches the age of the newest frame."""

    IDLE = "idle"
    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    RECONNECTING = "reconnecting"
    ENDED = "ended"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """State of a source at one moment, in one immutable value.

    Attributes:
        state: Where it stands.
        reason: Why it gives no frames, where it gives none.
        attempt: Number of the running or next attempt to connect again, from 1; 0 before any.
        retry_in_s: Seconds until that attempt, measured when the status was made.
        message: One sentence for a person, without secrets.
        why: The cause alone, as part of a sentence ("connection refused"); "" where it gives frames.
        since_ns: ``time.monotonic_ns()`` when this state began.
        made_ns: The same when this status was made.
    """

    state: SourceState
    reason: SourceReason | None = None
    attempt: int = 0
    retry_in_s: float = 0.0
    message: str = ""
    since_ns: int = 0
    why: str = ""
    made_ns: int = 0


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What was really got when a source was opened.

    Attributes:
        kind: "video", "image", "folder", "camera", "network", "screen", "demo".
        title: What a person calls it: file name, camera name, redacted address.
        width, height: Size in pixels of the pictures as delivered (rotation applied).
        rate_hz: Nominal frames per second, None where there is none.
        frames: Number of frames, None where unknown or endless.
        duration_s: Length of the media, None where unknown or endless.
        codec: FourCC or short name, "" where there is none.
        live: True when pictures come at their own time and cannot be asked for again.
        seekable: True when ``seek`` works.
        warnings: Facts a person should know ("asked for 1920x1080, got 1280x720").
    """

    kind: str
    title: str
    width: int
    height: int
    rate_hz: float | None
    frames: int | None
    duration_s: float | None
    codec: str
    live: bool
    seekable: bool
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What a person may choose about a source. What a kind of source does not know it ignores.

    Attributes:
        width, height: Wanted size of a camera's picture, None for the largest up to 1920x1080 at 30.
        rate_hz: Wanted rate of a camera or the screen, None for its default.
        mirror: Flip left and right (cameras).
    """

    width: int | None = None
    height: int | None = None
    rate_hz: float | None = None
    mirror: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TryOut:
    """What a source gave when it was tried out: what was got, and its first picture, None where none came in time."""

    info: SourceInfo
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class Wait:
    """No frame now: ask again after so many seconds. The stream waits, so that a stop can interrupt it."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """There is no further frame in this direction."""


class Source(Protocol):
    """Gives frames when asked. Used by one thread alone, but for the two properties that any thread may read.

    ``open``, ``read``, ``seek_*`` and ``close`` are called by the stream's capture thread, which owns every native
    handle. Each call returns within the time limits of the native library; none sleeps.
    """

    @property
    def source_id(self) -> str:
        """Path, "camera:NAME", "screen:0" or the redacted address."""

    @property
    def live(self) -> bool:
        """True when pictures come at their own time. Known before opening."""

    @property
    def info(self) -> SourceInfo | None:
        """What was really got; None until it is open. Any thread."""

    @property
    def status(self) -> SourceStatus:
        """State at this moment. Any thread."""

    def open(self) -> None:
        """Open it. Network sources and cameras only begin to: their state tells how it goes.

        Raises:
            SourceError: It cannot be opened now or later (no such file, not a video).
        """

    def read(self) -> Frame | Wait | Ended:
        """The next frame. Live sources give the newest one and reconnect by themselves, for ever.

        Raises:
            SourceError: The media is broken from here on and the source cannot go on.
        """

    def seek_frame(self, index: int) -> None:
        """The next ``read`` gives frame ``index`` (from 0); past the end it gives ``Ended``.

        Raises:
            SourceError: The source is not seekable.
        """

    def seek_time(self, seconds: float) -> None:
        """The next ``read`` gives the frame that is on screen at this media time.

        Raises:
            SourceError: The source is not seekable.
        """

    def try_now(self) -> None:
        """Do not wait for the next attempt to find what was lost. Nothing where none is waited for."""

    def close(self) -> None:
        """Give every native handle back. Twice is once."""
