"""What a person records, as sinks of the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from engine.errors import InferoscopeError, SinkError
from engine.pipeline.recording import Recorder, Route
from engine.pipeline.session import Session
from engine.pipeline.stream import Stream
from engine.pipeline.stream_timing import video_timing
from engine.sinks.csv_rows import CsvSink
from engine.sinks.json_lines import JsonLinesSink
from engine.sinks.sink import Sink
from engine.sinks.video_file import VideoFileSink
from gui.presenters.port import RecordingPlan, RecordingState, TileRecording
from gui.texts import text

_RECORDS: dict[str, Callable[[Path], Sink]] = {"jsonl": JsonLinesSink, "csv": CsvSink}


class Recording:
    """One recording at a time, followed to the end of its files. GUI thread alone.

    Args:
        session: Records.
        stream_of: The running stream of a tile, None where there is none.
    """

    def __init__(self, session: Session, stream_of: Callable[[str], Stream | None]) -> None:
        self._session = session
        self._stream_of = stream_of
        self._recorder: Recorder | None = None
        self._error: InferoscopeError | None = None
        self._files: tuple[Path, ...] = ()
        self._begun_s = 0.0
        self._ended_s: float | None = None

    def start(self, plan: RecordingPlan) -> None:
        """Record from now on. Nothing happens while a recording is active."""
        if self.state().active:
            return
        streams = [(tile, stream) for tile in plan.tiles if (stream := self._stream_of(tile.tile_id)) is not None]
        self._files = tuple(file for tile, _ in streams for file in _files(plan, tile))
        self._begun_s, self._ended_s, self._error, self._recorder = time.monotonic(), None, None, None
        if not streams:
            self._error = SinkError(
                text("Recording", "Nothing streams any more"), remedy=text("Recording", "Start a stream")
            )
            return
        try:
            self._recorder = self._session.start_recording([r for t, s in streams for r in _routes(plan, t, s)])
        except InferoscopeError as error:
            self._error = error

    def stop(self) -> None:
        """End it; its files are finished in the background."""
        if self._recorder is not None and self._ended_s is None:
            self._ended_s = time.monotonic()
            self._session.stop_recording()

    def state(self) -> RecordingState:
        """The recording at this moment, or how the last one went."""
        recorder = self._recorder
        if recorder is None:
            return RecordingState(error=self._error)
        if recorder.failure is not None:
            self.stop()
        ended_s = self._ended_s or time.monotonic()
        return RecordingState(
            active=not recorder.finished,
            finishing=None if recorder.finished or self._ended_s is None else recorder.finishing_share or 0.0,
            elapsed_s=ended_s - self._begun_s,
            frames=recorder.written,
            not_recorded=recorder.not_recorded,
            files=self._files,
            error=recorder.failure,
        )


def _files(plan: RecordingPlan, tile: TileRecording) -> Iterator[Path]:
    yield plan.folder / f"{tile.stem}{plan.video_ending}"
    if plan.records in _RECORDS:
        yield plan.folder / f"{tile.stem}.{plan.records}"


def _routes(plan: RecordingPlan, tile: TileRecording, stream: Stream) -> Iterator[Route]:
    video, *records = _files(plan, tile)
    timing = partial(video_timing, stream)
    sink = VideoFileSink(video, timing, style=tile.style, keep_free_bytes=plan.keep_free_bytes)
    yield Route(sink, stream.stream_id)
    for path in records:
        yield Route(_RECORDS[plan.records](path), stream.stream_id)
