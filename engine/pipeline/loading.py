"""From a file to running lanes: identify is done, so try, compile, warm up."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.backends.backend import Backend, CompileRequest
from engine.backends.table import load_backend
from engine.cards import Configuration
from engine.decoders.table import make_decoder
from engine.errors import BackendError, CancelledError, InferoscopeError
from engine.pipeline.durations import last_duration_s, remember_duration
from engine.pipeline.jobs import Job, JobControl
from engine.pipeline.lanes import HANG_S, LoadedModel
from engine.pipeline.trial import ensure_tried
from engine.pipeline.worker import Worker

_LOOK_S = 0.2
_WARM_UP_LIMIT_S = 120.0
"""The first run on a GPU may compile kernels."""
_EARLIER_LIMIT_S = 1800.0
"""Longest wait for an earlier compilation; some for a GPU take a quarter of an hour."""

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What a loading job does beside compiling.

    Attributes:
        trial: Run a file that was never tried in a child process first.
        hang_s: Seconds after which an inference is taken for hung.
        keep: The model stays loaded when it serves no stream: who asked for it closes it, at the latest the session.
    """

    trial: bool = True
    hang_s: float = HANG_S
    keep: bool = False


class Loader:
    """Starts loading jobs. A compile that cannot be cancelled ends unseen, one at most: the next one waits for it.

    Args:
        on_failure: Told when a model fails, while it is loaded or later.
        load_backend: Finds a backend by name.
        on_loaded: Given each model when its lanes are warm, from the job's thread.
    """

    def __init__(
        self,
        on_failure: Callable[[LoadedModel, InferoscopeError], None],
        load_backend: Callable[[str], Backend] = load_backend,
        *,
        on_loaded: Callable[[LoadedModel], None] = lambda _model: None,
    ) -> None:
        self._on_failure = on_failure
        self._load_backend = load_backend
        self._on_loaded = on_loaded
        self._running: tuple[Job[LoadedModel], ...] = ()

    def load(self, backend: str, request: CompileRequest, options: LoadOptions) -> Job[LoadedModel]:
        """Begin to load a model; the job's answer has all its lanes open and warm.

        The job fails with ``NotAvailableError`` or ``BackendError`` where the model cannot be run as asked.
        """
        earlier = [job.worker for job in self.running]
        task_name = _task_name(backend, request)

        def task(control: JobControl) -> LoadedModel:
            _wait_for(earlier, control)
            begun = time.monotonic()
            model = self._load(backend, request, options, control)
            remember_duration(task_name, time.monotonic() - begun)
            return model

        job = Job(f"load-{request.card.path.name}", task, discard=_close, expected_s=last_duration_s(task_name))
        self._running = (*self.running, job)
        return job

    @property
    def running(self) -> tuple[Job[LoadedModel], ...]:
        """The jobs whose threads have not ended, those that were cancelled included."""
        self._running = tuple(job for job in self._running if job.worker.alive)
        return self._running

    def _load(self, name: str, request: CompileRequest, options: LoadOptions, control: JobControl) -> LoadedModel:
        decoder = make_decoder(request.card)
        control.progress("Starting the runtime")
        backend = self._load_backend(name)
        if options.trial:
            control.progress("Trying the new model in a process of its own")
            ensure_tried(name, backend.version, request, control.cancelled)
        compiled = backend.compile(request, control.progress, control.cancelled)
        configuration = Configuration(next(_numbers), request.card, compiled.report)
        model = LoadedModel(
            configuration, compiled, decoder, on_failure=self._on_failure, hang_s=options.hang_s, kept=options.keep
        )
        try:
            _warm_up(model, control)
        except InferoscopeError:
            _close(model)
            raise
        self._on_loaded(model)
        return model


def _warm_up(model: LoadedModel, control: JobControl) -> None:
    control.progress("Warming up")
    model.start()
    deadline = time.monotonic() + _WARM_UP_LIMIT_S
    while not model.wait_ready(_LOOK_S):
        if control.cancelled():
            raise CancelledError
        if time.monotonic() > deadline:
            raise BackendError(
                f"The model did not finish its first run within {_WARM_UP_LIMIT_S:g} s",
                subject=model.title,
                remedy="Choose another backend, device or precision, or another model",
            )


def _wait_for(earlier: Sequence[Worker], control: JobControl) -> None:
    deadline = time.monotonic() + _EARLIER_LIMIT_S
    for worker in earlier:
        while not worker.join(_LOOK_S):
            control.progress("Waiting for an earlier compilation to end")
            if time.monotonic() > deadline:
                raise BackendError(
                    f"An earlier compilation did not end within {_EARLIER_LIMIT_S / 60:g} minutes",
                    subject=worker.name,
                    remedy="Start the program again",
                )


def _close(model: LoadedModel) -> None:
    model.close()


def _task_name(backend: str, request: CompileRequest) -> str:
    parts = (request.card.sha256, backend, request.device or "default", request.precision, request.profile)
    return "load " + " ".join(parts)
