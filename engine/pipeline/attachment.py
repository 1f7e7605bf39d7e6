"""One stream at one model: the slot where its frames wait, their tickets, and the books about them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from engine.cards import Configuration, Thresholds
from engine.errors import InferoscopeError
from engine.frames import CanvasGeometry, Frame, FrameResult, StageTimings
from engine.pipeline.live_accuracy import LiveAccuracy
from engine.pipeline.mailbox import Feed, Lock, Slot
from engine.pipeline.order import Order
from engine.pipeline.statistics import DropCause, Ledger
from engine.results import Result

_log = logging.getLogger(__name__)

_QUEUE_FRAMES = 8
"""Frames that wait in every-frame mode: half of them feed the lanes while the others are read in one go. As many as the
lanes hold where that is more, or a large batch would never be full."""
_OPEN_TICKETS = 16
"""Answers that may wait for an earlier one, or for the sinks, before lanes turn to other streams; at least twice what
the lanes hold."""


class _Waiting(NamedTuple):
    """A frame in the slot; ``offered_ns`` and ``repeated`` as in ``Draw``."""

    frame: Frame
    timeline: int
    offered_ns: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """A frame on its way through a lane, with its place in the stream's order.

    Attributes:
        attachment: Where it came from and its answer goes to.
        frame: The picture.
        ticket: Its place in the order.
        timeline: The timeline in which it came in.
        offered_ns: When it came in: the moment of capture, or of the wish to analyse it again.
        taken_ns: When a lane took it.
        repeated: It was analysed before.
    """

    attachment: Attachment
    frame: Frame
    ticket: int
    timeline: int
    offered_ns: int
    taken_ns: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a draw: a result and who made it, or the cause why there is none."""

    draw: Draw
    cause: DropCause | None = None
    result: Result | None = None
    configuration: Configuration | None = None
    geometry: CanvasGeometry | None = None
    stage_ns: tuple[int, int, int] = (0, 0, 0)


