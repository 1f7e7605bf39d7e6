"""The engine's side of one tile: its stream, and the end of it that a model serves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from engine.capture.source import Source, SourceState, SourceStatus
from engine.capture.table import open_source
from engine.cards import Configuration
from engine.errors import InferoscopeError, SourceError, SourceReason
from engine.frames import Frame, FrameResult
from engine.pipeline.attachment import Attachment
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.session import Session
from engine.pipeline.statistics import STAGES, RateMeter
from engine.pipeline.stream import Mode, Stream, StreamOptions
from gui.engine_words import in_full
from gui.presenters.port import Picture, Task, TaskControl, Tasks, TileState, Timing
from gui.presenters.secrets import HIDDEN, Secrets
from gui.presenters.workspace import Display, Tile
from gui.texts import text

_log = logging.getLogger(__name__)

_BEHIND_S = 1.5
"""A result that is further behind its stream is no reason to hold the picture: it would pass for an old one."""
_MOST_LEAVING = 32
"""Streams that were closed and are inside a native call still: with so many, further ones wait before they open."""
_REOPENING = ("source", "options", "every_frame")
"""Fields of a tile that make another stream."""


class RunningTile:
    """Makes one stream agree with its tile. GUI thread alone.

    Args:
        tile: As the person wants it.
        session: Runs the stream.
        tasks: Opens sources in the background: folders and keyrings may be slow.
        secrets: Completes addresses.
        model: Says which model serves the tile at the moment at which it opens.
    """

    def __init__(
        self, tile: Tile, session: Session, tasks: Tasks, secrets: Secrets, model: Callable[[], LoadedModel | None]
    ) -> None:
        self.tile = tile
        self.stream: Stream | None = None
        self.attachment: Attachment | None = None
        self._session = session
        self._tasks = tasks
        self._secrets = secrets
        self._model = model
        self._place_s = 0.0
        self._due = False
        self._opening: Task | None = None
        self._error: InferoscopeError | None = None
        self._picture: Picture | None = None
        self._display_rate = RateMeter()
        self._draw_ms = 0.0
        self._configuration: Configuration | None = None
        if tile.running:
            self.open()

    # What lasts ---------------------------------------------------------------------------------------------------

    def follow(self, tile: Tile) -> None:
        """Agree with the tile as it is now."""
        before, self.tile = self.tile, tile
        if tile.running != before.running or any(getattr(tile, f) != getattr(before, f) for f in _REOPENING):
            same_source = tile.source == before.source and tile.running
            place_s = self._reached_s() if same_source else 0.0
            self.close()
            if tile.running:
                self.open(place_s)
        else:
            self._adjust(before)

    def _adjust(self, before: Tile) -> None:
        stream, tile = self.stream, self.tile
        if stream is None or self.attachment is None:
            return
        if tile.speed != before.speed:
            stream.set_speed(tile.speed)
        if tile.loop != before.loop:
            stream.set_loop(tile.loop)
        if tile.max_fps != before.max_fps:
            stream.set_max_fps(tile.max_fps)
        if tile.thresholds != before.thresholds:
            self.attachment.thresholds = tile.thresholds
            self._refresh()

    def _refresh(self) -> None:
        """Analyse a held picture again: something about its analysis has changed."""
        if self.stream is not None:
            self.stream.refresh()

    def serve(self, model: LoadedModel | None) -> None:
        """Let a model analyse it from now on; None for none."""
        if self.attachment is None:
            return
        if model is None:
            self._session.disconnect(self.attachment)
        else:
            self._session.use(model, self.attachment)
            self._refresh()

    def open(self, place_s: float = 0.0) -> None:
        """Begin to stream, from the beginning or a place in the media."""
        self.close()
        if self.tile.source:
            self._place_s, self._due = place_s, True
            self.settle()

    def settle(self) -> None:
        """Begin to open what is due, unless too many streams have not let go of their sources yet."""
        if self._due and self._session.leaving < _MOST_LEAVING:
            self._due = False
            self._open()

    def _open(self) -> None:
        tile = self.tile

        def work(_control: TaskControl) -> Source:
            return open_source(self._complete(tile.source), tile.options)

        self._opening = self._tasks.start(f"open-{tile.tile_id}", work, self._start, self._fail)

    def _complete(self, source: str) -> str:
        """The address with its secrets."""
        if HIDDEN not in source:
            return source
        full = self._secrets.full_address(source)
        if full is None:
            raise SourceError(
                text("Password", "The password is not known any more"),
                reason=SourceReason.AUTHENTICATION,
                subject=source,
                remedy=text("Password", "Enter it again"),
            )
        return full

    def _start(self, source: Source) -> None:
        tile = self.tile
        self._opening = None
        options = StreamOptions(
            mode=Mode.EVERY_FRAME if tile.every_frame and not source.live else Mode.REALTIME,
            loop=tile.loop,
            max_fps=tile.max_fps,
            speed=tile.speed,
            hold_at_end=True,
        )
        self.stream = self._session.add_stream(tile.tile_id, source, options)
        self.attachment = self._session.attach(self.stream, self._model(), thresholds=tile.thresholds)
        if self._place_s and not source.live:
            self.stream.seek_time(self._place_s)  # not the stream's beginning: a loop goes back to that
        self.stream.start()

    def _fail(self, error: InferoscopeError) -> None:
        self._opening = None
        self._error = error

    def close(self) -> None:
        """Stop to stream; the last picture goes with it."""
        if self._opening is not None:
            self._opening.cancel()
        if self.stream is not None:
            self._session.remove_stream(self.stream)
        self._place_s, self._due = 0.0, False
        self._opening = self.stream = self.attachment = self._picture = self._error = None

    # What is pulled -----------------------------------------------------------------------------------------------

    def state(self) -> TileState:
        """The stream at this moment."""
        if self.stream is None or self.attachment is None:
            return self._state_without_stream()
        snapshot = self.stream.snapshot()
        info, frame = self.stream.source.info, self.stream.newest_frame
        status, paused = snapshot.status, snapshot.paused
        if info is not None and info.kind == "image" and status.state is SourceState.ENDED:
            # A still picture is held by nobody, and does not end: it is there.
            status, paused = replace(status, state=SourceState.LIVE), False
        counts = self.attachment.ledger.counts()
        return TileState(
            open=True,
            status=status,
            info=info,
            paused=paused,
            age_s=snapshot.age_s,
            position=None if frame is None else frame.sequence,
            media_time_s=None if frame is None else frame.media_time_s,
            captured=counts.captured,
            published=counts.published,
            dropped={cause.value: count for cause, count in counts.dropped.items()},
            capture_hz=snapshot.capture_hz,
            inference_hz=self.attachment.ledger.rates_hz()[1],
            display_hz=self._display_rate.rate_hz(time.monotonic_ns()),
            accuracy=self.attachment.accuracy.newest(time.monotonic_ns()),
            error=self.stream.failure,
            password_wanted=snapshot.status.reason is SourceReason.AUTHENTICATION,
        )

    def _state_without_stream(self) -> TileState:
        if self._opening is not None or self._due:
            return TileState(open=True, status=SourceStatus(SourceState.CONNECTING))
        if self._error is None:
            return TileState()
        reason = self._error.reason if isinstance(self._error, SourceError) else None
        return TileState(
            status=SourceStatus(SourceState.FAILED, reason=reason, message=in_full(self._error)),
            error=self._error,
            password_wanted=reason is SourceReason.AUTHENTICATION,
        )

    def picture(self) -> Picture | None:
        """What to show now; the same object as long as nothing new came."""
        stream, attachment = self.stream, self.attachment
        if stream is None or attachment is None or stream.newest_frame is None:
            return None
        frame, result, behind_s = self._chosen(stream.newest_frame, attachment)
        shown = self._picture
        if shown is None or shown.frame is not frame or shown.result is not result:
            self._picture = Picture(frame, result, behind_s)
            self._note(result)
        return self._picture

    def _note(self, result: FrameResult | None) -> None:
        """Log whose results are shown, when that changes."""
        if result is not None and result.configuration is not self._configuration:
            self._configuration = shown = result.configuration
            _log.info("%s shows results of %s, %s", self.tile.source, shown.card.path.name, shown.report.badge)

    def _chosen(self, frame: Frame, attachment: Attachment) -> tuple[Frame, FrameResult | None, float]:
        result = attachment.newest_result
        if result is None or not attachment.serving:
            return frame, None, 0.0
        behind_s = (frame.captured_ns - result.frame.captured_ns) / 1e9
        if self.tile.display is Display.IN_STEP and behind_s <= _BEHIND_S:
            return result.frame, result, 0.0
        return frame, result, max(0.0, behind_s)

    def take_timings(self) -> tuple[Timing, ...]:
        """The results published since the last call."""
        if self.attachment is None:
            return ()
        return tuple(
            Timing(at_ns / 1e9, (*(getattr(t, f"{s}_ns") / 1e6 for s in STAGES[:4]), self._draw_ms))
            for at_ns, t in self.attachment.ledger.take_recent()
        )

    def drawn(self, draw_ms: float) -> None:
        """A new picture was painted."""
        self._draw_ms = draw_ms
        self._display_rate.tick(time.monotonic_ns())

    def _reached_s(self) -> float:
        """Its place in the media; before the first picture that at which it opens."""
        frame = None if self.stream is None else self.stream.newest_frame
        return self._place_s if frame is None or frame.media_time_s is None else frame.media_time_s

    def hold(self, *, paused: bool) -> None:
        """Hold the picture, or go on."""
        if self.stream is not None:
            (self.stream.pause if paused else self.stream.play)()

    def try_now(self) -> None:
        """Do not wait for the next attempt to find a lost source."""
        if self.stream is not None:
            self.stream.try_now()

    def restart(self) -> None:
        """Open the source again, unless it was stopped meanwhile."""
        if self.tile.running:
            self.open()
