"""One source and its capture thread: reads, paces, and brings frames to the attached models."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.capture.source import Ended, Source, SourceState, SourceStatus, Wait
from engine.errors import InferoscopeError, SourceError
from engine.frames import Frame
from engine.pipeline.attachment import Attachment
from engine.pipeline.mailbox import Lock, Mailbox, Signal
from engine.pipeline.pacing import Pacer, RateLimit
from engine.pipeline.statistics import Counts, DropCause
from engine.pipeline.worker import Worker

_log = logging.getLogger(__name__)

STALLED_S = 2.0
"""A live picture older than this is no longer called live."""
_LOOK_S = 0.5
"""Longest wait of the capture thread before it looks around again."""


class Mode(StrEnum):
    """How frames are taken from a source."""

    EVERY_FRAME = "every-frame"
    """Nothing dropped, nothing paced: files, as fast as the models go."""
    REALTIME = "realtime"
    """Files by their media clock, live sources as they come; the newest frame wins."""


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """How a stream runs.

    Attributes:
        mode: None for every-frame for what can be read again, realtime for what is live.
        start_s: Media time to begin at.
        loop: Begin again at the end (and at ``start_s``).
        max_fps: Frames analysed per second at most, None for all.
        max_frames: End after so many frames captured, None for no limit.
    """

    mode: Mode | None = None
    start_s: float = 0.0
    loop: bool = False
    max_fps: float | None = None
    max_frames: int | None = None


@dataclass(frozen=True, slots=True)
class StreamSnapshot:
    """A stream at one moment, in one immutable value.

    Attributes:
        stream_id: Its name.
        status: State with its reason; ``stalled`` when a live picture is older than two seconds.
        paused: Whether a person stopped the picture.
        finished: The source has ended, failed or was stopped, and every frame is accounted for.
        age_s: Age of the newest frame, None before the first.
        counts: Where the frames of each attached model went.
    """

    stream_id: str
    status: SourceStatus
    paused: bool
    finished: bool
    age_s: float | None
    counts: tuple[Counts, ...]


@dataclass(frozen=True, slots=True)
class _Seek:
    frame: int | None = None
    time_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    frames: int


@dataclass(frozen=True, slots=True)
class _Pause:
    paused: bool


class _Wake:
    """Nothing to do but look around (a stop)."""


_Command = _Seek | _Step | _Pause | _Wake


class Stream:
    """A source that runs: idle -> running -> ended | failed | stopped.

    ``stop`` returns at once and holds for everyone from then on: no frame comes any more, although the thread may
    stay inside a native call until that call's own limit.

    Args:
        stream_id: Carried by every result.
        source: Opened, read and closed by the capture thread alone.
        options: How it runs.
        on_failure: Told once, from the capture thread, when the source cannot go on.
    """

    def __init__(
        self,
        stream_id: str,
        source: Source,
        options: StreamOptions | None = None,
        *,
        on_failure: Callable[[Stream, InferoscopeError], None] = lambda _stream, _error: None,
    ) -> None:
        self.stream_id = stream_id
        self.source = source
        self.options = options or StreamOptions()
        if self.options.mode is Mode.EVERY_FRAME:
            self._require_past("A live source does not wait, so not every frame of it can be analysed")
        self.mode = self.options.mode or (Mode.REALTIME if source.live else Mode.EVERY_FRAME)
        self.newest_frame: Frame | None = None
        self.failure: InferoscopeError | None = None
        self.worker = Worker(f"capture-{stream_id}", self._run)
        self._on_failure = on_failure
        self._attachments: tuple[Attachment, ...] = ()
        self._lock = Lock()
        self._commands: Mailbox[_Command] = Mailbox(64)
        self._stopped = Signal()
        self._ended = Signal()
        self._paused = False
        self._steps = 0
        self._captured = 0
        self._pacer = Pacer()
        self._limit = RateLimit(self.options.max_fps)

    # Any thread ---------------------------------------------------------------------------------------------------

    def attach(self, attachment: Attachment) -> None:
        """Bring the frames from now on to one more model."""
        with self._lock:
            self._attachments = (*self._attachments, attachment)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """The models' ends of this stream."""
        return self._attachments

    def start(self) -> None:
        """Begin to capture."""
        self.worker.start()

    def stop(self) -> None:
        """End it, for everyone and at once. Twice is once; what has ended by itself stays ended."""
        if not self._ended.is_set():
            self._stopped.set()
        for attachment in self._attachments:
            attachment.close()
        self._commands.offer(_Wake())

    def pause(self) -> None:
        """Hold the picture of a file."""
        self._commands.offer(_Pause(True))

    def play(self) -> None:
        """Go on."""
        self._commands.offer(_Pause(False))

    def step(self, frames: int = 1) -> None:
        """Hold the picture and show the frame that many further (or before, if negative).

        Raises:
            SourceError: The source is live.
        """
        self._require_past("A live source has no frames to step through")
        self._commands.offer(_Step(frames))

    def seek_frame(self, index: int) -> None:
        """Go to a frame; one frame is shown even while the picture is held.

        Raises:
            SourceError: The source is live.
        """
        self._require_past("A live source has no other place to go to")
        self._commands.offer(_Seek(frame=index))

    def seek_time(self, seconds: float) -> None:
        """Go to the frame that is on screen at a media time.

        Raises:
            SourceError: The source is live.
        """
        self._require_past("A live source has no other place to go to")
        self._commands.offer(_Seek(time_s=seconds))

    def _require_past(self, what: str) -> None:
        if self.source.live:
            raise SourceError(what, subject=self.source.source_id, remedy="Let it run in real time, or record it first")

    def snapshot(self) -> StreamSnapshot:
        """Everything an observer may want to know, at one moment."""
        frame = self.newest_frame
        age_s = None if frame is None else (time.monotonic_ns() - frame.captured_ns) / 1e9
        return StreamSnapshot(
            self.stream_id,
            self._status(age_s),
            self._paused,
            self.finished,
            age_s,
            tuple(attachment.ledger.counts() for attachment in self._attachments),
        )

    @property
    def finished(self) -> bool:
        """Whether no frame will come and every frame is accounted for."""
        return (self._ended.is_set() or self._stopped.is_set()) and all(a.idle for a in self._attachments)

    def _status(self, age_s: float | None) -> SourceStatus:
        status = self.source.status
        if self._stopped.is_set():
            return replace(status, state=SourceState.STOPPED, message="Stopped")
        if self.failure is not None:
            return replace(status, state=SourceState.FAILED, message=str(self.failure))
        if self._ended.is_set():
            return replace(status, state=SourceState.ENDED)
        if self.source.live and status.state is SourceState.LIVE and age_s is not None and age_s > STALLED_S:
            return replace(status, state=SourceState.STALLED, message=f"No picture for {age_s:.0f} s")
        return status

    # Capture thread -----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self.source.open()
            self._seek_start()
            while not self._stopped.is_set() and self._read_once():
                pass
        except Exception as error:  # noqa: BLE001 - the top of the capture thread's loop
            self._fail(error)
        self._ended.set()
        try:
            self.source.close()
        except Exception:  # noqa: BLE001 - what it gave is complete all the same
            _log.exception("The source of %s could not be closed", self.stream_id)

    def _read_once(self) -> bool:
        """One round: commands, one read; False at the end."""
        self._obey(0.0)
        while self._paused and not self._steps:
            self._obey(_LOOK_S)
            if self._stopped.is_set():
                return False
        item = self.source.read()
        if self._stopped.is_set():
            return False
        if isinstance(item, Wait):
            self._wait_until(time.monotonic_ns() + int(item.seconds * 1e9))
            return True
        if isinstance(item, Ended):
            return self._at_end()
        return self._show(item)

    def _show(self, frame: Frame) -> bool:
        if self.mode is Mode.REALTIME and not self.source.live:
            if not self._wait_until_due(frame):
                return True
            # A film is played: the picture comes into being when it is due, not when it was decoded.
            frame = replace(frame, captured_ns=time.monotonic_ns(), captured_utc_ns=time.time_ns())
        self._steps = 0
        self.newest_frame = frame
        admitted = self._limit.admits(frame)
        for attachment in self._attachments:
            if not admitted:
                attachment.skip(frame, DropCause.RATE_LIMIT)
                continue
            while not self._stopped.is_set() and not attachment.offer(frame, _LOOK_S):
                pass
        self._captured += 1
        return self._captured != self.options.max_frames

    def _wait_until_due(self, frame: Frame) -> bool:
        """Wait for a frame's moment; False when a command has made it a frame of the past."""
        due_ns = time.monotonic_ns()
        due_ns += int(self._pacer.due_in_s(frame, due_ns) * 1e9)
        return self._wait_until(due_ns)

    def _wait_until(self, due_ns: int) -> bool:
        """Wait for a moment, carrying out commands; False when the timeline has changed or the stream was stopped."""
        while (left_s := (due_ns - time.monotonic_ns()) / 1e9) > 0:
            if self._obey(min(left_s, _LOOK_S)) or self._stopped.is_set():
                return False
        return True

    def _at_end(self) -> bool:
        if not self.options.loop or self.source.live:
            if self._paused:
                # A held picture at the end of a file stays, so that a person can step and seek back.
                self._steps = 0
                return True
            return False
        if not self._captured:
            return False
        # In every-frame mode a loop is no new timeline: what is under way comes out, nothing is dropped.
        if self.mode is Mode.REALTIME:
            self._begin_timeline()
        self._go_to(_Seek(time_s=self.options.start_s))
        return True

    def _seek_start(self) -> None:
        if self.options.start_s > 0:
            self.source.seek_time(self.options.start_s)

    def _obey(self, seconds: float) -> bool:
        """Carry out one command if there is one, waiting at most so long; True when the timeline has changed."""
        command = self._commands.take(seconds)
        if isinstance(command, _Seek):
            self._seek(command)
            self._steps = 1
            return True
        if isinstance(command, _Step):
            self._paused, self._steps = True, 1
            self._pacer.reset()
            return self._step_to(command.frames)
        if isinstance(command, _Pause):
            self._paused = command.paused
            self._pacer.reset()
        return False

    def _step_to(self, frames: int) -> bool:
        if frames == 1 or self.newest_frame is None:
            return False
        self._seek(_Seek(frame=max(0, self.newest_frame.sequence + frames)))
        return True

    def _seek(self, command: _Seek) -> None:
        self._begin_timeline()
        self._go_to(command)

    def _begin_timeline(self) -> None:
        for attachment in self._attachments:
            attachment.advance_timeline()

    def _go_to(self, command: _Seek) -> None:
        self._pacer.reset()
        self._limit.reset()
        if command.frame is not None:
            self.source.seek_frame(command.frame)
        elif command.time_s is not None:
            self.source.seek_time(command.time_s)

    def _fail(self, error: Exception) -> None:
        if not isinstance(error, InferoscopeError):
            _log.exception("The stream %s failed", self.stream_id)
            error = SourceError(
                "The source failed",
                subject=self.source.source_id,
                remedy="Look at the log for details",
                detail=f"{type(error).__name__}: {error}",
            )
        if not self._stopped.is_set():
            self.failure = error
            self._on_failure(self, error)
