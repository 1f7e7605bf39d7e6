"""One source and its capture thread: reads, paces, and brings frames to the attached models."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from engine.capture.source import Ended, Source, SourceState, SourceStatus, Wait
from engine.errors import InferoscopeError, SourceError
from engine.frames import Frame
from engine.pipeline.attachment import Attachment
from engine.pipeline.mailbox import Board, Lock, Signal
from engine.pipeline.pacing import Pacer, RateLimit
from engine.pipeline.playhead import Playhead
from engine.pipeline.statistics import Counts, DropCause, RateMeter
from engine.pipeline.wishes import Place, Wish, merge
from engine.pipeline.worker import Worker

_log = logging.getLogger(__name__)

STALLED_S = 1.7
"""A live picture older than this is no longer called live: who looks four times a second knows it within two."""
_LOOK_S = 0.5
"""Longest wait of the capture thread before it looks around again."""
_SLOWEST, _FASTEST = 0.1, 16.0


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
        hold_at_end: A file that has come to its end is held there: its picture stays, it can be sought in, and played
            again from ``start_s``. A single picture stays likewise, also where ``loop`` is set.
        speed: Media seconds a second at which files are played in real time, 0.1 to 16.

    Raises:
        ValueError: ``speed`` is out of its range.
    """

    mode: Mode | None = None
    start_s: float = 0.0
    loop: bool = False
    max_fps: float | None = None
    max_frames: int | None = None
    hold_at_end: bool = False
    speed: float = 1.0

    def __post_init__(self) -> None:
        if not _SLOWEST <= self.speed <= _FASTEST:
            raise ValueError(f"speed: expected {_SLOWEST:g} to {_FASTEST:g}, got {self.speed:g}")


@dataclass(frozen=True, slots=True)
class StreamSnapshot:
    """A stream at one moment, in one immutable value.

    Attributes:
        stream_id: Its name.
        status: State with its reason; ``stalled`` when a live picture is older than ``STALLED_S``, ``ended`` while the
            last picture of a file is held, too.
        paused: Whether the picture is held, by a person or at the end of a file.
        finished: The source has ended, failed or was stopped, and every frame is accounted for.
        age_s: Age of the newest frame, None before the first.
        counts: Where the frames of each attached model went.
        capture_hz: Pictures a second, over the last two seconds.
    """

    stream_id: str
    status: SourceStatus
    paused: bool
    finished: bool
    age_s: float | None
    counts: tuple[Counts, ...]
    capture_hz: float = 0.0


