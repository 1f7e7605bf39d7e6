"""Background tasks of the window: run as jobs of the engine's session, answered in the GUI thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from engine.errors import CancelledError, InferoscopeError
from engine.pipeline.jobs import Job, JobState
from engine.pipeline.session import Session
from gui.presenters.port import TaskControl

T = TypeVar("T")


class BackgroundTask:
    """A job, and who waits for its answer."""

    def __init__(self, job: Job[Any], done: Callable[[Any], None], failed: Callable[[InferoscopeError], None]) -> None:
        self._job = job
        self._done = done
        self._failed = failed
        self._wanted = True

    @property
    def phase(self) -> str:
        """What is going on, in words."""
        return self._job.status.phase

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None where that is unknown."""
        return self._job.status.share

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return self._job.status.elapsed_s

    def cancel(self) -> None:
        """It is over for the person, now: neither ``done`` nor ``failed`` is called."""
        self._wanted = False
        self._job.cancel()

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the work, at most so long: inside another task, or at the end of the program alone."""
        return self._job.worker.join(seconds)

    @property
    def over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self._job.status.state is not JobState.RUNNING

    def answer(self) -> None:
        """Give the answer of a task that is over to who waits for it."""
        if not self._wanted:
            return
        try:
            answer = self._job.result()
        except CancelledError:
            return
        except InferoscopeError as error:
            self._failed(error)
            return
        self._done(answer)


class BackgroundTasks:
    """Fulfils ``gui.presenters.port.Tasks``. ``settle`` is called at display rate.

    Args:
        session: Joins the tasks' threads when it is closed.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._running: list[BackgroundTask] = []

    def start(
        self,
        name: str,
        work: Callable[[TaskControl], T],
        done: Callable[[T], None],
        failed: Callable[[InferoscopeError], None],
    ) -> BackgroundTask:
        """Run ``work`` in a thread; ``done`` or ``failed`` is called in the GUI thread, later, never before return."""
        task = BackgroundTask(self._session.start_job(name, work), done, failed)
        self._running.append(task)
        return task

    def settle(self) -> None:
        """Answer for the tasks that have ended. An answer may start further tasks."""
        for task in [task for task in self._running if task.over]:
            self._running.remove(task)  # one by one: whoever cannot take an answer keeps no other answer back
            task.answer()
