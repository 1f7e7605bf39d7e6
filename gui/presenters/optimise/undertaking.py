"""A job that runs: its task, its progress, and the frames it is handed where a source cannot be opened twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from engine.capture.tap import TappedSource
from engine.errors import InferoscopeError
from engine.optimise.plan import Plan, Progress
from gui.presenters.port import EnginePort, Task, TaskControl, Tasks
from gui.texts import text


class Job(Protocol):
    """Does what a plan says; ``engine.optimise.job.OptimiseJob`` is one."""

    now: Progress
    """How far it is; any thread may look."""

    def run(self, control: TaskControl) -> Progress:
        """Do it."""


class Undertaking:
    """Begins at once.

    Args:
        job: What is done.
        plan: What it was made of.
        tasks: Runs it.
        tile_id: The tile whose frames are tapped, where they are.
        done: Told when everything is done.
        failed: Told why it cannot go on.
        clock: Monotonic seconds.
    """

    def __init__(
        self,
        job: Job,
        plan: Plan,
        tasks: Tasks,
        *,
        tile_id: str,
        done: Callable[[Progress], None],
        failed: Callable[[InferoscopeError], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self._job = job
        self._tile_id = tile_id
        self._clock = clock
        self._begun_s = clock()
        self._task: Task = tasks.start(text("Optimise", "Optimise"), job.run, done, failed)

    @property
    def progress(self) -> Progress:
        """How far it is."""
        return self._job.now

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._begun_s

    def feed(self, engine: EnginePort) -> None:
        """Hand it the newest frame of the tile, where it is tapped. Called a few times a second."""
        if isinstance(self.plan.tapped, TappedSource):
            picture = engine.picture(self._tile_id)
            if picture is not None:
                self.plan.tapped.offer(picture.frame)

    def cancel(self) -> None:
        """It is over for the person, now; what was finished stays."""
        self._task.cancel()