class Stream:
    """A source that runs: idle -> running -> ended | failed | stopped.

    ``stop`` returns at once and holds for everyone from then on: no frame comes any more, although the thread may
    stay inside a native call until that call's own limit.

    Args:
        stream_id: Carried by every result.
        source: Opened, read and closed by the capture thread alone.
        options: How it runs at first. ``set_*`` replaces them as a whole: ``options`` always says how it runs now.
        on_failure: Told once, from the capture thread, when the source cannot go on.
        take_plain: Takes each frame that no model serves, in the capture thread; must not wait. False where there is
            no room for it: asked again after ``wake``.
    """

    def __init__(
        self,
        stream_id: str,
        source: Source,
        options: StreamOptions | None = None,
        *,
        on_failure: Callable[[Stream, InferoscopeError], None] = lambda _stream, _error: None,
        take_plain: Callable[[Stream, Frame], bool] = lambda _stream, _frame: True,
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
        self._take_plain = take_plain
        self._attachments: tuple[Attachment, ...] = ()
        self._lock = Lock()
        self._wishes: Board[Wish] = Board(merge)
        self._stopped = Signal()
        self._ended = Signal()
        self._capture_rate = RateMeter()
        self._playhead = Playhead()
        # Of the capture thread:
        self._wants_room = False  # for a frame that no model serves
        self._captured = 0
        self._round = 0  # frames since the beginning, or since it was looped to
        self._pacer = Pacer(self.options.speed)
        self._limit = self._make_limit()

    # Any thread ---------------------------------------------------------------------------------------------------

    def attach(self, attachment: Attachment) -> None:
        """Bring the frames from now on to one more model; none where it was stopped."""
        with self._lock:
            self._attachments = (*self._attachments, attachment)
        if self._stopped.is_set():
            attachment.close()

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
        self._wish(Wish())

    def let_go(self) -> None:
        """Keep no picture of a stream that was stopped and is shown no more."""
        self.newest_frame = None
        for attachment in self._attachments:
            attachment.newest_result = None

    def pause(self) -> None:
        """Hold the picture of a file."""
        self._wish(Wish(paused=True))

    def play(self) -> None:
        """Go on; from ``start_s`` where it is held at the end."""
        self._wish(Wish(paused=False))

    def step(self, frames: int = 1) -> None:
        """Hold the picture and show the frame that many further (or before, if negative).

        Raises:
            SourceError: The source is live.
        """
        self._require_past("A live source has no frames to step through")
        self._wish(Wish(paused=True, steps=frames))

    def seek_frame(self, index: int) -> None:
        """Go to a frame. Of many seeks at once only the newest is carried out.

        Raises:
            SourceError: The source is live.
        """
        self._require_past("A live source has no other place to go to")
        self._wish(Wish(place=Place(frame=index)))

    def seek_time(self, seconds: float) -> None:
        """Go to the frame that is on screen at a media time.

        Raises:
            SourceError: The source is live.
        """
        self._require_past("A live source has no other place to go to")
        self._wish(Wish(place=Place(time_s=seconds)))

    def refresh(self) -> None:
        """Analyse the held picture again: thresholds or model have changed. The result is ``repeated``.

        Nothing happens before the first frame, and while it plays: there the next frame shows the change.
        """
        self._wish(Wish(again=True))

    def try_now(self) -> None:
        """Do not wait for the next attempt to find a lost source."""
        self._wish(Wish(connected=True))

    def set_speed(self, speed: float) -> None:
        """Play files faster or slower from here on, 0.1 to 16.

        Raises:
            ValueError: Out of this range.
        """
        self._set(speed=speed)

    def set_loop(self, loop: bool) -> None:
        """Begin again at the next end, or not."""
        self._set(loop=loop)

    def set_max_fps(self, rate_hz: float | None) -> None:
        """Analyse so many frames a second at most from here on, None for all."""
        self._set(max_fps=rate_hz)

    def wake(self) -> None:
        """There may be room for results again: let lanes, and the capture thread, look."""
        for attachment in self._attachments:
            attachment.wake()
        if self._wants_room:
            self._wishes.add(Wish())

    def _set(self, **changed: Any) -> None:
        with self._lock:
            self.options = replace(self.options, **changed)
        self._wish(Wish(retimed=True))

    def _wish(self, wish: Wish) -> None:
        self._wishes.add(wish)
        # It may be waiting there, for a slow model.
        for attachment in self._attachments:
            attachment.interrupt()

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
            self._playhead.paused,
            self.finished,
            age_s,
            tuple(attachment.ledger.counts() for attachment in self._attachments),
            self._capture_hz(),
        )

    def _capture_hz(self) -> float:
        with self._lock:
            return self._capture_rate.rate_hz(time.monotonic_ns())

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
        if self._ended.is_set() or self._playhead.at_end:
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
        """One round: wishes, one read; False at the end."""
        if not self._playhead.is_left_alone(time.monotonic_ns()):
            self._obey(0.0)
        while self._playhead.rests and not self._stopped.is_set():
            self._obey(_LOOK_S)
        if self._stopped.is_set():
            return False
        item = self.source.read()
        if self._stopped.is_set():
            return False
        if isinstance(item, Wait):
            self._wait(item.seconds)
            return True
        if isinstance(item, Ended):
            return self._end()
        return self._show(item)

    def _wait(self, seconds: float) -> None:
        """Wait for a source, carrying out wishes, until it is asked for otherwise or the stream was stopped."""
        due_ns = time.monotonic_ns() + int(seconds * 1e9)
        while (left_s := (due_ns - time.monotonic_ns()) / 1e9) > 0:
            if self._obey(min(left_s, _LOOK_S)) or self._stopped.is_set():
                return

    def _show(self, frame: Frame) -> bool:
        if self.mode is Mode.REALTIME and not self.source.live:
            if not self._wait_until_due(frame):
                return True
            # A film is played: the picture comes into being when it is due, not when it was decoded.
            frame = replace(frame, captured_ns=time.monotonic_ns(), captured_utc_ns=time.time_ns())
        if self._playhead.is_seeking:
            # Not before: until its picture comes, the old one is on screen with what was found on it.
            for attachment in self._attachments:
                attachment.newest_result = None
        self._playhead.show()
        self.newest_frame = frame
        with self._lock:
            self._capture_rate.tick(frame.captured_ns)
        self._captured += 1
        self._round += 1
        self._hand_on(frame)
        return self._captured != self.options.max_frames

    def _wait_until_due(self, frame: Frame) -> bool:
        """Wait for a frame's moment, which is now for one that was asked for; False when it is of the past by then."""
        while not self._playhead.owed and not self._stopped.is_set():
            due_in_s = _LOOK_S if self._playhead.paused else self._pacer.due_in_s(frame, time.monotonic_ns())
            if due_in_s <= 0:
                return True
            if self._obey(min(due_in_s, _LOOK_S)):
                return False
        return self._playhead.owed

    def _hand_on(self, frame: Frame) -> None:
        """Bring a frame to the models, or, where none serves, to the recording."""
        attachments = self._attachments
        is_admitted = self._limit.admits(frame)
        if not any(attachment.serving for attachment in attachments):
            self._hand_on_plain(frame)
            for attachment in attachments:
                attachment.skip(frame, DropCause.NO_MODEL if is_admitted else DropCause.RATE_LIMIT)
            return
        is_past = False
        for attachment in attachments:
            if not is_admitted:
                attachment.skip(frame, DropCause.RATE_LIMIT)
                continue
            while not is_past and not self._stopped.is_set() and not attachment.offer(frame, _LOOK_S):
                is_past = self._obey(0.0)
            if is_past:
                attachment.skip(frame, DropCause.TIMELINE)

    def _hand_on_plain(self, frame: Frame) -> None:
        # Set before it is asked for: room that comes in between is told.
        self._wants_room = True
        while not self._stopped.is_set() and not self._take_plain(self, frame):
            if self._obey(_LOOK_S):
                break
        self._wants_room = False

    def _end(self) -> bool:
        """What happens at the end of a file; False when that ends the stream."""
        if self.source.live:
            return False
        info = self.source.info
        is_still = self.options.hold_at_end and info is not None and info.frames == 1
        if self.options.loop and self._round and not is_still:
            # Pictures without a time stay as long at the end of the round as anywhere else, with what is found on them.
            is_timed = self.newest_frame is None or self.newest_frame.media_time_s is not None
            # In every-frame mode a loop is no new timeline: what is under way comes out, nothing is dropped.
            if self.mode is Mode.REALTIME and is_timed:
                self._begin_timeline()
            self._round = 0
            self._go_to(self._start, anew=is_timed)
            return True
        last = Place(frame=info.frames - 1) if info is not None and info.frames else None
        place = self._playhead.end(last, hold=self.options.hold_at_end)
        if place is not None:
            self._go_to(place)
            return True
        # A held picture at the end of a file stays, so that a person can step and seek back.
        return self._playhead.paused

    def _seek_start(self) -> None:
        if self.options.start_s > 0:
            self._playhead.seek(self._start, time.monotonic_ns(), owed=False)
            self._go_to(self._start)

    @property
    def _start(self) -> Place:
        return Place(time_s=self.options.start_s)

    # Wishes, carried out by the capture thread --------------------------------------------------------------------

    def _obey(self, seconds: float) -> bool:
        """Carry out what is wished, waiting for it at most so long; True when what is waited for no longer counts."""
        wish = self._wishes.take(seconds)
        has_gone = wish is not None and self._carry_out(wish)
        return (self._playhead.has_steps and self._take_steps()) or has_gone

    def _carry_out(self, wish: Wish) -> bool:
        if wish.retimed:
            self._pacer.set_speed(self.options.speed, time.monotonic_ns())
            self._limit = self._make_limit()
        if wish.paused is not None:
            self._pacer.reset()
        place = self._playhead.follow(wish, self._start)
        if place is not None:
            self._seek(place)
        # A picture that the limit has left out is not left without a result when it is held.
        if wish.again or (wish.paused and self.options.max_fps is not None):
            self._analyse_again()
        if wish.connected:
            self.source.try_now()
        return place is not None or wish.connected

    def _take_steps(self) -> bool:
        place = self._playhead.take_steps(None if self.newest_frame is None else self.newest_frame.sequence)
        if place is not None:
            self._seek(place)
            return True
        # The very next frame, also where it is in hand and waits for its moment; the limit does not leave it out.
        self._limit.reset()
        return False

    def _analyse_again(self) -> None:
        frame = self.newest_frame
        if frame is None or not self._playhead.rests:
            return
        offered = [attachment.offer_again(frame, _LOOK_S) for attachment in self._attachments]
        if not all(offered):
            self._wishes.add(Wish(again=True))

    def _seek(self, place: Place) -> None:
        self._playhead.seek(place, time.monotonic_ns())
        self._begin_timeline()
        self._go_to(place)

    def _begin_timeline(self) -> None:
        for attachment in self._attachments:
            attachment.advance_timeline()

    def _go_to(self, place: Place, *, anew: bool = True) -> None:
        if anew:
            self._pacer.reset()
        self._limit.reset()
        if place.frame is not None:
            self.source.seek_frame(place.frame)
        elif place.time_s is not None:
            self.source.seek_time(place.time_s)

    def _make_limit(self) -> RateLimit:
        # Where nothing is paced, a second of a file is a second of its media.
        is_played = self.mode is Mode.REALTIME and not self.source.live
        return RateLimit(self.options.max_fps, self.options.speed if is_played else 1.0)

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
