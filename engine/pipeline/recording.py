"""The sink thread: takes results off the lanes' hands and writes them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.errors import InferoscopeError, SinkError
from engine.frames import FrameResult
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


class Recorder:
    """One thread that opens, feeds and closes sinks. A sink that fails ends the recording, not the streams.

    Every result that was given ends in the sinks or in ``not_recorded``.

    Args:
        routes: What goes where.
        on_room: Told when there is room again, so that lanes that held back look for work.
        on_failure: Told once when a sink fails after the start, from the sink thread.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        on_room: Callable[[], None] = lambda: None,
        on_failure: Callable[[InferoscopeError], None] = lambda _error: None,
    ) -> None:
        self.not_recorded = 0
        self.failure: InferoscopeError | None = None
        self.worker = Worker("sinks", self._run)
        self._routes = tuple(routes)
        self._on_room = on_room
        self._on_failure = on_failure
        self._lock = Lock()
        self._results: Mailbox[FrameResult] = Mailbox(_HARD_LIMIT)
        self._open = Signal()
        self._finish = Signal()

    def start(self, seconds: float) -> None:
        """Open every sink, waiting at most so long.

        Raises:
            SinkError: A sink cannot be opened, or not in time.
        """
        self.worker.start()
        if not self._open.wait(seconds):
            self._finish.set()
            raise SinkError("The file for the results could not be opened in time", remedy="Choose another folder")
        if self.failure is not None:
            raise self.failure

    def has_room(self) -> bool:
        """Whether the sinks keep up. True after a failure: nobody waits for what will never be written."""
        return len(self._results) < _ROOM or self.failure is not None

    def record(self, result: FrameResult, *, droppable: bool) -> None:
        """Take a result. Never waits: of a live stream it is dropped and counted when the sinks are behind."""
        over = self.failure is not None or self._finish.is_set()
        behind = droppable and len(self._results) >= _LIVE_ROOM
        if over or behind or not self._results.offer(result):
            self._count_lost()

    def _count_lost(self) -> None:
        with self._lock:
            self.not_recorded += 1

    def finish(self, seconds: float) -> bool:
        """Write what waits, close every sink, at most so long; False when it still goes on then."""
        self._finish.set()
        return self.worker.join(seconds)

    def _run(self) -> None:
        opened: list[Sink] = []
        try:
            for route in self._routes:
                route.sink.open()
                opened.append(route.sink)
            self._open.set()
            self._drain()
        except Exception as error:  # noqa: BLE001 - the top of the sink thread's loop
            self._fail(error)
        finally:
            self._close(opened)
            while self._results.take(0.0) is not None:
                self._count_lost()
            self._open.set()

    def _drain(self) -> None:
        while True:
            # Looked at before taking: what was recorded before the finish is still written.
            finishing = self._finish.is_set()
            result = self._results.take(0.0 if finishing else _LOOK_S)
            if result is not None:
                self._write(result)
                self._on_room()
            elif finishing:
                return

    def _write(self, result: FrameResult) -> None:
        try:
            for route in self._routes:
                if route.stream_id in (None, result.stream_id):
                    route.sink.write(result)
        except Exception:
            self._count_lost()
            raise

    def _close(self, opened: Sequence[Sink]) -> None:
        for sink in opened:
            try:
                sink.close()
            except Exception as error:  # noqa: BLE001 - the other sinks are closed all the same
                self._fail(error)

    def _fail(self, error: Exception) -> None:
        if self.failure is not None:
            return
        if not isinstance(error, InferoscopeError):
            _log.exception("Recording failed")
            error = SinkError("The results could not be written", detail=f"{type(error).__name__}: {error}")
        self.failure = error
        self._on_room()
        if self._open.is_set():
            self._on_failure(error)
