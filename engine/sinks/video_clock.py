"""When each result is on screen in a video that has a constant rate."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.sinks.sink import Shown, frame_of

LONGEST_PAUSE_S = 60.0
"""Longest time for which a live stream that gave nothing shows its last picture: a camera that was away for a night
must not cost a night of encoding."""

_LONGEST_SKIP_S = 10.0
"""A file's media time that goes further ahead at once, over frames that were not asked for, is a seek."""

_USUAL_HZ = (30.0, 30000 / 1001, 24000 / 1001)
_DEFAULT_HZ = 30.0


class Clock(StrEnum):
    """What decides when a result is on screen."""

    MEDIA = "media"
    """The position in the media, so that a file plays at its own speed however fast it was analysed."""
    CAPTURE = "capture"
    """The moment of capture, so that ten minutes of a live stream last ten minutes."""
    COUNT = "count"
    """Each result follows the one before: pictures of a folder."""


@dataclass(frozen=True, slots=True)
class Timing:
    """What is known about a source's time. ``rate_hz`` None: found from the first results."""

    clock: Clock
    rate_hz: float | None = None


class VideoClock:
    """Gives each result its slot: slot k of the video is on screen from ``k / rate_hz`` seconds on.

    A result belongs to the slot nearest to its time since the first one. Where media time jumps (seek, loop), the
    result follows directly on the one before.

    Args:
        clock: What decides.
        rate_hz: Slots a second.
    """

    def __init__(self, clock: Clock, rate_hz: float) -> None:
        self._clock = clock
        self._rate_hz = rate_hz
        self._origin_s = 0.0
        self._last: Shown | None = None
        self._last_slot = -1

    def slot(self, shown: Shown) -> int:
        """Number of the slot at which this result comes on screen, never less than the one before."""
        time_s = seconds(shown, self._clock)
        if self._clock is Clock.COUNT or time_s is None:
            slot = self._last_slot + 1
        else:
            self._follow_jump(shown, time_s)
            slot = max(self._last_slot, round((time_s - self._origin_s) * self._rate_hz))
        self._last, self._last_slot = shown, slot
        return slot

    def _follow_jump(self, shown: Shown, time_s: float) -> None:
        last_s = None if self._last is None else seconds(self._last, self._clock)
        if self._last is None or last_s is None:
            self._origin_s = time_s - (self._last_slot + 1) / self._rate_hz
            return
        skip_s = time_s - last_s
        if self._clock is Clock.CAPTURE:
            self._origin_s += max(0.0, skip_s - LONGEST_PAUSE_S)
        elif skip_s < 0.0 or (skip_s > _LONGEST_SKIP_S and not _follows(shown, self._last)):
            self._origin_s = time_s - (self._last_slot + 1) / self._rate_hz


def _follows(shown: Shown, last: Shown) -> bool:
    return frame_of(shown).sequence == frame_of(last).sequence + 1


def seconds(shown: Shown, clock: Clock) -> float | None:
    """Time of a result or frame by a clock, None where it has none."""
    frame = frame_of(shown)
    return frame.captured_ns / 1e9 if clock is Clock.CAPTURE else frame.media_time_s


def measured_rate_hz(results: list[Shown], clock: Clock) -> float:
    """Rate of the first results of a source: the nearest usual one within 1 %, else to a tenth; 30 where unknown."""
    times = [time_s for time_s in (seconds(result, clock) for result in results) if time_s is not None]
    if len(times) < 2 or times[-1] <= times[0]:
        return _DEFAULT_HZ
    rate_hz = min(60.0, max(1.0, (len(times) - 1) / (times[-1] - times[0])))
    usual = min((*_USUAL_HZ, round(rate_hz)), key=lambda hz: abs(hz - rate_hz))
    return usual if abs(usual - rate_hz) < 0.01 * rate_hz else round(rate_hz, 1)
