"""When a frame is due: files play by their media clock, and analysis may be slower than the picture."""

from __future__ import annotations

from engine.frames import Frame

_PICTURE_S = 1.0
"""How long a picture of a folder stays when it is played."""
_MOST_LATE_S = 1.0
"""What is later than this is not caught up: after a machine has slept, a film goes on where it was."""


class Pacer:
    """Plays a file by its media clock, faster or slower. One thread.

    Args:
        speed: Media seconds a second.
    """

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._origin_ns = 0
        self._origin_s = 0.0
        self._frame: Frame | None = None
        self._place_s = 0.0
        self._next_picture_s = 0.0

    def reset(self) -> None:
        """Take the frame that is asked for next as the new beginning (after a seek or a pause)."""
        self._origin_ns = 0

    def set_speed(self, speed: float, now_ns: int) -> None:
        """Go on from here at another speed."""
        if self._origin_ns:
            # Not from behind the frame in hand: a film that could not keep up must not rush when it is slowed down.
            self._origin_s = min(self._clock_s(now_ns), self._place_s)
            self._origin_ns = now_ns
        self._speed = speed

    def due_in_s(self, frame: Frame, now_ns: int) -> float:
        """Seconds until a frame is to be shown; 0 or less when it is due. May be asked again for the same frame."""
        if frame is not self._frame:
            self._frame, self._place_s = frame, self._place_of(frame)
        if not self._origin_ns or self._clock_s(now_ns) - self._place_s > _MOST_LATE_S * self._speed:
            self._origin_ns, self._origin_s = now_ns, self._place_s
        return (self._place_s - self._clock_s(now_ns)) / self._speed

    def _clock_s(self, now_ns: int) -> float:
        return self._origin_s + (now_ns - self._origin_ns) / 1e9 * self._speed

    def _place_of(self, frame: Frame) -> float:
        if frame.media_time_s is not None:
            return frame.media_time_s
        place_s = self._next_picture_s
        self._next_picture_s += _PICTURE_S
        return place_s


class RateLimit:
    """Chooses the frames to analyse so that they are not more than so many a second.

    Files count by their media clock, so that every run chooses the same frames; live sources by the moment of capture.

    Args:
        rate_hz: Frames a second at most, None for all.
        speed: How much faster the media clock goes than the one on the wall.
    """

    def __init__(self, rate_hz: float | None, speed: float = 1.0) -> None:
        self._interval_s = speed / rate_hz if rate_hz else 0.0
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
