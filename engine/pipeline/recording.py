"""The sink thread: takes results off the lanes' hands and writes them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.errors import CancelledError, InferoscopeError, SinkError
from engine.frames import Frame, FrameResult
from engine.pipeline.mailbox import Lock, Mailbox, Signal
from engine.pipeline.worker import Worker
from engine.sinks.sink import Sink

_log = logging.getLogger(__name__)

_ROOM = 16
"""Results that may wait for the sinks before files are held back; at 1080p each holds 6 MB."""
_LIVE_ROOM = 2 * _ROOM
"""So many before those of live streams are dropped: more, or a file that fills every place would leave them none."""
_HARD_LIMIT = 1024
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True)
class Route:
    """A sink and the stream it takes, None for all streams."""

    sink: Sink
    stream_id: str | None = None

    def takes(self, stream_id: str) -> bool:
        """Whether what this stream shows goes here."""
        return self.stream_id in (None, stream_id)


class Recorder:
    """One thread that opens, feeds and closes sinks. A sink that fails ends the recording, not the streams.

    States: opening -> open -> finishing -> finished; ``failure`` says why where it ended early. Every frame of a
    stream that goes anywhere ends in ``written`` or in ``not_recorded``. Any thread may read these.

    Args:
        routes: What goes where.
        on_room: Told when there is room again, so that lanes that held back look for work.
        on_failure: Told once when a sink fails, from the sink thread; not of what ``start`` raises.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        on_room: Callable[[], None] = lambda: None,
        on_failure: Callable[[InferoscopeError], None] = lambda _error: None,
    ) -> None:
        self.written = 0
        self.not_recorded = 0
        self.finishing_share: float | None = None
        """How much of what takes long while finishing (a conversion) is done, 0 to 1; None where nothing does."""
        self.failure: InferoscopeError | None = None
        self.worker = Worker("sinks", self._run)
        self._routes = tuple(routes)
        self._on_room = on_room
        self._on_failure = on_failure
        self._lock = Lock()
        self._waiting: Mailbox[tuple[str, FrameResult | Frame]] = Mailbox(_HARD_LIMIT)
        self._is_awaited = False
        self._is_open = False
        self._open = Signal()
        self._finish = Signal()
        self._hurry = Signal()
        self._finished = Signal()

    def start(self, seconds: float | None = None) -> None:
        """Open every sink, waiting at most so long; None does not wait: ``opened`` and ``failure`` tell.

        Raises:
            SinkError: A sink cannot be opened, or not in time.
        """
        self._is_awaited = seconds is not None
        self.worker.start()
        if seconds is None:
            return
        if not self._open.wait(seconds):
            self._finish.set()
            raise SinkError("The file for the results could not be opened in time", remedy="Choose another folder")
        if self.failure is not None:
            raise self.failure

    @property
    def opened(self) -> bool:
        """Whether every sink is open, or was."""
        return self._is_open

    @property
    def finished(self) -> bool:
        """Whether it has ended and all files are closed."""
        return self._finished.is_set()

    def has_room(self) -> bool:
        """Whether the sinks keep up. True after a failure: nobody waits for what will never be written."""
        return len(self._waiting) < _ROOM or self.failure is not None or self._finish.is_set()

    def record(self, result: FrameResult, *, droppable: bool) -> None:
        """Take a result. Never waits: of a live stream it is dropped and counted when the sinks are behind."""
        self._take(result.stream_id, result, droppable=droppable)

    def record_plain(self, frame: Frame, stream_id: str, *, droppable: bool) -> None:
        """Take a frame that no model serves, as ``record`` takes a result."""
        self._take(stream_id, frame, droppable=droppable)

    def _take(self, stream_id: str, shown: FrameResult | Frame, *, droppable: bool) -> None:
        if not any(route.takes(stream_id) for route in self._routes):
            return
        over = self.failure is not None or self._finish.is_set()
        behind = droppable and len(self._waiting) >= _LIVE_ROOM
        if over or behind or not self._waiting.offer((stream_id, shown)):
            self._count_lost()

    def _count_lost(self) -> None:
        with self._lock:
            self.not_recorded += 1

    def finish(self, seconds: float = 0.0) -> bool:
        """Write what waits, close every sink, waiting for it at most so long; False when it still goes on then."""
        self._finish.set()
        self._waiting.wake()
        return self.worker.join(seconds)

    def hurry(self) -> None:
        """Leave out what makes finishing long: a video that would be converted is kept as it was recorded."""
        self._hurry.set()

    # Sink thread --------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        opened: list[Sink] = []
        try:
            for route in self._routes:
                route.sink.open()
                opened.append(route.sink)
            self._is_open = True
            self._open.set()
            self._drain()
        except Exception as error:  # noqa: BLE001 - the top of the sink thread's loop
            self._fail(error)
        finally:
            self._close(opened)
            while self._waiting.take(0.0) is not None:
                self._count_lost()
            self._finished.set()
            self._open.set()

    def _drain(self) -> None:
        while True:
            # Looked at before taking: what was recorded before the finish is still written.
            finishing = self._finish.is_set()
            item = self._waiting.take(0.0 if finishing else _LOOK_S)
            if item is not None:
                self._write(*item)
                self._on_room()
            elif finishing:
                return

    def _write(self, stream_id: str, shown: FrameResult | Frame) -> None:
        try:
            for route in self._routes:
                if route.takes(stream_id):
                    route.sink.write(shown)
        except Exception:
            self._count_lost()
            raise
        self.written += 1

    def _close(self, opened: Sequence[Sink]) -> None:
        for sink in opened:
            try:
                sink.close(self._on_progress)
            except Exception as error:  # noqa: BLE001 - the other sinks are closed all the same
                self._fail(error)
            self.finishing_share = None

    def _on_progress(self, share: float) -> None:
        self.finishing_share = share
        if self._hurry.is_set():
            raise CancelledError

    def _fail(self, error: Exception) -> None:
        if self.failure is not None:
            return
        if not isinstance(error, InferoscopeError):
            _log.exception("Recording failed")
            error = SinkError(
                "The results could not be written",
                remedy="Look at the log for details",
                detail=f"{type(error).__name__}: {error}",
            )
        self.failure = error
        self._on_room()
        if self._open.is_set() or not self._is_awaited:
            self._on_failure(error)
