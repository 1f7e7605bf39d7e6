"""What sources have in common: who they are, what was got, and where they stand."""

from __future__ import annotations

import time
from dataclasses import replace

from engine.addresses import redact
from engine.capture.source import SourceInfo, SourceState, SourceStatus
from engine.errors import SourceError, SourceReason
from engine.frames import Frame, Image
from engine.results import GroundTruth


class SourceBase:
    """Identity, info and status of a source. The values are immutable, so any thread may read them.

    Args:
        source_id: Path, "camera:NAME" or "screen:0".
        live: True when pictures come at their own time.
    """

    def __init__(self, source_id: str, *, live: bool) -> None:
        self._source_id = redact(source_id)
        self._live = live
        self._info: SourceInfo | None = None
        self._status = SourceStatus(SourceState.IDLE, since_ns=time.monotonic_ns())

    @property
    def source_id(self) -> str:
        """Path, "camera:NAME" or "screen:0"."""
        return self._source_id

    @property
    def live(self) -> bool:
        """True when pictures come at their own time."""
        return self._live

    @property
    def info(self) -> SourceInfo | None:
        """What was really got; None until it is open."""
        return self._info

    @property
    def status(self) -> SourceStatus:
        """State at this moment."""
        return self._status

    def seek_frame(self, index: int) -> None:
        """Not possible in a live source.

        Raises:
            SourceError: Always.
        """
        raise self._has_no_past()

    def seek_time(self, seconds: float) -> None:
        """Not possible in a live source.

        Raises:
            SourceError: Always.
        """
        raise self._has_no_past()

    def try_now(self) -> None:
        """Nothing is waited for here."""

    def _has_no_past(self) -> SourceError:
        return SourceError(
            "A live source has no past to go to",
            subject=self.source_id,
            expected="a file",
            remedy="Let it run in real time, or record it first",
        )

    def _enter(
        self,
        state: SourceState,
        message: str = "",
        *,
        reason: SourceReason | None = None,
        attempt: int = 0,
        retry_in_s: float = 0.0,
        why: str = "",
    ) -> None:
        now_ns = time.monotonic_ns()
        since_ns = self._status.since_ns if state is self._status.state else now_ns
        self._status = SourceStatus(state, reason, attempt, retry_in_s, message, since_ns, why, now_ns)

    def _warn(self, warning: str) -> None:
        """Add a fact a person should know, once."""
        if self._info is not None and warning not in self._info.warnings:
            self._info = replace(self._info, warnings=(*self._info.warnings, warning))

    def _frame(
        self,
        image: Image,
        sequence: int,
        media_time_s: float | None = None,
        source_id: str = "",
        truth: GroundTruth | None = None,
    ) -> Frame:
        """A frame captured at this moment."""
        source_id = source_id or self.source_id
        return Frame(image, sequence, time.monotonic_ns(), time.time_ns(), media_time_s, source_id, truth)
