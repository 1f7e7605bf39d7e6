"""Everything that runs: streams, loaded models, the jobs that load them, the watchdog."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from engine.backends.backend import Backend, CompileRequest
from engine.backends.table import load_backend
from engine.capture.source import Source
from engine.cards import Thresholds
from engine.errors import InferoscopeError
from engine.frames import FrameResult
from engine.pipeline.attachment import Attachment
from engine.pipeline.jobs import Job
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import Loader, LoadOptions
from engine.pipeline.mailbox import Lock, Mailbox, Signal
from engine.pipeline.memory import give_back
from engine.pipeline.recording import Recorder, Route
from engine.pipeline.stream import Mode, Stream, StreamOptions
from engine.pipeline.worker import Worker, join_all

_log = logging.getLogger(__name__)

_WATCH_S = 1.0
_EVENTS = 1000
STOP_S = 2.0
"""Within so many seconds a stop is complete, but for threads inside a native call."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that cannot go on: a stream, a model, or the recording. The rest goes on.

    Attributes:
        kind: "stream", "model" or "recording".
        subject: Stream id or model title, "" for the recording.
        error: What happened and what to do.
    """

    kind: str
    subject: str
    error: InferoscopeError


class Session:
    """Streams and models that run together. Streams fail alone; models are shared through their lanes.

    ``close`` stops everything; a session is not used again after that.

    Args:
        load_backend: Finds a backend by name (tests bring their own).
    """

    def __init__(self, load_backend: Callable[[str], Backend] = load_backend) -> None:
        self.failures: Mailbox[Failure] = Mailbox(_EVENTS)
        self._loader = Loader(self._on_model_failure, load_backend, on_loaded=self._keep)
        self._lock = Lock()
        self._streams: tuple[Stream, ...] = ()
        self._models: tuple[LoadedModel, ...] = ()
        self._served: dict[Attachment, LoadedModel] = {}
        self._recorder: Recorder | None = None
        self._stopped = Signal()
        self._watchdog = Worker("watchdog", self._watch)
        self._watchdog.start()

    # Models -------------------------------------------------------------------------------------------------------

    def load(self, backend: str, request: CompileRequest, options: LoadOptions | None = None) -> Job[LoadedModel]:
        """Load a model in the background; streams keep what they have until ``use`` gives them the answer."""
        return self._loader.load(backend, request, options or LoadOptions())

    def use(self, model: LoadedModel, attachment: Attachment) -> None:
        """Let a model serve a stream from now on; frames in the lanes of the one before finish there.

        A model that serves no stream any more is closed. One that has failed in the meantime is reported.
        """
        self._keep(model)
        with self._lock:
            before = self._served.get(attachment)
            self._served[attachment] = model
            # Under the lock: a failure that is found now must not take the stream from the model after it.
            attachment.connect(model.feed)
            idle = before is not None and before not in self._served.values()
        if before is not None and idle:
            before.close()
        if model.failure is not None:
            self._on_model_failure(model, model.failure)

    def _keep(self, model: LoadedModel) -> None:
        """Watch a model, and close it at the end whether it served a stream or not."""
        with self._lock:
            if model not in self._models:
                self._models = (*self._models, model)
        if self._stopped.is_set():
            model.close()

    def _on_model_failure(self, model: LoadedModel, error: InferoscopeError) -> None:
        with self._lock:
            orphans = [a for a, serving in self._served.items() if serving is model]
            for attachment in orphans:
                del self._served[attachment]
                attachment.connect(None)
        if orphans:
            self._report(Failure("model", model.title, error))

    # Streams ------------------------------------------------------------------------------------------------------

    def add_stream(self, stream_id: str, source: Source, options: StreamOptions | None = None) -> Stream:
        """A new stream, not yet started, so that models can be attached before the first frame."""
        stream = Stream(stream_id, source, options, on_failure=self._on_stream_failure)
        with self._lock:
            self._streams = (*self._streams, stream)
        return stream

    def attach(
        self,
        stream: Stream,
        model: LoadedModel | None = None,
        *,
        thresholds: Thresholds | None = None,
        deliver: Callable[[FrameResult], None] = lambda _result: None,
        has_room: Callable[[], bool] = lambda: True,
    ) -> Attachment:
        """Give a stream an end for a model, and the model if it is there already.

        Args:
            stream: Whose frames.
            model: Who analyses them; None until ``use``.
            thresholds: What is kept.
            deliver: Takes each result in its turn, after the recorder; called from a lane's thread, must not wait.
                Where it raises, the first time is a failure of the stream, which goes on.
            has_room: Whether ``deliver`` can take more; asked in every-frame mode alone.
        """
        every_frame = stream.mode is Mode.EVERY_FRAME

        def hand_on(result: FrameResult) -> None:
            recorder = self._recorder
            if recorder is not None:
                recorder.record(result, droppable=not every_frame)
            deliver(result)

        def room() -> bool:
            recorder = self._recorder
            return (recorder is None or recorder.has_room()) and has_room()

        attachment = Attachment(
            stream.stream_id,
            every_frame=every_frame,
            deliver=hand_on,
            has_room=room,
            thresholds=thresholds,
            on_failure=partial(self._on_stream_failure, stream),
        )
        stream.attach(attachment)
        if model is not None:
            self.use(model, attachment)
        return attachment

    @property
    def streams(self) -> tuple[Stream, ...]:
        """All streams, in the order in which they were added."""
        return self._streams

    def _on_stream_failure(self, stream: Stream, error: InferoscopeError) -> None:
        self._report(Failure("stream", stream.stream_id, error))

    # Recording ----------------------------------------------------------------------------------------------------

    def record(self, routes: Sequence[Route], seconds: float = 10.0) -> Recorder:
        """Send results to sinks from now on, opening them first.

        Raises:
            SinkError: A sink cannot be opened.
        """
        recorder = Recorder(
            routes,
            on_room=self._wake_lanes,
            on_failure=lambda error: self._report(Failure("recording", "", error)),
        )
        recorder.start(seconds)
        self._recorder = recorder
        return recorder

    def _wake_lanes(self) -> None:
        for stream in self._streams:
            for attachment in stream.attachments:
                attachment.wake()

    # All ----------------------------------------------------------------------------------------------------------

    def _report(self, failure: Failure) -> None:
        _log.warning("%s %s: %s", failure.kind, failure.subject, failure.error)
        self.failures.offer(failure)

    @property
    def finished(self) -> bool:
        """Whether every stream has come to its end."""
        return all(stream.finished for stream in self._streams)

    def close(self, seconds: float = STOP_S) -> list[str]:
        """Stop everything, waiting at most so long. The recording ends, too, with what has been given to it.

        Returns:
            Names of the threads that are inside a native call still; each ends at that call's own limit and touches
            nothing any more.
        """
        deadline = time.monotonic() + seconds
        self._stopped.set()
        for stream in self._streams:
            stream.stop()
        jobs = self._loader.running
        for job in jobs:
            job.cancel()
        for model in self._models:
            model.close()
        workers = [self._watchdog, *(s.worker for s in self._streams), *(j.worker for j in jobs)]
        late = join_all(workers, deadline - time.monotonic())
        # Only now are they all known: a job that could not be stopped may have brought one more.
        late += join_all([w for m in self._models for w in m.workers()], deadline - time.monotonic())
        if self._recorder is not None and not self._recorder.finish(deadline - time.monotonic()):
            late.append(self._recorder.worker.name)
        give_back()
        return late

    def _watch(self) -> None:
        while not self._stopped.wait(_WATCH_S):
            with self._lock:
                # Those that were closed, too, as long as a lane of theirs runs: it may be hung with a frame.
                self._models = tuple(m for m in self._models if m.workers())
            for model in self._models:
                try:
                    model.watch(time.monotonic_ns())
                    model.refresh_report()
                except Exception:  # noqa: BLE001 - the top of the watchdog's loop: it must go on for the other models
                    _log.exception("The watchdog could not look at %s", model.title)
