"""Opens a source just until its first picture, to say what it is before it is used."""

from __future__ import annotations

import time
from typing import Protocol

from engine.capture.source import Ended, Source, SourceOptions, SourceState, TryOut
from engine.capture.table import open_source
from engine.errors import CancelledError, SourceError, SourceReason
from engine.frames import Frame
from engine.pipeline.mailbox import Signal

_LONGEST_WAIT_S = 0.05
"""A cancel is noticed after so long, unless the source is inside a native call."""

_REMEDIES = {
    SourceReason.REFUSED: "Check that it is switched on, and the port in its address",
    SourceReason.NOT_FOUND: "Check the address",
    SourceReason.AUTHENTICATION: "Check user and password",
    SourceReason.TIMEOUT: "Check that it is switched on and can be reached from this computer",
    SourceReason.CODEC: "Choose another video format in its settings, such as H.264",
}


class Control(Protocol):
    """Whoever waits for the answer."""

    def cancelled(self) -> bool:
        """Whether nobody wants it any more."""


def try_source(text: str, options: SourceOptions, control: Control, limit_s: float = 10.0) -> TryOut:
    """Open a source, take its first picture, and close it.

    Args:
        text: As for ``engine.capture.table.open_source``, with its secrets.
        options: What was chosen about it.
        control: Can stop it.
        limit_s: How long to wait for the picture; a native call that has begun ends at its own limit.

    Raises:
        SourceError: It cannot be opened, or its first attempt to connect has failed: with the reason.
        CancelledError: Nobody wants the answer any more.
    """
    source = open_source(text, options)
    try:
        source.open()
        frame = _first_frame(source, control, time.monotonic() + limit_s)
        if source.info is None:
            raise _failure(source, SourceReason.TIMEOUT, f"no picture within {limit_s:g} s")
        return TryOut(source.info, frame)
    finally:
        source.close()


def _first_frame(source: Source, control: Control, deadline_s: float) -> Frame | None:
    """The first picture, None where none came until the deadline or the source has ended."""
    pause = Signal()
    while not control.cancelled():
        outcome = source.read()
        if isinstance(outcome, Frame):
            return outcome
        status = source.status
        if status.state is SourceState.RECONNECTING:
            raise _failure(source, status.reason, status.why)
        if isinstance(outcome, Ended) or time.monotonic() >= deadline_s:
            return None
        pause.wait(min(outcome.seconds, _LONGEST_WAIT_S))
    raise CancelledError


def _failure(source: Source, reason: SourceReason | None, why: str) -> SourceError:
    return SourceError(
        f"It gives no picture: {why}" if why else "It gives no picture",
        reason=reason,
        subject=source.source_id,
        remedy=_REMEDIES.get(reason, "") if reason is not None else "",
    )
