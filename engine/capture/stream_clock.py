"""Time of network streams: how late their pictures come, and when a picture that came early is due.

Positions are seconds in the media as the stream's own time stamps give them; moments are seconds of a clock that
never runs backwards.
"""

from __future__ import annotations

DRIFT = 0.001
LATE_S = 0.5
AHEAD_S = 10.0


class LagMeter:
    """Tells how much later than at its best a live stream's pictures arrive.

    The distance between our clock and the position of a picture is smallest for one that waited nowhere. The smallest
    distance seen is the measure of all others; it may grow by ``DRIFT``, as no two clocks run alike. A position that
    goes back begins anew: the server has restarted its time stamps.
    """

    def __init__(self) -> None:
        self._best: float | None = None
        self._position = 0.0
        self._now = 0.0

    def lag_s(self, position_s: float, now_s: float) -> float:
        """Seconds by which the picture at this position, got now, is late; 0 for the first."""
        distance = now_s - position_s
        if self._best is None or position_s < self._position:
            self._best = distance
        else:
            self._best = min(distance, self._best + DRIFT * (now_s - self._now))
        self._position, self._now = position_s, now_s
        return distance - self._best


class PlayClock:
    """Tells how long to hold pictures that come faster than they are to be shown, as files over HTTP do."""

    def __init__(self) -> None:
        self._origin: float | None = None

    def wait_s(self, position_s: float, now_s: float) -> float:
        """Seconds until the picture at this position is due, 0 when it is.

        A picture more than ``LATE_S`` late (the network paused) or ``AHEAD_S`` early (the time stamps jumped) is due
        at once, and those after it are reckoned from it.
        """
        if self._origin is None or not -LATE_S <= self._origin + position_s - now_s <= AHEAD_S:
            self._origin = now_s - position_s
        return max(0.0, self._origin + position_s - now_s)
