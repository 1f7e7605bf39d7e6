"""When a frame is due: files play by their media clock, and analysis may be slower than the picture."""

from __future__ import annotations

from engine.frames import Frame

_PICTURE_S = 1.0
"""How long a picture of a folder stays when it is played."""


class Pacer:
    """Plays a file by its media clock."""

    def __init__(self) -> None:
        self._origin_ns = 0
        self._next_picture_s = 0.0

    def reset(self) -> None:
        """Take the next frame as the new beginning (after a seek or a pause)."""
        self._origin_ns = 0
        self._next_picture_s = 0.0

    def due_in_s(self, frame: Frame, now_ns: int) -> float:
        """Seconds until a frame is to be shown; 0 or less when it is due. Called once a frame."""
        media_time_s = frame.media_time_s
        if media_time_s is None:
            media_time_s = self._next_picture_s
            self._next_picture_s += _PICTURE_S
        if not self._origin_ns:
            self._origin_ns = now_ns - int(media_time_s * 1e9)
        return media_time_s - (now_ns - self._origin_ns) / 1e9


class RateLimit:
    """Chooses the frames to analyse so that they are not more than so many a second.

    Files count by their media clock, so that every run chooses the same frames; live sources by the moment of capture.
    """

    def __init__(self, rate_hz: float | None) -> None:
        self._interval_s = 1.0 / rate_hz if rate_hz else 0.0
        self._next_s: float | None = None

    def reset(self) -> None:
        """The next frame is analysed (after a seek)."""
        self._next_s = None

    def admits(self, frame: Frame) -> bool:
        """Whether this frame is to be analysed. Called once a frame, in order."""
        if not self._interval_s:
            return True
        clock_s = frame.captured_ns / 1e9 if frame.media_time_s is None else frame.media_time_s
        if self._next_s is None or abs(clock_s - self._next_s) > 10 * self._interval_s + 1.0:
            self._next_s = clock_s
        # Half a millisecond of slack: media clocks are rounded.
        if clock_s < self._next_s - 0.0005:
            return False
        # From the schedule, not from this frame: late frames must not lower the rate. Never further behind than one.
        self._next_s = max(self._next_s + self._interval_s, clock_s)
        return True