class Attachment:
    """Joins one stream to one model at a time; the model may change while frames are under way.

    Any thread may read ``newest_result`` and set ``thresholds``, which act on the next frame that is decoded. When the
    first picture of a place that was sought comes, there is no newest result until it has one of its own. A loop keeps
    it until the next one, for a film that begins again must not flicker, and so does a stop.

    Args:
        stream_id: Name of the stream, carried by its results.
        every_frame: Drop nothing: the capture thread waits for room, and results keep their order strictly.
        deliver: Takes each result in its turn, from a lane's thread. Must not wait.
        has_room: Whether ``deliver`` could take more now (the sinks keep up). Asked in every-frame mode alone.
        on_failure: Told once when ``deliver`` raises; its frame is counted as failed, and the stream goes on.
    """

    def __init__(
        self,
        stream_id: str,
        *,
        every_frame: bool,
        deliver: Callable[[FrameResult], None],
        has_room: Callable[[], bool] = lambda: True,
        thresholds: Thresholds | None = None,
        on_failure: Callable[[InferoscopeError], None] = lambda _error: None,
    ) -> None:
        self.stream_id = stream_id
        self.thresholds = thresholds or Thresholds()
        self.ledger = Ledger()
        self.accuracy = LiveAccuracy()
        self.newest_result: FrameResult | None = None
        self._every_frame = every_frame
        self._deliver = deliver
        self._has_room = has_room
        self._on_failure = on_failure
        self._failed = False
        self._timeline = 0
        self._slot: Slot[_Waiting] = Slot(_QUEUE_FRAMES if every_frame else 1)
        self._order: Order[Answer] = Order(self._settle, self._settle_late, strict=every_frame)
        self._feed: Feed[Draw] | None = None
        self._poll_lock = Lock()
        self._connect_lock = Lock()

    # Capture thread ---------------------------------------------------------------------------------------------

    def offer(self, frame: Frame, seconds: float) -> bool:
        """Bring a frame in, which is counted from now on.

        Returns:
            False when there was no room for so many seconds (every-frame mode): nothing was counted, try again.
        """
        if self._feed is None:
            self.skip(frame, DropCause.NO_MODEL)
            return True
        if self._every_frame and not self._slot.wait_for_room(seconds):
            return False
        # Counted first: a lane may publish it before this thread runs again.
        self.ledger.capture(frame.captured_ns)
        self.accuracy.capture(frame)
        self._put(_Waiting(frame, self._timeline, frame.captured_ns))
        return True

    def offer_again(self, frame: Frame, seconds: float) -> bool:
        """Bring the held frame in once more, counted like any other; nothing to do while it waits or without a model.

        Returns:
            False when there was no room for so many seconds, as ``offer``.
        """
        waiting = self._slot.newest
        if self._feed is None or (waiting is not None and waiting.frame is frame):
            return True
        if self._every_frame and not self._slot.wait_for_room(seconds):
            return False
        now = time.monotonic_ns()
        self.ledger.capture(now)
        self._put(_Waiting(frame, self._timeline, now, repeated=True))
        return True

    def _put(self, waiting: _Waiting) -> None:
        for _ in self._slot.put(waiting):
            self.ledger.drop(DropCause.TIMELINE if self._slot.closed else DropCause.SUPERSEDED)
        self._call_lane()

    def _call_lane(self) -> None:
        # Asked again: the model may have changed, or gone, while this thread waited for room.
        feed = self._feed
        if feed is not None:
            feed.wake()
        else:
            self._drop_waiting(DropCause.NO_MODEL)

    def skip(self, frame: Frame, cause: DropCause) -> None:
        """Count a frame that is not brought in."""
        self.ledger.capture(frame.captured_ns)
        self.ledger.drop(cause)
        if cause is not DropCause.NO_MODEL:
            self.accuracy.capture(frame)

    def advance_timeline(self) -> None:
        """A seek, loop or stop: what was captured before gives no result any more."""
        self._timeline += 1
        self.accuracy.reset()
        self._drop_waiting(DropCause.TIMELINE)

    def _drop_waiting(self, cause: DropCause) -> None:
        for _ in self._slot.clear():
            self.ledger.drop(cause)

    def interrupt(self) -> None:
        """Let the capture thread look around although there is no room. Any thread."""
        self._slot.interrupt()

    @property
    def idle(self) -> bool:
        """Whether every frame that came in has been accounted for."""
        return self.ledger.counts().in_flight == 0

    def close(self) -> None:
        """Take no frame any more; those under way are discarded when their lanes answer."""
        for _ in self._slot.close():
            self.ledger.drop(DropCause.TIMELINE)
        self.connect(None)

    # Lanes --------------------------------------------------------------------------------------------------------

    @property
    def serving(self) -> bool:
        """Whether a model is connected, so that results are to be expected. Any thread."""
        return self._feed is not None

    @property
    def closed(self) -> bool:
        """Whether it takes no frame any more. Any thread."""
        return self._slot.closed

    def connect(self, feed: Feed[Draw] | None) -> None:
        """Let the lanes of another model take the next frames. Frames in lanes finish where they are. Any thread.

        With None, what waits is dropped: there is no model. Nothing serves what is closed.
        """
        with self._connect_lock:
            if self._slot.closed:
                feed = None
            previous, self._feed = self._feed, feed
            if previous is not None:
                previous.detach(self._poll)
            if feed is not None:
                if self._every_frame:
                    self._slot.widen(feed.places)
                feed.attach(self._poll)
            else:
                self._drop_waiting(DropCause.NO_MODEL)

    def _poll(self) -> Draw | None:
        """The next frame with its ticket, for a lane. Never waits."""
        if self._every_frame and not self._may_open():
            return None
        # One lane at a time: tickets must be drawn in the order in which frames leave the slot.
        with self._poll_lock:
            waiting = self._slot.poll()
            if waiting is None:
                return None
            frame, timeline, offered_ns, repeated = waiting
            return Draw(self, frame, self._order.draw(), timeline, offered_ns, time.monotonic_ns(), repeated)

    def _may_open(self) -> bool:
        feed = self._feed
        places = 0 if feed is None else feed.places
        return self._order.outstanding < max(_OPEN_TICKETS, 2 * places) and self._has_room()

    def answer(self, answer: Answer) -> bool:
        """Settle one draw; False when it had been settled before."""
        settled = self._order.answer(answer.draw.ticket, answer)
        self.wake()
        return settled

    def wake(self) -> None:
        """There may be room again: let a lane look."""
        feed = self._feed
        if feed is not None and len(self._slot):
            feed.wake()

    # In order, one thread at a time -------------------------------------------------------------------------------

    def _settle(self, answer: Answer) -> bool:
        cause = answer.cause
        if cause is None and (answer.draw.timeline != self._timeline or self._slot.closed):
            cause = DropCause.TIMELINE
        if cause is None and not self._publish(answer):
            cause = DropCause.FAILED
        if cause is not None:
            self.ledger.drop(cause)
        return cause is None

    def _publish(self, answer: Answer) -> bool:
        """Hand a result out and count it; False when whoever takes it raised."""
        assert answer.result is not None
        assert answer.configuration is not None
        assert answer.geometry is not None
        now = time.monotonic_ns()
        draw = answer.draw
        timings = StageTimings(draw.taken_ns - draw.offered_ns, *answer.stage_ns, total_ns=now - draw.offered_ns)
        result = FrameResult(
            draw.frame,
            self.stream_id,
            draw.ticket,
            answer.configuration,
            answer.result,
            answer.geometry,
            timings,
            draw.repeated,
        )
        self.newest_result = result
        if draw.timeline != self._timeline:
            # A seek came since this was looked at: what the capture thread clears for it must stay so.
            self.newest_result = None
        try:
            self._deliver(result)
        except Exception as error:  # noqa: BLE001 - a receiver's mistake must stall neither the order nor the lane
            self._fail(error)
            return False
        self.ledger.publish(timings, now)
        self.accuracy.publish(result)
        return True

    def _fail(self, error: Exception) -> None:
        if self._failed:
            return
        self._failed = True
        if not isinstance(error, InferoscopeError):
            _log.exception("The results of %s could not be taken", self.stream_id)
            error = InferoscopeError(
                "The results could not be taken",
                subject=self.stream_id,
                remedy="Look at the log for details",
                detail=f"{type(error).__name__}: {error}",
            )
        self._on_failure(error)

    def _settle_late(self, answer: Answer) -> None:
        self.ledger.drop(answer.cause or DropCause.STALE)
