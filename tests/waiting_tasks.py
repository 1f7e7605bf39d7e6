"""Background tasks that wait until a test lets them run, in its own thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.errors import CancelledError, InferoscopeError
from engine.pipeline.mailbox import Signal


class Control:
    """A task's own end."""

    def __init__(self) -> None:
        self.given_up = False
        self._unwanted = Signal()
        self.phase = ""
        self.share: float | None = None

    def progress(self, phase: str, share: float | None = None) -> None:
        self.phase, self.share = phase, share
        if self.given_up:
            raise CancelledError

    def cancelled(self) -> bool:
        return self.given_up

    def wait(self, seconds: float) -> bool:
        return self._unwanted.wait(seconds)

    def give_up(self) -> None:
        self.given_up = True
        self._unwanted.set()


class WaitingTask:
    """One of them."""

    def __init__(
        self,
        name: str,
        work: Callable[[Any], Any],
        done: Callable[[Any], None],
        failed: Callable[[InferoscopeError], None],
    ) -> None:
        self.name = name
        self.control = Control()
        self._work, self._done, self._failed = work, done, failed
        self.elapsed_s = 0.0
        self.ends = True
        """False is a drive that does not answer: whoever waits does so in vain."""
        self._over = False

    @property
    def phase(self) -> str:
        return self.control.phase

    @property
    def share(self) -> float | None:
        return self.control.share

    def cancel(self) -> None:
        self.control.give_up()

    def wait(self, _seconds: float) -> bool:
        if self.ends:
            self.run()
        return self.ends

    def run(self) -> None:
        """Do the work and answer, unless nobody wants the answer any more."""
        if self._over:
            return
        self._over = True
        try:
            answer = self._work(self.control)
        except InferoscopeError as error:
            if not self.control.given_up:
                self._failed(error)
            return
        if not self.control.given_up:
            self._done(answer)


class WaitingTasks:
    """Fulfils ``gui.presenters.port.Tasks``."""

    def __init__(self) -> None:
        self.waiting: list[WaitingTask] = []
        self.end = True
        """Whether those that are started from now on end when somebody waits for them."""

    def start(
        self,
        name: str,
        work: Callable[[Any], Any],
        done: Callable[[Any], None],
        failed: Callable[[InferoscopeError], None],
    ) -> WaitingTask:
        task = WaitingTask(name, work, done, failed)
        task.ends = self.end
        self.waiting.append(task)
        return task

    @property
    def names(self) -> list[str]:
        """Of those that wait."""
        return [task.name for task in self.waiting if not task.control.given_up]

    def run(self) -> None:
        """Let those that wait run, and what they start in turn."""
        while self.waiting:
            self.waiting.pop(0).run()
