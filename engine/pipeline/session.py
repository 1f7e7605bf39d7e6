"""Everything that runs: streams, loaded models, the jobs that load them, the watchdog."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from engine.backends.backend import Backend, CompileRequest
from engine.backends.table import load_backend
from engine.capture.source import Source
from engine.cards import Thresholds
from engine.errors import BackendError, InferoscopeError, SinkError
from engine.frames import Frame, FrameResult
from engine.pipeline.attachment import Attachment
from engine.pipeline.jobs import Job, JobControl
from engine.pipeline.lanes import LoadedModel
from engine.pipeline.loading import Loader, LoadOptions
from engine.pipeline.mailbox import Lock, Mailbox, Signal
from engine.pipeline.memory import give_back, share_arenas
from engine.pipeline.recording import Recorder, Route
from engine.pipeline.stream import Mode, Stream, StreamOptions
from engine.pipeline.worker import Worker, join_all

_log = logging.getLogger(__name__)

T = TypeVar("T")

_WATCH_S = 1.0
_EVENTS = 1000
STOP_S = 2.0
"""Within so many seconds a stop is complete, but for threads inside a native call."""
FILES_S = 8.0
"""So much longer a stop may take where files of a recording are still being written: without an end they are lost."""


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
        share_arenas()
        self.failures: Mailbox[Failure] = Mailbox(_EVENTS)
        self._loader = Loader(self._on_model_failure, load_backend, on_loaded=self._keep)
        self._lock = Lock()
        self._streams: tuple[Stream, ...] = ()
        self._models: tuple[LoadedModel, ...] = ()
        self._served: dict[Attachment, LoadedModel] = {}
        self._recorder: Recorder | None = None
        self._finishing: tuple[Recorder, ...] = ()
        self._jobs: tuple[Job[Any], ...] = ()
        self._leaving: tuple[Worker, ...] = ()
        self._stopped = Signal()
        self._watchdog = Worker("watchdog", self._watch)
        self._watchdog.start()

    # Models -------------------------------------------------------------------------------------------------------

    def load(self, backend: str, request: CompileRequest, options: LoadOptions | None = None) -> Job[LoadedModel]:
        """Load a model in the background; streams keep what they have until ``use`` gives them the answer."""
        return self._loader.load(backend, request, options or LoadOptions())

    def use(self, model: LoadedModel, *attachments: Attachment) -> None:
        """Let a model serve streams from now on; frames in the lanes of the one before finish there. Never waits.

        A model that serves no stream any more is closed unless it is kept, this one too where all of these were stopped
        or removed. One that has failed or was closed in the meantime is reported.
        """
        self._keep(model)
        with self._lock:
            replaced = {self._served.pop(a) for a in attachments if a in self._served}
            for attachment in attachments:
                if not attachment.closed:
                    self._served[attachment] = model
                # Under the lock: a failure that is found now must not take the stream from the model after it.
                attachment.connect(model.feed)
            self._close_idle({*replaced, model})
        if model.feed.closed:
            self._on_model_failure(model, model.failure or _closed_error(model))

    def disconnect(self, attachment: Attachment) -> None:
        """Let no model serve a stream from now on; one that serves no other is closed unless kept. Never waits."""
        with self._lock:
            model = self._served.pop(attachment, None)
            attachment.connect(None)
            if model is not None:
                self._close_idle({model})

    def _close_idle(self, models: Iterable[LoadedModel]) -> None:
        """Close those that serve nobody. Under the lock: nobody can be given one between the look and the close."""
        for model in models:
            if not model.kept and model not in self._served.values():
                model.close()

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
        stream = Stream(stream_id, source, options, on_failure=self._on_stream_failure, take_plain=self._record_plain)
        with self._lock:
            self._streams = (*self._streams, stream)
        return stream

    def remove_stream(self, stream: Stream) -> None:
        """Stop a stream and forget it and its pictures; models that served it alone are closed unless kept.

        Never waits: a thread that is inside a native call ends at that call's own limit; until then ``close`` knows it.
        """
        stream.stop()
        with self._lock:
            self._streams = tuple(other for other in self._streams if other is not stream)
            self._leaving = tuple(w for w in (*self._leaving, stream.worker) if w.alive)
            models = {self._served.pop(a) for a in stream.attachments if a in self._served}
            self._close_idle(models)
        stream.let_go()

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
        # Not the stream itself: one that was removed must go, pictures and all, without the garbage collector.
        every_frame, stream_id = stream.mode is Mode.EVERY_FRAME, stream.stream_id

        def hand_on(result: FrameResult) -> None:
            recorder = self._recorder
            # A recording has each frame once, however often a person looks at it again.
            if recorder is not None and not result.repeated:
                recorder.record(result, droppable=not every_frame)
            deliver(result)

        def room() -> bool:
            recorder = self._recorder
            return (recorder is None or recorder.has_room()) and has_room()

        attachment = Attachment(
            stream_id,
            every_frame=every_frame,
            deliver=hand_on,
            has_room=room,
            thresholds=thresholds,
            on_failure=lambda error: self._report(Failure("stream", stream_id, error)),
        )
        stream.attach(attachment)
        if model is not None:
            self.use(model, attachment)
        return attachment

    @property
    def streams(self) -> tuple[Stream, ...]:
        """All streams, in the order in which they were added."""
        return self._streams

    @property
    def leaving(self) -> int:
        """How many streams were removed whose threads are inside a native call still."""
        return sum(worker.alive for worker in self._leaving)

    def _on_stream_failure(self, stream: Stream, error: InferoscopeError) -> None:
        self._report(Failure("stream", stream.stream_id, error))

    # Recording ----------------------------------------------------------------------------------------------------

    def record(self, routes: Sequence[Route], seconds: float = 10.0) -> Recorder:
        """Send results to sinks from now on, opening them first, within so many seconds.

        Raises:
            SinkError: A sink cannot be opened, or a recording is running.
        """
        recorder = self._make_recorder(routes)
        recorder.start(seconds)
        self._recorder = recorder
        return recorder

    def start_recording(self, routes: Sequence[Route]) -> Recorder:
        """Send results to sinks from now on, and open them meanwhile. Never waits.

        The recorder tells when they are open. One that cannot be opened is reported in ``failures``.

        Raises:
            SinkError: A recording is running.
        """
        self._recorder = recorder = self._make_recorder(routes)
        recorder.start()
        return recorder

    def _make_recorder(self, routes: Sequence[Route]) -> Recorder:
        if self._recorder is not None and not self._recorder.finished:
            raise SinkError("A recording is running", remedy="Stop it before you start another one")
        return Recorder(
            routes,
            on_room=self._wake_streams,
            on_failure=lambda error: self._report(Failure("recording", "", error)),
        )

    def stop_recording(self) -> Recorder | None:
        """End the recording. Never waits: what was given to it is written, and files are finished, in the background.

        Returns:
            What was recording, to follow it to its end; None where nothing was.
        """
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return None
        with self._lock:
            self._finishing = tuple(r for r in (*self._finishing, recorder) if not r.finished)
        recorder.finish()
        # Lanes may hold back for a recorder that takes nothing more.
        self._wake_streams()
        return recorder

    def _record_plain(self, stream: Stream, frame: Frame) -> bool:
        """Take a frame that no model serves; False while there is no room for one that must not be lost."""
        recorder = self._recorder
        if recorder is None:
            return True
        every_frame = stream.mode is Mode.EVERY_FRAME
        if every_frame and not recorder.has_room():
            return False
        recorder.record_plain(frame, stream.stream_id, droppable=not every_frame)
        return True

    def _wake_streams(self) -> None:
        for stream in self._streams:
            stream.wake()

    # Jobs ---------------------------------------------------------------------------------------------------------

    def start_job(
        self, name: str, task: Callable[[JobControl], T], discard: Callable[[T], None] = lambda _answer: None
    ) -> Job[T]:
        """Run a task in a thread of its own; ``close`` cancels it and waits for its thread, as for that of a load.

        Args:
            name: For the thread's name and the log.
            task: Does the work; given the control to report to.
            discard: Given an answer that came after the cancel, to let go of it.
        """
        job = Job(name, task, discard=discard)
        with self._lock:
            self._jobs = tuple(j for j in (*self._jobs, job) if j.worker.alive)
        if self._stopped.is_set():
            job.cancel()
        return job

    # All ----------------------------------------------------------------------------------------------------------

    def _report(self, failure: Failure) -> None:
        _log.warning("%s %s: %s", failure.kind, failure.subject, failure.error)
        self.failures.offer(failure)

    @property
    def finished(self) -> bool:
        """Whether every stream has come to its end."""
        return all(stream.finished for stream in self._streams)

    def close(self, seconds: float = STOP_S) -> list[str]:
        """Stop everything, waiting at most so long, and longer alone for a recording to be finished (``FILES_S``).

        The recording ends with what has been given to it; a video that would be converted is kept as it was recorded.

        Returns:
            Names of the threads that are inside a native call still; each ends at that call's own limit and touches
            nothing any more.
        """
        deadline = time.monotonic() + seconds
        self._stopped.set()
        for stream in self._streams:
            stream.stop()
        jobs = (*self._loader.running, *self._jobs)
        for job in jobs:
            job.cancel()
        for model in self._models:
            model.close()
        # Files first: a camera that is silent must not take the time that they need.
        late = self._end_recordings(deadline)
        streams = (*(s.worker for s in self._streams), *self._leaving)
        workers = [self._watchdog, *streams, *(job.worker for job in jobs)]
        late += join_all(workers, deadline - time.monotonic())
        # Only now are they all known: a job that could not be stopped may have brought one more.
        late += join_all([w for m in self._models for w in m.workers()], deadline - time.monotonic())
        give_back()
        return late

    def _end_recordings(self, deadline: float) -> list[str]:
        if self._recorder is not None:
            # What lanes have begun belongs to the recording; a hung one has no say.
            join_all([w for m in self._models for w in m.workers()], (deadline - time.monotonic()) / 2)
        self.stop_recording()
        recorders = self._finishing
        for recorder in recorders:
            recorder.hurry()
        return join_all([recorder.worker for recorder in recorders], deadline + FILES_S - time.monotonic())

    def _watch(self) -> None:
        while not self._stopped.wait(_WATCH_S):
            if self._forget_ended():
                give_back(collect=False)
            for model in self._models:
                try:
                    model.watch(time.monotonic_ns())
                    model.refresh_report()
                except Exception:  # noqa: BLE001 - the top of the watchdog's loop: it must go on for the other models
                    _log.exception("The watchdog could not look at %s", model.title)

    def _forget_ended(self) -> bool:
        """Forget models and streams that were let go of and whose threads have ended; True where there were any."""
        with self._lock:
            before = (self._models, self._leaving)
            # A closed model stays as long as a lane of it runs: it may be hung with a frame.
            self._models = tuple(model for model in self._models if model.workers())
            self._leaving = tuple(worker for worker in self._leaving if worker.alive)
            return before != (self._models, self._leaving)


def _closed_error(model: LoadedModel) -> BackendError:
    return BackendError("The model was closed, for it served no stream", subject=model.title, remedy="Load it again")
