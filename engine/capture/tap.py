"""A source that gives what another one shows already: a camera cannot be opened twice."""

from __future__ import annotations

import time

from engine.capture.source import Ended, SourceInfo, SourceState, SourceStatus, Wait
from engine.errors import SourceError
from engine.frames import Frame

_LOOK_S = 0.1


class TappedSource:
    """Live. Whoever has frames offers them, from any thread; the newest one is given.

    Args:
        info: Of the source that runs.
        source_id: What it is called, without secrets.
    """

    live = True

    def __init__(self, info: SourceInfo, source_id: str) -> None:
        self.info: SourceInfo | None = info
        self.source_id = source_id
        self._newest: Frame | None = None
        self._given: Frame | None = None

    @property
    def status(self) -> SourceStatus:
        """It is live as long as somebody offers frames."""
        return SourceStatus(SourceState.LIVE, since_ns=time.monotonic_ns())

    def offer(self, frame: Frame) -> None:
        """A frame; the one before is forgotten."""
        self._newest = frame

    def open(self) -> None:
        """There is nothing to open."""

    def read(self) -> Frame | Wait | Ended:
        """The newest frame, once."""
        newest = self._newest
        if newest is None or newest is self._given:
            return Wait(_LOOK_S)
        self._given = newest
        return newest

    def seek_frame(self, _index: int) -> None:
        """What is live cannot be sought in."""
        raise SourceError(
            "A live source cannot be sought in",
            subject=self.source_id,
            remedy="Let it run in real time, or record it first",
        )

    def seek_time(self, _seconds: float) -> None:
        """What is live cannot be sought in."""
        raise SourceError(
            "A live source cannot be sought in",
            subject=self.source_id,
            remedy="Let it run in real time, or record it first",
        )

    def try_now(self) -> None:
        """Nothing is waited for."""

    def close(self) -> None:
        """There is nothing to close."""
