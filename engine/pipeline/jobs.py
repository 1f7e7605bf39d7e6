"""Long tasks beside the streams: a phase to show, a way to cancel, one answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from engine.backends.cancellation import Cancellation
from engine.errors import BackendError, CancelledError, InferoscopeError
from engine.pipeline.mailbox import Lock, Signal
from engine.pipeline.worker import Worker

_log = logging.getLogger(__name__)

T = TypeVar("T")


class JobState(StrEnum):
    """running -> done | failed | cancelled."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job at one moment.

    Attributes:
        state: Where it stands.
        phase: What it does now, for a person.
        elapsed_s: Seconds since it began.
        expected_s: Seconds that the same task took last time, None where it never ran.
        error: Why it failed.
        share: How much is done, 0 to 1; None where that is unknown.
    """

    state: JobState
    phase: str
    elapsed_s: float
    expected_s: float | None
    error: InferoscopeError | None
    share: float | None = None


class JobControl:
    """The job's own end: tells its phase, asks whether it is still wanted."""

    def __init__(self) -> None:
        self._reached: tuple[str, float | None] = ("Starting", None)
        self._unwanted = Signal()
        self.cancelled = Cancellation()
        """Whether nobody wants the answer any more; tells runtimes that can stop in the middle."""

    @property
    def reached(self) -> tuple[str, float | None]:
        """The phase and how much is done, as one value. Any thread."""
        return self._reached

    def progress(self, phase: str, share: float | None = None) -> None:
        """A new phase begins, or goes on; ``share`` of the whole is done, 0 to 1, None where that is unknown.

        Raises:
            CancelledError: Nobody wants the answer any more.
        """
        self._reached = (phase, share)
        if self.cancelled():
            raise CancelledError

    def wait(self, seconds: float) -> bool:
        """Wait so long, such as for another try; True, at once, when nobody wants the answer any more."""
        return self._unwanted.wait(seconds)

    def cancel(self) -> None:
        """Nobody wants the answer any more."""
        self.cancelled.cancel()
        self._unwanted.set()


class Job(Generic[T]):
    """A task in a thread of its own. ``cancel`` frees the person at once; the thread ends when it can.

    Args:
        name: For the thread's name and the log.
        task: Does the work; given the control to report to.
        discard: Given an answer that came after the cancel, to let go of it.
        expected_s: How long it took last time.
    """

    def __init__(
        self,
        name: str,
        task: Callable[[JobControl], T],
        *,
        discard: Callable[[T], None] = lambda _answer: None,
        expected_s: float | None = None,
    ) -> None:
        self._control = JobControl()
        self._task = task
        self._discard = discard
        self._expected_s = expected_s
        self._lock = Lock()
        self._state = JobState.RUNNING
        self._answer: T | None = None
        self._error: InferoscopeError | None = None
        self._over = Signal()
        self._begun_ns = time.monotonic_ns()
        self._ended_ns = 0
        self.worker = Worker(name, self._run)
        self.worker.start()

    @property
    def status(self) -> JobStatus:
        """Everything an observer may want to know."""
        elapsed_s = ((self._ended_ns or time.monotonic_ns()) - self._begun_ns) / 1e9
        phase, share = self._control.reached
        return JobStatus(self._state, phase, elapsed_s, self._expected_s, self._error, share)

    def cancel(self) -> None:
        """It is over for the person, now. Twice is once."""
        self._control.cancel()
        self._finish(JobState.CANCELLED, error=CancelledError())

    def wait(self, seconds: float) -> bool:
        """Wait for the end, at most so long."""
        return self._over.wait(seconds)

    def result(self) -> T:
        """The answer of a job that is over.

        Raises:
            CancelledError: It was cancelled.
            InferoscopeError: It failed.
        """
        if self._error is not None:
            raise self._error
        if self._state is not JobState.DONE:
            raise BackendError("The task is not done yet")
        return self._answer  # type: ignore[return-value]

    def _run(self) -> None:
        try:
            answer = self._task(self._control)
        except CancelledError as error:
            self._finish(JobState.CANCELLED, error=error)
        except Exception as error:  # noqa: BLE001 - the top of the job's thread
            self._finish(JobState.FAILED, error=_as_error(error, self.worker.name))
        else:
            if not self._finish(JobState.DONE, answer=answer):
                self._discard(answer)

    def _finish(self, state: JobState, *, answer: T | None = None, error: InferoscopeError | None = None) -> bool:
        with self._lock:
            if self._state is not JobState.RUNNING:
                return False
            self._answer, self._error, self._state = answer, error, state
            self._ended_ns = time.monotonic_ns()
        self._over.set()
        return True


def _as_error(error: Exception, name: str) -> InferoscopeError:
    if isinstance(error, InferoscopeError):
        return error
    _log.exception("The task %s failed", name)
    return BackendError(
        "The task failed unexpectedly",
        subject=name,
        remedy="Look at the log for details",
        detail=f"{type(error).__name__}: {error}",
    )
