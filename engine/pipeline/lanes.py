"""A loaded model and the threads that run it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from engine.backends.backend import CompiledModel, InferenceLane
from engine.cards import Configuration
from engine.decoders.decoder import Decoder
from engine.errors import BackendError, InferoscopeError, ModelHungError
from engine.pipeline.attachment import Answer, Draw
from engine.pipeline.mailbox import Feed, Lock, Signal
from engine.pipeline.stages import run_stages
from engine.pipeline.statistics import DropCause
from engine.pipeline.worker import Worker, join_all

_log = logging.getLogger(__name__)

HANG_S = 30.0
"""An inference that takes longer is taken for hung."""
_FAILURES_IN_A_ROW = 10
"""So many frames of one lane that fail one after the other are no accident: the model has failed."""
_LOOK_S = 0.5
"""How often a lane without work looks whether it is still wanted."""


@dataclass(slots=True)
class _LaneState:
    """What the watchdog sees of a lane. ``busy_since_ns`` is 0 while it waits for work."""

    worker: Worker | None = None
    busy_since_ns: int = 0
    draws: tuple[Draw, ...] = ()
    hung: bool = False


class LoadedModel:
    """A compiled model with its decoder and its lanes: one thread, one request and one canvas each.

    States: opening -> ready -> closed; failed or hung from any of them, with ``failure`` saying why.

    Args:
        configuration: Named by every result that the lanes make.
        compiled: Closed by ``close``, when all lanes have let go of it.
        decoder: Shared by the lanes.
        on_failure: Told once when the model cannot go on, from the thread that found out.
        hang_s: Seconds after which an inference is taken for hung.
        kept: It stays when it serves no stream: who loaded it closes it.
    """

    def __init__(
        self,
        configuration: Configuration,
        compiled: CompiledModel,
        decoder: Decoder,
        *,
        on_failure: Callable[[LoadedModel, InferoscopeError], None] = lambda _model, _error: None,
        hang_s: float = HANG_S,
        kept: bool = False,
    ) -> None:
        self.configuration = configuration
        self.kept = kept
        self.feed: Feed[Draw] = Feed(configuration.report.lanes * configuration.card.input.batch)
        self.failure: InferoscopeError | None = None
        self._compiled = compiled
        self._decoder = decoder
        self._on_failure = on_failure
        self._hang_s = hang_s
        self._lock = Lock()
        self._to_open = self._to_leave = configuration.report.lanes
        self._ready = Signal()
        self._lanes = [_LaneState() for _ in range(configuration.report.lanes)]

    @property
    def title(self) -> str:
        """File name and badge, for messages and thread names."""
        return f"{self.configuration.card.path.name} · {self.configuration.report.badge}"

    def start(self) -> None:
        """Open all lanes; each runs once on an empty canvas, so that the first real frame is not the slow one."""
        for number, lane in enumerate(self._lanes):
            lane.worker = Worker(f"lane-{self.configuration.number}.{number}", lambda lane=lane: self._run(lane))  # type: ignore[misc]
            lane.worker.start()

    def wait_ready(self, seconds: float) -> bool:
        """Wait until every lane has run once, or the model has failed; False when neither came in time.

        Raises:
            InferoscopeError: A lane could not be opened or run.
        """
        done = self._ready.wait(seconds)
        if self.failure is not None:
            raise self.failure
        return done

    def close(self) -> None:
        """Send the lanes home; each ends after the frame it has. Returns at once. Twice is once."""
        self.feed.close()
        if all(lane.worker is None for lane in self._lanes):
            self._compiled.close()

    def workers(self) -> list[Worker]:
        """The lanes' threads that run still."""
        return [lane.worker for lane in self._lanes if lane.worker is not None and lane.worker.alive]

    def join(self, seconds: float) -> list[str]:
        """Wait for the lanes to end; the names of those that did not."""
        return join_all(self.workers(), seconds)

    # Watchdog -----------------------------------------------------------------------------------------------------

    def watch(self, now_ns: int) -> None:
        """Give up lanes whose inference does not come back; called about once a second."""
        for lane in self._lanes:
            since = lane.busy_since_ns
            if since and not lane.hung and now_ns - since > self._hang_s * 1e9:
                self._give_up(lane)

    def _give_up(self, lane: _LaneState) -> None:
        lane.hung = True
        for draw in lane.draws:
            draw.attachment.answer(Answer(draw, DropCause.HUNG))
        self._fail(
            ModelHungError(
                f"The model did not come back from an inference within {self._hang_s:g} s",
                subject=self.title,
                remedy="Choose another backend, device or precision, or another model",
            )
        )

    def refresh_report(self) -> None:
        """Read back again what can change while running, such as the device AUTO has moved to."""
        if self.feed.closed:
            return
        report = self._compiled.refresh()
        if report != self.configuration.report:
            card, number = self.configuration.card, self.configuration.number
            self.configuration = Configuration(number, card, report)

    # Lane thread --------------------------------------------------------------------------------------------------

    def _run(self, lane: _LaneState) -> None:
        request: InferenceLane | None = None
        try:
            request = self._open(lane)
            self._work(lane, request)
        except Exception as error:  # noqa: BLE001 - the top of the lane's loop: whatever it was, the model has failed
            self._fail(_as_error(error, self.title))
        finally:
            self._leave()
            if request is not None:
                request.close()

    def _open(self, lane: _LaneState) -> InferenceLane:
        lane.busy_since_ns = time.monotonic_ns()
        request = self._compiled.open_lane()
        request.canvas.fill(0)
        request.infer()
        lane.busy_since_ns = 0
        with self._lock:
            self._to_open -= 1
            all_open = self._to_open == 0
        if all_open:
            self._ready.set()
        return request

    def _leave(self) -> None:
        with self._lock:
            self._to_leave -= 1
            last = self._to_leave == 0
        if last:
            # Before the last request is let go: in the other order its release can hold the GIL for 250 ms.
            self._compiled.close()

    def _work(self, lane: _LaneState, request: InferenceLane) -> None:
        failures = 0
        while not self.feed.closed:
            draw = self.feed.take(_LOOK_S)
            if draw is None:
                continue
            draws = self._fill_batch(draw, len(request.canvas))
            lane.draws, lane.busy_since_ns = draws, time.monotonic_ns()
            try:
                self._process(draws, request)
                failures = 0
            except Exception as error:  # noqa: BLE001 - one frame fails alone; counted, and fatal when it lasts
                failures += 1
                self._fail_frames(draws, error, failures)
            lane.draws, lane.busy_since_ns = (), 0

    def _fill_batch(self, first: Draw, size: int) -> tuple[Draw, ...]:
        draws = [first]
        while len(draws) < size and (draw := self.feed.take_now()) is not None:
            draws.append(draw)
        return tuple(draws)

    def _process(self, draws: tuple[Draw, ...], request: InferenceLane) -> None:
        images, thresholds = [d.frame.image for d in draws], [d.attachment.thresholds for d in draws]
        run = run_stages(request, self.configuration.card.input, self._decoder, images, thresholds)
        configuration = self.configuration
        for draw, geometry, result in zip(draws, run.geometries, run.results, strict=True):
            draw.attachment.answer(Answer(draw, None, result, configuration, geometry, run.stage_ns))

    # Failure ------------------------------------------------------------------------------------------------------

    def _fail_frames(self, draws: tuple[Draw, ...], error: Exception, failures: int) -> None:
        if failures == 1:
            _log.exception("A frame failed in %s", self.title)
        for draw in draws:
            draw.attachment.answer(Answer(draw, DropCause.FAILED))
        if failures >= _FAILURES_IN_A_ROW:
            raise error

    def _fail(self, error: InferoscopeError) -> None:
        with self._lock:
            first, self.failure = self.failure is None, self.failure or error
        self._ready.set()
        if first:
            _log.error("%s", error)
            self.feed.close()
            self._on_failure(self, error)


def _as_error(error: Exception, subject: str) -> InferoscopeError:
    if isinstance(error, InferoscopeError):
        return error
    return BackendError(
        "The model failed while running",
        subject=subject,
        remedy="Choose another backend or look at the log",
        detail=f"{type(error).__name__}: {error}",
    )
